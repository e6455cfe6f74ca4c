"""Reading recorded files: plain, .gz or .zip, line by line, with the line's number and how far the reading has come."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import IO

from tarazy.facility.flow.errors import FlowFileError, shown

PLACES_MAX = 8


class LineReader:
    """Stream the lines of a file without their line ends. `bytes_done` counts the file's own, compressed bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.line = 0
        self.bytes_total = os.stat(path).st_size
        self.bytes_done = 0

    def __iter__(self) -> Iterator[str]:
        """Yield every line.

        Raises: FlowFileError where the file is cut short, damaged, or not text.
        """
        try:
            with (
                open(self.path, "rb") as raw,
                open_packed(self.path, raw) as packed,
                io.TextIOWrapper(packed, encoding="utf-8", newline=None) as lines,
            ):
                for text in lines:
                    self.line += 1
                    if not self.line & 1023:
                        self.bytes_done = raw.tell()
                    yield text.rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise self.damaged("text in UTF-8", f"byte 0x{error.object[error.start]:02x}") from error
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise self.damaged("a whole compressed file", str(error)) from error
        self.bytes_done = self.bytes_total

    def damaged(self, expected: str, found: str) -> FlowFileError:
        """Return the error of a file that cannot be read beyond this line."""
        return FlowFileError(self.path, self.line + 1, expected, found, "fetch the file again")


def open_packed(path: Path, raw: IO[bytes]) -> IO[bytes] | gzip.GzipFile:
    """Return the unpacked bytes of a file: .gz and .zip by their first bytes, anything else as it is."""
    magic = raw.read(4)
    raw.seek(0)
    if magic[:2] == b"\x1f\x8b":
        return gzip.GzipFile(fileobj=raw)
    if magic[:4] == b"PK\x03\x04":
        archive = zipfile.ZipFile(raw)
        names = [n for n in archive.namelist() if not n.endswith("/") and "readme" not in n.lower()]
        chosen = [n for n in names if "message" in n.lower()] or names
        if len(chosen) != 1:
            found = ", ".join(chosen) or "none"
            raise FlowFileError(path, 0, "one file of messages in the archive", found, "unpack it and name the file")
        return archive.open(chosen[0])
    return raw


def decimal_places(text: str) -> int:
    """Return how many decimal places a number needs, without trailing zeros; 0 for what is no number."""
    if "e" in text or "E" in text:
        try:
            exponent = Decimal(text).normalize().as_tuple().exponent
        except InvalidOperation:
            return 0
        return max(0, -exponent) if isinstance(exponent, int) else 0
    return len(text.partition(".")[2].rstrip("0"))


@lru_cache(maxsize=65_536)
def scaled(text: str, places: int) -> int:
    """Return a decimal number as an integer of units of 10^-places, exact; digits beyond are rounded to even.

    The same prices and sizes come again and again, so the last ones are remembered.
    Raises: ValueError for what is no number.
    """
    whole, _, fraction = text.partition(".")
    digits = whole + fraction.ljust(places, "0")
    if len(fraction) <= places and digits.isdecimal() and (whole or fraction):
        return int(digits)
    try:
        number = Decimal(text)
        if not number.is_finite():
            raise ValueError(text)
        return int((number.scaleb(places)).to_integral_value())
    except InvalidOperation as error:
        raise ValueError(text) from error


def whole_number(path: Path, line: int, name: str, text: str) -> int:
    """Return an integer column.

    Raises: FlowFileError naming the column.
    """
    try:
        return int(text)
    except ValueError:
        raise FlowFileError(path, line, f"a whole number in column {name}", shown(text)) from None


def decimal_number(path: Path, line: int, name: str, text: str, places: int) -> int:
    """Return a decimal column as an integer of units of 10^-places.

    Raises: FlowFileError naming the column.
    """
    try:
        return scaled(text, places)
    except ValueError:
        raise FlowFileError(path, line, f"a decimal number in column {name}", shown(text)) from None
