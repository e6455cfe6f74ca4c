"""The operations below the journal, and the sentences of its errors."""

from __future__ import annotations

import errno
import os
import pickle
from pathlib import Path

import pytest

from tarazy.journal import errors
from tarazy.journal.errors import DiskFullError, JournalError, ReadFailedError, ReadOnlyError, WriteFailedError
from tarazy.journal.files import Files, storage_error, write_whole
from tarazy.journal.verify import verify

from .building import build

CLASSES = [found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, JournalError)]


def example(kind: type[JournalError]) -> JournalError:
    """Return an error of a kind, with every attribute set."""
    place = {"segment": 3, "frame": 12, "offset": 4096}
    if kind is errors.ReplayDivergedError:
        place = {"frame": 12, "first_seq": 5, "last_seq": 7}
    return kind(Path("var/demo"), expected="an apple", found="a pear", **place)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", CLASSES)
def test_sentence_says_where_what_was_expected_found_and_what_to_do(kind: type[JournalError]) -> None:
    text = str(example(kind))
    assert text.startswith(f"{example(kind).place}: ")
    assert example(kind).place.startswith("var/demo, ")
    assert ": expected an apple, found a pear. " in text
    assert text.endswith(".")
    assert kind.action != JournalError.action or kind in (JournalError, errors.StorageError)


@pytest.mark.parametrize("kind", CLASSES)
def test_error_travels_between_processes(kind: type[JournalError]) -> None:
    error = example(kind)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, DiskFullError),
        (errno.EDQUOT, DiskFullError),
        (errno.EFBIG, DiskFullError),
        (errno.EROFS, ReadOnlyError),
        (errno.EACCES, ReadOnlyError),
        (errno.EPERM, ReadOnlyError),
        (errno.EIO, WriteFailedError),
    ],
)
def test_error_of_the_machine_becomes_the_error_that_says_what_to_do(number: int, kind: type[JournalError]) -> None:
    error = storage_error(Path("a"), "write", OSError(number, os.strerror(number)))
    assert type(error) is kind
    assert f"expected to write, found {errno.errorcode[number]}" in str(error)


def test_write_that_the_kernel_takes_in_parts_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, partly = os.pwritev, os.pwrite
    monkeypatch.setattr(os, "pwritev", lambda fd, buffers, at: whole(fd, [b"".join(buffers)[:5]], at))
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: partly(fd, data[:3], at))
    files = Files()
    fd = files.open(tmp_path / "a", create=True)
    files.write(fd, tmp_path / "a", [b"0123456", memoryview(b"789"), b"abcdef"], 4)
    files.close(fd)
    assert (tmp_path / "a").read_bytes() == b"\0\0\0\0" + b"0123456789abcdef"


def test_device_that_takes_no_more_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "pwritev", lambda fd, buffers, at: 0)
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: 0)
    files = Files()
    fd = files.open(tmp_path / "a", create=True)
    with pytest.raises(WriteFailedError, match="takes no more bytes"):
        files.write(fd, tmp_path / "a", [b"0123456"], 0)
    files.close(fd)


def test_small_file_is_replaced_in_one_piece(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_whole(Files(), path, [b"old"])
    write_whole(Files(), path, [b"n", b"ew"])
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_segment_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path / "a", [3])

    def fail(fd: int, size: int, offset: int) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "pread", fail)
    with pytest.raises(ReadFailedError, match=r"facility\.json.*expected to read.*found EIO"):
        verify(tmp_path / "a")
