"""Kept requests over crashes: what was whole stays, what was cut off goes, and the next start goes on behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.journal.errors import StorageError
from tarazy.journal.files import Files
from tarazy.oversight.requests.document import document_hash
from tarazy.oversight.requests.request_files import RequestFiles, find_request, kept_requests, request_paths

DOCUMENTS = [b"request %d" % number * 20 for number in range(40)]


def keep(directory: Path, documents: list[bytes], **options: int) -> None:
    """Keep requests in a life of its own."""
    files = RequestFiles(directory, **options)
    for document in documents:
        files.keep([document]).result(10)
    files.close()


def kept(directory: Path) -> list[bytes]:
    """Return all that is kept."""
    return [document for path in request_paths(directory) for document in kept_requests(path)]


def test_requests_are_kept_in_order_over_files_and_starts(tmp_path: Path) -> None:
    keep(tmp_path, DOCUMENTS[:15], file_bytes_max=1_000)
    keep(tmp_path, DOCUMENTS[15:], file_bytes_max=1_000)
    assert kept(tmp_path) == DOCUMENTS
    assert len(request_paths(tmp_path)) > 5
    assert [find_request(tmp_path, document_hash(each)) for each in DOCUMENTS] == DOCUMENTS
    assert find_request(tmp_path, bytes(32)) is None


@pytest.mark.parametrize("cut", [1, 30, 100])
def test_request_that_a_crash_cut_off_is_removed_and_the_next_stands_in_its_place(tmp_path: Path, cut: int) -> None:
    keep(tmp_path, DOCUMENTS[:10])
    (path,) = request_paths(tmp_path)
    with open(path, "rb+") as file:
        file.truncate(path.stat().st_size - cut)
    assert kept(tmp_path) == DOCUMENTS[:9]
    keep(tmp_path, DOCUMENTS[20:22])
    assert kept(tmp_path) == [*DOCUMENTS[:9], *DOCUMENTS[20:22]]


def test_file_that_a_crash_left_empty_is_gone_on_with(tmp_path: Path) -> None:
    """A file gets its name when its header is durable; a crash before leaves a temporary one, which is written anew."""
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / f"{1:020}.new").write_bytes(b"TZ")
    keep(tmp_path, DOCUMENTS[:3])
    assert kept(tmp_path) == DOCUMENTS[:3]


class DyingDisk(Files):
    """A disk whose syncs fail from a point on."""

    def __init__(self) -> None:
        self.is_dead = False

    def sync(self, fd: int, path: Path) -> None:
        """Fail where it is dead."""
        if self.is_dead:
            raise StorageError(path, expected="to sync", found="a dead disk")
        super().sync(fd, path)


def test_after_a_sync_that_failed_nothing_more_is_kept(tmp_path: Path) -> None:
    """The kernel may have dropped the pages, so a later success would prove nothing (fsync, PostgreSQL 2018)."""
    disk = DyingDisk()
    files = RequestFiles(tmp_path, files=disk)
    files.keep(DOCUMENTS[:1]).result(10)
    disk.is_dead = True
    with pytest.raises(StorageError):
        files.keep(DOCUMENTS[1:2]).result(10)
    disk.is_dead = False
    with pytest.raises(StorageError):
        files.keep(DOCUMENTS[2:3])
    files.close()
