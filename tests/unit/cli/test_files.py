"""Files that a caller names: a large, deep or endless one costs a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.cli.errors import CliError
from tarazy.cli.files import BYTES_MAX, read_bounded, read_json


def test_file_of_the_allowed_size_is_read_and_a_larger_or_endless_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "given"
    path.write_bytes(b"x" * 100)
    assert read_bounded(path, 100) == b"x" * 100
    for wrong in (path, Path("/dev/zero")):
        with pytest.raises(CliError, match="expected at most 99 bytes, found more"):
            read_bounded(wrong, 99)


def test_sparse_file_of_a_gigabyte_is_not_taken_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "given"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(CliError, match=f"at most {BYTES_MAX:,} bytes"):
        read_json(path, "a list")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"[" * 100_000, "lists in lists without end"),
        (b"9" * 5_000, "a number of 5,000 digits"),
        (b"\xff", "utf-8"),
        (b"{", "Expecting property name"),
        (b"", "Expecting value"),
    ],
)
def test_what_is_no_data_says_what_was_expected_and_found(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "given.json"
    path.write_bytes(content)
    with pytest.raises(CliError, match=rf"given\.json: expected a list, found .*{found}"):
        read_json(path, "a list")
    path.write_bytes(b'[{"a": 7}]')
    assert read_json(path, "a list") == [{"a": 7}]
