"""A file is written whole or not at all."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tarazy.platform.storage.files import write_whole


def test_who_reads_while_it_is_written_sees_one_content_or_the_other(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    contents = [bytes([letter]) * 200_000 for letter in b"ab"]
    write_whole(path, contents[0])
    stop = threading.Event()

    def write() -> None:
        for place in range(200):
            write_whole(path, contents[place % 2])
        stop.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not stop.is_set():
        seen.add(path.read_bytes())
    writer.join()
    assert seen <= set(contents)
    assert [each.name for each in tmp_path.iterdir()] == ["kept.json"]


def test_mode_is_as_asked(tmp_path: Path) -> None:
    write_whole(tmp_path / "secret", b"x", 0o600)
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_link_in_the_place_of_the_fresh_file_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "other"
    target.write_bytes(b"untouched")
    (tmp_path / "kept.new").symlink_to(target)
    with pytest.raises(OSError, match="symbolic links"):
        write_whole(tmp_path / "kept", b"x")
    assert target.read_bytes() == b"untouched"
    assert not (tmp_path / "kept").exists()
