"""An index that somebody wrote by hand, with its chain made right, and the heads that a facility signed over it.

Oracle: what a store would have let happen; Ed25519 of `cryptography` over the four lines that `heads.py`
states; hashlib.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tarazy.domain.signer import KeySigner
from tarazy.platform.documents.errors import DocumentDamagedError, DocumentMissingError
from tarazy.platform.documents.store import Documents

from .test_store import DIGEST, LAST_DAY, NOW, TEXT, said

KEY, OTHER = KeySigner.from_seed(b"k" * 32), KeySigner.from_seed(b"o" * 32)
FOREIGN = "ab" * 32
LATER = datetime(2027, 1, 31, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Documents:
    """Return a store with three documents."""
    made = Documents(tmp_path / "facility.documents")
    for number, text in enumerate((TEXT, b"second", b"third")):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(text)
        made.add(path, said(name=path.name), NOW)
    return made


def records(store: Documents) -> list[dict[str, Any]]:
    """Return the lines of an index as they are."""
    return [json.loads(line) for line in (store.directory / "index").read_text().splitlines()]


def write(store: Documents, found: list[dict[str, Any]]) -> Documents:
    """Write an index by hand, its chain made right, and open the store anew."""
    text, previous = b"", "0" * 64
    for record in found:
        line = json.dumps({**record, "previous": previous}).encode() + b"\n"
        text, previous = text + line, sha256(line).hexdigest()
    (store.directory / "index").write_bytes(text)
    return Documents(store.directory)


def act(record: str, **more: Any) -> dict[str, Any]:
    """Return a line about the first document."""
    return {"record": record, "sha256": DIGEST, "at": "2027-01-01T00:00:00Z", "by": "m", "reason": "x"} | more


@pytest.mark.parametrize(
    "line",
    [
        act("retained", retain_until="2027-01-02"),  # moved back
        act("deleted"),  # six years too early
        act("deleted", at="2032-11-30T23:59:59Z"),  # on its last day
        act("deleted", at="whenever"),
        act("deleted", sha256=FOREIGN),
        act("retained", sha256=FOREIGN, retain_until="2040-01-01"),
        act("added", kind="decision", name="a", media_type="a/b", size=1, retain_until="2027-01-02"),  # a second time
        act("added", sha256=FOREIGN, kind="decision", name=[], media_type="a/b", size=1, retain_until="2027-01-02"),
        act("added", sha256=FOREIGN, kind="decision", name="a", media_type="a/b", size="1", retain_until="2027-01-02"),
        act("added", sha256=FOREIGN, kind="decision", name="a", media_type="a/b", size=True, retain_until="2027-01-02"),
        act("removed"),
    ],
)
def test_line_that_no_store_would_have_written_is_damage_though_its_chain_is_right(
    store: Documents, line: dict[str, Any]
) -> None:
    with pytest.raises(DocumentDamagedError, match="line 4"):
        write(store, [*records(store), line]).entries()


def test_index_that_names_a_file_elsewhere_removes_nothing(store: Documents, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for name in (str(victim), "../../../victim"):
        added = act(
            "added", sha256=name, kind="decision", name="a", media_type="a/b", size=4, retain_until="2026-12-01"
        )
        forged = write(store, [added, act("deleted", sha256=name)])
        with pytest.raises(DocumentDamagedError, match="no SHA-256"):
            forged.add(tmp_path / "0.txt", said(), NOW)
        assert victim.read_text() == "mine"


def test_deep_line_is_damage(store: Documents) -> None:
    with open(store.directory / "index", "ab") as file:
        file.write(b"[" * 8_000 + b"\n")
    with pytest.raises(DocumentDamagedError, match="line 4"):
        Documents(store.directory).entries()


def test_head_is_the_facilitys_signature_over_the_last_line(store: Documents) -> None:
    lines = (store.directory / "index").read_bytes().splitlines(keepends=True)
    covered = store.sign(KEY, {KEY.public_key}, NOW)
    last = sha256(lines[2]).hexdigest()
    assert (covered.lines, covered.signed_lines, covered.sha256) == (3, 3, last)
    assert covered.head is not None
    text = f"Tarazy documents 1\n3\n{last}\n2026-11-30T12:00:00Z\n".encode()
    Ed25519PublicKey.from_public_bytes(KEY.public_key).verify(covered.head.signature, text)
    assert Documents(store.directory).coverage({KEY.public_key}) == covered


def test_lines_behind_the_head_are_only_chained_until_the_next(store: Documents) -> None:
    assert store.coverage({KEY.public_key}).signed_lines == 0
    store.sign(KEY, {KEY.public_key}, NOW)
    store.retain(DIGEST, date(2040, 1, 1), "b", NOW)
    covered = store.coverage({KEY.public_key})
    assert (covered.lines, covered.signed_lines) == (4, 3)
    assert store.sign(KEY, {KEY.public_key}, LATER).signed_lines == 4
    before = (store.directory / "heads").read_bytes()
    assert store.sign(KEY, {KEY.public_key}, LATER).signed_lines == 4
    assert (store.directory / "heads").read_bytes() == before, "nothing new, nothing to sign"


def test_index_that_was_written_anew_is_found_by_the_head_and_not_signed_again(store: Documents) -> None:
    store.sign(KEY, {KEY.public_key}, NOW)
    whole = records(store)
    earlier = [{**whole[0], "retain_until": "2026-12-01"}, *whole[1:]]
    for rewritten in (earlier, whole[:2], [whole[0], whole[2]], [whole[1], whole[0], whole[2]], []):
        forged = write(store, rewritten)
        assert len(forged.entries()) == len(rewritten), "the chain alone finds nothing"
        with pytest.raises(DocumentDamagedError, match="line 3"):
            forged.coverage({KEY.public_key})
        with pytest.raises(DocumentDamagedError, match="line 3"):
            forged.sign(KEY, {KEY.public_key}, LATER)


def test_older_head_counts_beside_a_newer_one(store: Documents) -> None:
    store.sign(KEY, {KEY.public_key}, NOW)
    old = (store.directory / "heads").read_bytes()
    forged = write(store, [{**records(store)[0], "retain_until": "2026-12-01"}, *records(store)[1:]])
    (store.directory / "heads").unlink()
    forged.sign(KEY, {KEY.public_key}, LATER)
    with open(store.directory / "heads", "ab") as file:
        file.write(old)  # of an earlier copy
    with pytest.raises(DocumentDamagedError, match="line 3"):
        forged.coverage({KEY.public_key})


def test_head_noted_elsewhere_finds_what_was_written_and_signed_anew(store: Documents) -> None:
    noted = store.sign(KEY, {KEY.public_key}, NOW)
    store.retain(DIGEST, date(2040, 1, 1), "b", NOW)
    store.require_line(noted.lines, noted.sha256)
    forged = write(store, [{**records(store)[0], "retain_until": "2026-12-01"}, *records(store)[1:]])
    (store.directory / "heads").unlink()
    assert forged.sign(KEY, {KEY.public_key}, LATER).signed_lines == 4
    with pytest.raises(DocumentDamagedError, match="line 3"):
        forged.require_line(noted.lines, noted.sha256)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b'"lines":3', b'"lines":2'),
        lambda text: text.replace(b"2026", b"2025"),
        lambda text: b"{}\n" + text,
        lambda text: b"[" * 8_000 + b"\n" + text,
        lambda text: text.replace(b'"lines":3', b'"lines":"3"'),
        lambda text: text.replace(b'"signature":"', b'"signature":"ff'),
    ],
)
def test_head_that_somebody_changed_is_damage(store: Documents, change: Any) -> None:
    store.sign(KEY, {KEY.public_key}, NOW)
    heads = store.directory / "heads"
    heads.write_bytes(change(heads.read_bytes()))
    with pytest.raises(DocumentDamagedError, match="heads, line 1"):
        store.coverage({KEY.public_key})


def test_head_of_another_key_is_damage_and_torn_head_is_none(store: Documents) -> None:
    store.sign(OTHER, {OTHER.public_key}, NOW)
    with pytest.raises(DocumentDamagedError, match="a head that the facility signed"):
        store.coverage({KEY.public_key})
    heads = store.directory / "heads"
    heads.write_bytes(heads.read_bytes()[:-20])
    assert store.coverage({KEY.public_key}).head is None
    assert store.sign(KEY, {KEY.public_key}, NOW).signed_lines == 3
    assert heads.read_bytes().count(b"\n") == 1


def test_no_store_is_signed_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(DocumentMissingError):
        Documents(tmp_path / "none").sign(KEY, {KEY.public_key}, NOW)
    assert not (tmp_path / "none").exists()


def test_retention_day_is_the_last_one(store: Documents) -> None:
    forged = write(store, [*records(store), act("deleted", at="2032-12-01T00:00:00Z")])
    assert forged.entry(DIGEST).is_deleted
    assert forged.entry(DIGEST).retain_until == LAST_DAY
