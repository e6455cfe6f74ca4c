"""Reading: packed files, line ends, exact decimals, and what damaged files say."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from tarazy.market_data.errors import FlowFileError
from tarazy.market_data.files import LineReader
from tarazy.market_data.numbers import decimal_places, scaled

LINES = ["first", "second", "third"]


def pack(path: Path, text: bytes) -> Path:
    """Write a file as its name's end says."""
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("README.txt", "what this is")
            archive.writestr("AAPL_message_5.csv", text)
            archive.writestr("AAPL_orderbook_5.csv", "0")
    else:
        path.write_bytes(text)
    return path


@pytest.mark.parametrize("name", ["plain.csv", "packed.csv.gz", "packed.zip"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_lines_come_without_their_ends_from_every_packing(tmp_path: Path, name: str, end: bytes) -> None:
    path = pack(tmp_path / name, end.join(line.encode() for line in LINES) + end)
    assert list(LineReader(path)) == LINES


def test_packing_is_told_by_the_first_bytes_not_by_the_name(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(gzip.compress(b"a\nb\n"))
    assert list(LineReader(path)) == ["a", "b"]


def test_cut_gzip_file_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress("\n".join(map(str, range(50_000))).encode())[:-2000])
    with pytest.raises(FlowFileError, match="expected a whole compressed file"):
        list(LineReader(path))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"good\n\xff\xfe\n")
    with pytest.raises(FlowFileError, match="expected text in UTF-8, found byte 0xff"):
        list(LineReader(path))


def test_archive_with_several_candidates_asks_for_the_file(tmp_path: Path) -> None:
    path = tmp_path / "several.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "1")
        archive.writestr("b.csv", "2")
    with pytest.raises(FlowFileError, match=r"found 2: 'a\.csv, b\.csv'; unpack it"):
        list(LineReader(path))


@pytest.mark.parametrize(
    ("text", "places", "value"),
    [
        ("78318.0", 0, 78318),
        ("78318.0", 2, 7_831_800),
        ("1.53453667", 8, 153_453_667),
        ("4e-07", 8, 40),
        ("2.6e-06", 8, 260),
        ("0", 8, 0),
        ("5", 8, 500_000_000),
        ("61737.63000000", 2, 6_173_763),
        ("34200.004241176", 9, 34_200_004_241_176),
        ("-1", 0, -1),
    ],
)
def test_decimal_texts_become_exact_integers(text: str, places: int, value: int) -> None:
    assert scaled(text, places) == value


@pytest.mark.parametrize(
    "text", ["", "abc", "1.2.3", "nan", "inf", "1,5", "1_0", "+1", " 1", "\u0661", "1e9999", ".", "0x1"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the text alone is the message
        scaled(text, 8)


@pytest.mark.parametrize(
    ("text", "places"), [("78318.0", 0), ("0.1210", 3), ("4e-07", 7), ("1e2", 0), ("12", 0), ("x", 0)]
)
def test_places_count_without_trailing_zeros(text: str, places: int) -> None:
    assert decimal_places(text) == places
