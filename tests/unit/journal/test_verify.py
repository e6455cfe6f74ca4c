"""Verification: what it reports and which attacks on a finished journal it names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tarazy.journal.errors import (
    IdentityError,
    ShortenedError,
    SignatureError,
    SnapshotError,
    StatementError,
)
from tarazy.journal.frame import FrameHeader, FrameKind, frame_hash
from tarazy.journal.identity import load_identity, load_signing_key
from tarazy.journal.segment import segment_path
from tarazy.journal.snapshots import snapshot_path
from tarazy.journal.statement import Statement
from tarazy.journal.verify import Head, verify

from .building import build, frames_of

COUNTS = [5, 0, 20, 12, 0, 3]


def last_statement_rewritten(directory: Path, key: Ed25519PrivateKey, **changes: int) -> None:
    """Replace the last frame, a statement, by one that says something else, with right hashes."""
    frame = frames_of(directory)[-1]
    statement = Statement.unpack(frame.payload)._replace(**changes).signed(key)
    header = FrameHeader(*frame.header).encode()
    whole = header + statement.pack() + frame_hash(header, statement.pack())
    path = segment_path(directory, frame.segment)
    data = bytearray(path.read_bytes())
    data[frame.offset : frame.offset + len(whole)] = whole
    path.write_bytes(data)


def test_report_counts_what_the_journal_holds(tmp_path: Path) -> None:
    build(tmp_path, COUNTS)
    report = verify(tmp_path)
    frames = frames_of(tmp_path)
    assert report.ok
    assert (report.frames, report.commands, report.statements, report.snapshots) == (8, 42, 2, 2)
    assert report.events == sum(frame.header.event_count for frame in frames)
    assert report.head == Head(8, frames[-1].frame_hash, 42)
    assert report.last_statement is not None
    assert report.last_statement.seq == 39


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    build(tmp_path, COUNTS)
    seen: list[tuple[int, int]] = []
    report = verify(tmp_path, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (report.bytes_read, report.bytes_read)


def test_copy_without_the_key_verifies(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    shutil.copytree(tmp_path / "a", tmp_path / "b", ignore=shutil.ignore_patterns("facility.key", "lock"))
    assert verify(tmp_path / "b").ok


def test_journal_under_another_key_than_expected_is_refused(tmp_path: Path) -> None:
    build(tmp_path, COUNTS)
    assert verify(tmp_path, public_key=load_identity(tmp_path).public_key).ok
    assert isinstance(verify(tmp_path, public_key=bytes(32)).damage, IdentityError)


def test_frames_cut_off_in_one_piece_are_found_by_whoever_knows_the_head(tmp_path: Path) -> None:
    build(tmp_path, [5, 6, 7])
    head = verify(tmp_path).head
    last = frames_of(tmp_path)[-1]
    path = segment_path(tmp_path, 1)
    path.write_bytes(path.read_bytes()[: last.offset].ljust(8192, b"\0"))
    assert verify(tmp_path).ok
    damage = verify(tmp_path, known_head=head).damage
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
    build(tmp_path, [5, 6, 0])
    first = frames_of(tmp_path)[0]
    path = segment_path(tmp_path, 1)
    path.write_bytes(path.read_bytes()[: first.offset + first.header.frame_bytes].ljust(8192, b"\0"))
    damage = verify(tmp_path).damage
    assert isinstance(damage, ShortenedError)
    assert "expected a journal with command 12, found command 5 as the last one" in str(damage)


def test_statement_under_another_key_is_named(tmp_path: Path) -> None:
    build(tmp_path, [5, 0])
    last_statement_rewritten(tmp_path, Ed25519PrivateKey.generate(), ts_ns=1)
    damage = verify(tmp_path).damage
    assert isinstance(damage, SignatureError)
    assert damage.frame == 3


@pytest.mark.parametrize("change", [{"seq": 5}, {"frame_number": 1}, {"edition": 9}])
def test_signed_statement_about_something_else_is_named(tmp_path: Path, change: dict[str, int]) -> None:
    build(tmp_path, [5, 0])
    last_statement_rewritten(tmp_path, load_signing_key(tmp_path, load_identity(tmp_path)), **change)
    assert isinstance(verify(tmp_path).damage, StatementError)


def test_statement_on_another_state_than_the_snapshot_is_named(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, 0])
    build(tmp_path / "b", [4, 1, 0])
    snapshot_path(tmp_path / "a", 6).write_bytes(snapshot_path(tmp_path / "b", 6).read_bytes())
    assert isinstance(verify(tmp_path / "a").damage, SnapshotError)


def test_snapshot_without_a_statement_is_named(tmp_path: Path) -> None:
    build(tmp_path, [5, 0, 3])
    snapshot_path(tmp_path, 6).rename(snapshot_path(tmp_path, 5))
    damage = verify(tmp_path).damage
    assert isinstance(damage, SnapshotError)
    assert "signed statement on command 5" in str(damage)


def test_statement_kind_is_not_confused_with_commands(tmp_path: Path) -> None:
    build(tmp_path, [5, 0])
    assert [frame.header.kind for frame in frames_of(tmp_path)] == [
        FrameKind.commands,
        FrameKind.commands,
        FrameKind.statement,
    ]
