"""Verification: what it reports and which attacks on a finished journal it names."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tarazy.domain.records import CreditDeposit
from tarazy.domain.signer import KeySigner
from tarazy.journal.errors import (
    HeadError,
    IdentityError,
    RequestReferenceError,
    ShortenedError,
    SignatureError,
    SnapshotError,
    StatementError,
)
from tarazy.journal.frame import FrameDraft, FrameKind, Position, seal
from tarazy.journal.identity import load_identity
from tarazy.journal.keys import load_signing_key
from tarazy.journal.merkle import root_of
from tarazy.journal.note import open_head, sign_head, verifier_key
from tarazy.journal.sections import RequestReference, encode_entries
from tarazy.journal.segment import segment_path
from tarazy.journal.snapshots import snapshot_path
from tarazy.journal.statement import Statement
from tarazy.journal.verify import Head, verify
from tests.simulation.plain_facility import PlainFacility, Unsynced

from .building import build, commands, create, frames_of, places_of

COUNTS = [5, 0, 20, 12, 0, 3]


def key_of(directory: Path) -> KeySigner:
    """Return the facility's key."""
    return load_signing_key(directory, load_identity(directory))


def last_frame_replaced(directory: Path, draft: FrameDraft) -> None:
    """Replace the last frame by another one, with right hashes."""
    frame, place = frames_of(directory)[-1], places_of(directory)[-1]
    position = Position(frame.header.frame_number, frame.header.prev_hash, frame.header.first_seq)
    whole = b"".join(seal(draft, position, frame.header.edition, frame.header.writer_term)[1])
    path = segment_path(directory, place.segment)
    data = bytearray(path.read_bytes())
    data[place.offset : place.offset + frame.header.frame_bytes] = bytes(frame.header.frame_bytes)
    data[place.offset : place.offset + len(whole)] = whole
    path.write_bytes(data)


def last_statement_rewritten(directory: Path, key: KeySigner, **changes: Any) -> None:
    """Replace the last frame, a statement, by one that says something else, and take the snapshots away."""
    statement = Statement.unpack(frames_of(directory)[-1].commands)._replace(**changes).signed(key)
    last_frame_replaced(directory, statement.draft())
    for path in directory.glob("snapshots/*"):
        path.unlink()


def test_report_counts_what_the_journal_holds(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    report = verify(tmp_path / "a")
    frames = frames_of(tmp_path / "a")
    assert report.ok
    assert (report.frames, report.commands, report.statements, report.snapshots) == (8, 42, 2, 2)
    assert report.events == sum(frame.header.event_count for frame in frames)
    assert report.head == Head(8, frames[-1].frame_hash, 42)
    assert report.last_statement is not None
    assert report.last_statement.seq == 39


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    seen: list[tuple[int, int]] = []
    report = verify(tmp_path / "a", lambda done, total: seen.append((done, total)))
    assert seen[-1] == (report.bytes_read, report.bytes_read)


def test_copy_without_the_key_verifies(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    shutil.copytree(tmp_path / "a", tmp_path / "b", ignore=shutil.ignore_patterns("lock"))
    assert verify(tmp_path / "b").ok


def test_journal_under_another_key_than_expected_is_refused(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    assert verify(tmp_path / "a", public_key=load_identity(tmp_path / "a").public_key).ok
    assert isinstance(verify(tmp_path / "a", public_key=bytes(32)).damage, IdentityError)


def test_frames_cut_off_in_one_piece_are_found_by_whoever_knows_the_head(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, 6, 7])
    head = verify(tmp_path / "a").head
    last = places_of(tmp_path / "a")[-1]
    path = segment_path(tmp_path / "a", 1)
    path.write_bytes(path.read_bytes()[: last.offset].ljust(8192, b"\0"))
    assert verify(tmp_path / "a").ok
    damage = verify(tmp_path / "a", known_head=head).damage
    assert isinstance(damage, ShortenedError)
    assert "expected frame 3, found frame 2 as the last one" in str(damage)


def test_rewritten_frame_is_found_by_whoever_knows_the_head(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, 6, 7])
    build(tmp_path / "b", [5, 8, 7])
    assert verify(tmp_path / "a", known_head=verify(tmp_path / "a").head).ok
    damage = verify(tmp_path / "a", known_head=verify(tmp_path / "b").head).damage
    assert isinstance(damage, ShortenedError)
    assert damage.frame == 3


def test_journal_that_ends_before_a_snapshot_is_refused(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, 6, 0])
    second = places_of(tmp_path / "a")[1]
    path = segment_path(tmp_path / "a", 1)
    path.write_bytes(path.read_bytes()[: second.offset].ljust(8192, b"\0"))
    damage = verify(tmp_path / "a").damage
    assert isinstance(damage, ShortenedError)
    assert "expected a journal with command 12, found command 5 as the last one" in str(damage)


def test_statement_under_another_key_is_named(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, 0])
    last_statement_rewritten(tmp_path / "a", KeySigner.generate(), ts_ns=1)
    damage = verify(tmp_path / "a").damage
    assert isinstance(damage, SignatureError)
    assert damage.frame == 3


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 5},
        {"frame_number": 1},
        {"frame_hash": bytes(32)},
        {"edition": 9},
        {"facility_id": bytes(16)},
        {"tree_size": 1},
        {"tree_root": bytes(32)},
    ],
)
def test_signed_statement_about_something_else_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    build(tmp_path / "a", [5, 0])
    last_statement_rewritten(tmp_path / "a", key_of(tmp_path / "a"), **change)
    assert isinstance(verify(tmp_path / "a").damage, StatementError)


def test_statement_of_another_length_is_named(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, 0])
    last_frame_replaced(tmp_path / "a", FrameDraft(FrameKind.statement, b"statement"))
    assert isinstance(verify(tmp_path / "a").damage, StatementError)


def test_head_under_another_key_is_named(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, -1])
    identity, key = load_identity(tmp_path / "a"), KeySigner.generate()
    head = open_head(frames_of(tmp_path / "a")[-1].commands, verifier_key(identity.facility_id, identity.public_key))
    note = sign_head(identity.facility_id, head.size, head.root, key)
    last_frame_replaced(tmp_path / "a", FrameDraft(FrameKind.head, note))
    assert isinstance(verify(tmp_path / "a").damage, SignatureError)


@pytest.mark.parametrize(("size", "root"), [(1, bytes(32)), (2, None), (0, None)])
def test_signed_head_of_another_tree_is_named(tmp_path: Path, size: int, root: bytes | None) -> None:
    build(tmp_path / "a", [5, -1])
    identity = load_identity(tmp_path / "a")
    right = root_of([frames_of(tmp_path / "a")[0].frame_hash])
    note = sign_head(identity.facility_id, size, right if root is None else root, key_of(tmp_path / "a"))
    last_frame_replaced(tmp_path / "a", FrameDraft(FrameKind.head, note))
    damage = verify(tmp_path / "a").damage
    assert isinstance(damage, HeadError)
    assert f"expected a head of size 1 with root {right.hex()}" in str(damage)


def test_head_that_is_no_note_is_named(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, -1])
    last_frame_replaced(tmp_path / "a", FrameDraft(FrameKind.head, b"head"))
    assert isinstance(verify(tmp_path / "a").damage, HeadError)


def test_statement_on_another_state_than_the_snapshot_is_named(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, 0])
    build(tmp_path / "b", [4, 1, 0])
    snapshot_path(tmp_path / "a", 6).write_bytes(snapshot_path(tmp_path / "b", 6).read_bytes())
    assert isinstance(verify(tmp_path / "a").damage, SnapshotError)


def test_late_statement_covers_what_was_before_its_mark(tmp_path: Path) -> None:
    create(tmp_path / "a", 1 << 16)
    with PlainFacility(tmp_path / "a", Unsynced()) as facility:
        facility.execute(commands(5))
        write_statement = facility.mark()
        facility.execute(commands(7))
        facility.execute(commands(3))
        write_statement()
        facility.execute(commands(2))
    report = verify(tmp_path / "a")
    assert report.ok
    assert (report.covered_frame, report.covered_seq, report.chained_frames, report.chained_commands) == (2, 6, 3, 12)


def test_mark_without_a_statement_is_legal(tmp_path: Path) -> None:
    create(tmp_path / "a", 1 << 16)
    with PlainFacility(tmp_path / "a", Unsynced()) as facility:
        facility.mark()
        facility.execute(commands(2))
        facility.checkpoint()
    assert verify(tmp_path / "a").ok


@pytest.mark.parametrize(
    ("counts", "covered", "chained"),
    [([5], 0, 5), ([5, -1], 5, 0), ([5, 0], 6, 0), ([5, 0, 4, 3], 6, 7), ([5, 0, 4, -1, 3], 10, 3), ([], 0, 0)],
)
def test_report_says_what_is_signed_and_what_is_only_chained(
    tmp_path: Path, counts: list[int], covered: int, chained: int
) -> None:
    report = verify(build(tmp_path / "a", counts))
    assert report.ok
    assert (report.covered_seq, report.chained_commands) == (covered, chained)
    assert report.is_covered_to_the_end == (chained == 0)


def test_commands_behind_the_last_signature_can_be_rewritten_and_only_a_known_head_tells(tmp_path: Path) -> None:
    build(tmp_path / "a", [20, 0, 10, 10], 1 << 16)
    head = verify(tmp_path / "a").head
    shutil.copytree(tmp_path / "a", tmp_path / "copy")
    rewrite_without_the_key(tmp_path / "copy", first_frame=4)
    report = verify(tmp_path / "copy")
    assert report.ok
    assert (report.covered_seq, report.chained_frames, report.chained_commands) == (21, 2, 20)
    assert not report.is_covered_to_the_end
    assert report.head is not None
    assert head is not None
    assert (report.head.seq, report.head.frame_number) == (head.seq, head.frame_number)
    damage = verify(tmp_path / "copy", known_head=head).damage
    assert isinstance(damage, ShortenedError)
    assert "the record is another one than was known" in str(damage)


@pytest.mark.parametrize("first_frame", [1, 2])
def test_commands_before_a_signature_cannot_be_rewritten(tmp_path: Path, first_frame: int) -> None:
    build(tmp_path / "a", [20, 10, -1], 1 << 16)
    rewrite_without_the_key(tmp_path / "a", first_frame)
    assert isinstance(verify(tmp_path / "a").damage, HeadError)


def rewrite_without_the_key(directory: Path, first_frame: int) -> None:
    """Make a deposit up in every frame of commands from one on, and compute all hashes anew."""
    frames, places = frames_of(directory), places_of(directory)
    position = Position(1, load_identity(directory).genesis_hash, 1)
    path = segment_path(directory, 1)
    data = bytearray(path.read_bytes())
    for frame, place in zip(frames, places, strict=True):
        header = frame.header
        forged = frame.commands
        if header.frame_number >= first_frame and header.kind == FrameKind.commands:
            forged = CreditDeposit(amount_minor=10_000_000, ts_ns=1).pack() + forged[96:]
        draft = FrameDraft(
            header.kind, forged, b"", b"", header.event_count, header.events_digest, header.command_count
        )
        made, buffers = seal(draft, position, header.edition, header.writer_term)
        data[place.offset : place.offset + made.frame_bytes] = b"".join(buffers)
        position = position.after(made, buffers[-1])
    path.write_bytes(data)


def test_snapshot_without_a_statement_is_named(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, 0, 3])
    snapshot_path(tmp_path / "a", 6).rename(snapshot_path(tmp_path / "a", 5))
    damage = verify(tmp_path / "a").damage
    assert isinstance(damage, SnapshotError)
    assert "signed statement on command 5" in str(damage)


def test_statement_kind_is_not_confused_with_commands(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, 0])
    assert [frame.header.kind for frame in frames_of(tmp_path / "a")] == [
        FrameKind.commands,
        FrameKind.commands,
        FrameKind.statement,
    ]


def test_references_are_counted_and_read(tmp_path: Path) -> None:
    create(tmp_path / "a", 1 << 16)
    references = encode_entries(
        [RequestReference(0, 1, bytes(32), "first"), RequestReference(2, 1, bytes(32), "third")]
    )
    with PlainFacility(tmp_path / "a", Unsynced()) as facility:
        facility.execute(commands(3), references=references)
    assert verify(tmp_path / "a").references == 2
    with PlainFacility(tmp_path / "a", Unsynced()) as facility:
        facility.execute(commands(2), references=references)  # there is no third command here
    damage = verify(tmp_path / "a").damage
    assert isinstance(damage, RequestReferenceError)
    assert damage.frame == 2
