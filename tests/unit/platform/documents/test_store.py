"""The store of documents through its life: put, read, kept, deleted, damaged, killed on the way.

Oracle: SHA-256 of the bytes by hashlib; dates by the calendar; the order of writes that the module states.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from tarazy.platform.documents.entry import Description, Kind
from tarazy.platform.documents.errors import (
    DocumentDamagedError,
    DocumentMissingError,
    DocumentRefusedError,
    RetentionError,
    StoreError,
)
from tarazy.platform.documents.store import Documents, store_beside

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
LAST_DAY = date(2032, 11, 30)
TEXT = b"The committee admits asset 7."
DIGEST = sha256(TEXT).hexdigest()


def said(name: str = "decision.txt", until: date = LAST_DAY, kind: Kind = Kind.decision) -> Description:
    """Return a description."""
    return Description(kind, name, "text/plain", until, "anna")


@pytest.fixture
def store(tmp_path: Path) -> Documents:
    """Return a store that is not there yet."""
    return Documents(tmp_path / "facility.documents", document_bytes_max=1 << 20)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file to store."""
    path = tmp_path / "decision.txt"
    path.write_bytes(TEXT)
    return path


def test_document_is_found_by_its_hash_with_what_was_said_of_it(store: Documents, file: Path) -> None:
    entry = store.add(file, said(), NOW)
    assert entry.plain() == {
        "sha256": DIGEST,
        "kind": "decision",
        "name": "decision.txt",
        "media_type": "text/plain",
        "size": len(TEXT),
        "added_at": "2026-11-30T12:00:00Z",
        "added_by": "anna",
        "retain_until": "2032-11-30",
        "deleted_at": "",
        "deleted_by": "",
        "reason": "",
    }
    again = Documents(store.directory)
    assert again.read(DIGEST) == TEXT
    assert again.entries() == [entry]
    assert again.states([DIGEST, "0" * 64]) == {DIGEST: "present", "0" * 64: "missing"}


def test_only_the_owner_can_read_the_store(store: Documents, file: Path) -> None:
    store.add(file, said(), NOW)
    for path in (store.directory, *store.directory.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_same_bytes_are_one_document_and_the_later_date_counts(store: Documents, file: Path) -> None:
    store.add(file, said(), NOW)
    store.add(file, said(name="other name", until=date(2030, 1, 1)), NOW)
    assert [(each.name, each.retain_until) for each in store.entries()] == [("decision.txt", LAST_DAY)]
    store.add(file, said(until=date(2040, 1, 1)), NOW)
    assert [each.retain_until for each in store.entries()] == [date(2040, 1, 1)]


def test_deletion_is_refused_until_the_date_is_over_and_leaves_a_tombstone_after_it(
    store: Documents, file: Path
) -> None:
    store.add(file, said(), NOW)
    last_moment = datetime(2032, 11, 30, 23, 59, 59, tzinfo=UTC)
    for early in (NOW, last_moment):
        with pytest.raises(RetentionError, match="kept until 2032-11-30") as raised:
            store.delete(DIGEST, "boris", "retention is over", early)
        assert raised.value.retain_until == LAST_DAY
    assert store.read(DIGEST) == TEXT
    entry = store.delete(DIGEST, "boris", "retention is over", datetime(2032, 12, 1, tzinfo=UTC))
    assert (entry.deleted_at, entry.deleted_by, entry.reason) == ("2032-12-01T00:00:00Z", "boris", "retention is over")
    assert not store.path(DIGEST).exists()
    assert store.entries() == [entry]
    assert store.states([DIGEST]) == {DIGEST: "deleted"}
    with pytest.raises(DocumentMissingError, match="deleted on 2032-12-01T00:00:00Z by boris"):
        store.read(DIGEST)
    for act in (lambda: store.delete(DIGEST, "b", "again"), lambda: store.retain(DIGEST, date(2050, 1, 1), "b")):
        with pytest.raises(DocumentMissingError, match="was deleted on"):
            act()


def test_deleted_document_can_be_put_again(store: Documents, file: Path) -> None:
    store.add(file, said(), NOW)
    later = datetime(2033, 1, 1, tzinfo=UTC)
    store.delete(DIGEST, "boris", "retention is over", later)
    entry = store.add(file, said(until=date(2039, 1, 1)), later)
    assert not entry.is_deleted
    assert store.read(DIGEST) == TEXT
    assert (store.directory / "index").read_bytes().count(b"\n") == 3


def test_retention_date_moves_on_and_never_back(store: Documents, file: Path) -> None:
    store.add(file, said(), NOW)
    assert store.retain(DIGEST, date(2035, 1, 1), "boris", NOW).retain_until == date(2035, 1, 1)
    with pytest.raises(RetentionError, match="2035-01-01 or later"):
        store.retain(DIGEST, date(2034, 12, 31), "boris", NOW)
    assert store.entry(DIGEST).retain_until == date(2035, 1, 1)
    with pytest.raises(DocumentRefusedError, match="2026-11-30 or later"):
        store.add(file, said(until=date(2026, 11, 29)), NOW)


def test_date_that_is_a_slip_is_refused_because_it_never_moves_back(store: Documents, file: Path) -> None:
    store.add(file, said(until=date(2126, 11, 30)), NOW)
    for slip in (date(2127, 1, 1), date(2932, 11, 30), date(9999, 12, 31)):
        with pytest.raises(DocumentRefusedError, match="by 100 years at most"):
            store.retain(DIGEST, slip, "b", NOW)
        with pytest.raises(DocumentRefusedError, match="by 100 years at most"):
            store.add(file, said(until=slip), NOW)
    assert store.entry(DIGEST).retain_until == date(2126, 11, 30)


def test_what_is_no_plain_file_of_the_right_size_is_refused_and_leaves_nothing(
    store: Documents, tmp_path: Path
) -> None:
    (tmp_path / "target").write_bytes(TEXT)
    (tmp_path / "link").symlink_to(tmp_path / "target")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "empty").touch()
    (tmp_path / "large").write_bytes(b"x" * ((1 << 20) + 1))
    cases = {
        "link": "a link",
        "fifo": "plain file",
        "empty": "an empty one",
        "large": "a larger one",
        "none": "No such",
    }
    for name, words in cases.items():
        with pytest.raises(DocumentRefusedError, match=words):
            store.add(tmp_path / name, said(), NOW)
    with pytest.raises(DocumentRefusedError, match="plain file"):
        store.add(tmp_path, said(), NOW)
    assert store.entries() == []
    assert not [path for path in store.directory.rglob("*") if path.is_file() and path.name != "index"]
    (tmp_path / "just").write_bytes(b"x" * (1 << 20))
    assert store.add(tmp_path / "just", said(), NOW).size == 1 << 20


@pytest.mark.parametrize(
    "wrong",
    [
        said(name=""),
        said(name="a\nb"),
        said(name="\x1b[31m"),
        said(name="x" * 201),
        said()._replace(media_type="text"),
        said()._replace(media_type="text/plain\r\nx: y"),
        said()._replace(by=" "),
    ],
)
def test_description_that_cannot_be_shown_is_refused(store: Documents, file: Path, wrong: Description) -> None:
    with pytest.raises(DocumentRefusedError):
        store.add(file, wrong, NOW)


def test_longest_description_fits_a_line(store: Documents, file: Path) -> None:
    wide = "\U0001f4c4" * 200
    store.add(file, said(name=wide)._replace(by=wide), NOW)
    later = datetime(2040, 1, 1, tzinfo=UTC)
    store.delete(DIGEST, wide, wide, later)
    assert Documents(store.directory).entry(DIGEST).reason == wide


def test_changed_document_is_not_given_out_and_mended_by_the_right_file(store: Documents, file: Path) -> None:
    store.add(file, said(), NOW)
    for data in (TEXT[:-1] + b"!", TEXT + b"more", TEXT[:-1], b""):
        store.path(DIGEST).write_bytes(data)
        with pytest.raises(DocumentDamagedError, match=DIGEST):
            store.read(DIGEST)
        assert store.states([DIGEST]) == {DIGEST: "damaged"}
    store.path(DIGEST).unlink()
    assert store.states([DIGEST]) == {DIGEST: "missing"}
    store.path(DIGEST).symlink_to(file)
    assert store.states([DIGEST]) == {DIGEST: "damaged"}
    store.add(file, said(), NOW)
    assert store.read(DIGEST) == TEXT
    assert not store.path(DIGEST).is_symlink()


def test_changed_index_is_noticed_with_its_line(store: Documents, tmp_path: Path) -> None:
    for number in range(3):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(b"%d" % number)
        store.add(path, said(name=path.name), NOW)
    index = store.directory / "index"
    lines = index.read_bytes().splitlines(keepends=True)
    forgeries = {
        b"".join([lines[0], lines[1].replace(b"2032", b"2020"), lines[2]]): "line 3",
        b"".join([lines[0], lines[2]]): "line 2",
        b"".join([lines[1], lines[0], lines[2]]): "line 1",
        lines[0] + b"{}\n": "line 2",
        lines[0] + b"no json\n": "line 2",
        lines[0] + b"x" * 10_000: "line 2",
    }
    for data, where in forgeries.items():
        index.write_bytes(data)
        with pytest.raises(DocumentDamagedError, match=where):
            Documents(store.directory).entries()
        with pytest.raises(DocumentDamagedError, match=where):
            Documents(store.directory).retain(DIGEST, LAST_DAY, "b", NOW)


def test_what_another_process_adds_or_brings_back_is_seen(store: Documents, file: Path, tmp_path: Path) -> None:
    store.add(file, said(), NOW)
    index = store.directory / "index"
    before = index.read_bytes()
    (tmp_path / "other").write_bytes(b"other")
    Documents(store.directory).add(tmp_path / "other", said(), NOW)
    assert len(store.entries()) == 2
    index.write_bytes(before)  # an older copy is brought back
    assert len(store.entries()) == 1
    index.unlink()
    index.write_bytes(b"")
    assert store.entries() == []
    store.add(file, said(), NOW)
    assert Documents(store.directory).states([DIGEST]) == {DIGEST: "present"}


def test_torn_last_line_is_left_out_by_readers_and_cut_by_the_next_writer(store: Documents, file: Path) -> None:
    store.add(file, said(), NOW)
    index = store.directory / "index"
    whole = index.read_bytes()
    index.write_bytes(whole + whole[: len(whole) // 2])
    assert len(store.entries()) == 1
    store.retain(DIGEST, date(2050, 1, 1), "b", NOW)
    assert index.read_bytes().startswith(whole)
    assert index.read_bytes().count(b"\n") == 2
    assert store.entry(DIGEST).retain_until == date(2050, 1, 1)


def test_what_a_crash_leaves_is_finished_by_the_next_writer(store: Documents, file: Path, tmp_path: Path) -> None:
    store.add(file, said(), NOW)
    later = datetime(2033, 1, 1, tzinfo=UTC)
    store.delete(DIGEST, "b", "over", later)
    store.path(DIGEST).write_bytes(TEXT)  # the tombstone is durable, the bytes did not go
    (store.directory / "incoming" / "half.new").write_bytes(b"ha")
    other = tmp_path / "other"
    other.write_bytes(b"other")
    Documents(store.directory).add(other, said(until=date(2040, 1, 1)), later)
    assert not store.path(DIGEST).exists()
    assert list((store.directory / "incoming").iterdir()) == []
    orphan = sha256(b"orphan").hexdigest()  # the bytes are durable, their line is not
    store.path(orphan).parent.mkdir(exist_ok=True)
    store.path(orphan).write_bytes(b"orphan")
    assert store.states([orphan]) == {orphan: "missing"}
    other.write_bytes(b"orphan")
    store.add(other, said(until=date(2040, 1, 1)), later)
    assert store.read(orphan) == b"orphan"


def test_full_device_refuses_and_leaves_what_was_there(
    store: Documents, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(file, said(), NOW)
    before = (store.directory / "index").read_bytes()

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        store.retain(DIGEST, date(2050, 1, 1), "b", NOW)
    monkeypatch.undo()
    assert (store.directory / "index").read_bytes() == before
    assert store.read(DIGEST) == TEXT


def test_many_writers_at_once_lose_nothing(store: Documents, tmp_path: Path) -> None:
    files = []
    for number in range(24):
        files.append(tmp_path / f"{number}.txt")
        files[-1].write_bytes(b"document %d" % number)
    with ThreadPoolExecutor(8) as pool:
        entries = list(pool.map(lambda path: Documents(store.directory).add(path, said(), NOW), files))
    assert {each.sha256 for each in store.entries()} == {each.sha256 for each in entries}
    assert set(store.states(each.sha256 for each in entries).values()) == {"present"}


KILLED = """
import sys
from datetime import date, datetime, UTC
from pathlib import Path
from tarazy.platform.documents.entry import Description, Kind
from tarazy.platform.documents.store import Documents
folder, store = Path(sys.argv[1]), Documents(Path(sys.argv[2]))
for number in range(100_000):
    path = folder / "next"
    path.write_bytes(b"%d" % number * 5_000)
    entry = store.add(path, Description(Kind.evidence, "next", "text/plain", date(2050, 1, 1), "killed"))
    print(entry.sha256, flush=True)
"""


@pytest.mark.parametrize("wait_s", [0.05, 0.13, 0.29])
def test_writer_that_is_killed_loses_nothing_that_it_acknowledged(
    store: Documents, tmp_path: Path, wait_s: float
) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(store.directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline()]
        time.sleep(wait_s)
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.readlines()
    acknowledged = [line.strip() for line in lines if line.endswith("\n")]
    assert acknowledged
    assert set(store.states(acknowledged).values()) == {"present"}
    (tmp_path / "after").write_bytes(TEXT)
    store.add(tmp_path / "after", said(), NOW)
    known = store.entries()
    assert 0 <= len(known) - 1 - len(acknowledged) <= 1
    assert set(store.states(each.sha256 for each in known).values()) == {"present"}


def test_no_store_and_wrong_hash_are_said(store: Documents, file: Path) -> None:
    with pytest.raises(DocumentMissingError, match="expected a store of documents"):
        store.entries()
    store.add(file, said(), NOW)
    for digest in ("../../etc/passwd", "A" * 64, "", "0" * 63):
        with pytest.raises(DocumentRefusedError, match="64 hexadecimal digits"):
            store.read(digest)
    with pytest.raises(DocumentMissingError, match="none of this hash"):
        store.read("0" * 64)


def test_link_in_place_of_a_folder_is_refused(store: Documents, file: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    store.directory.mkdir()
    (store.directory / "content").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DocumentRefusedError, match="a link"):
        store.add(file, said(), NOW)


def test_store_lies_beside_the_record() -> None:
    assert store_beside(Path("var/facility")) == Path("var/facility.documents")
