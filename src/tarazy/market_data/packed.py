"""Recorded files as they come: plain or packed as .gz, .bz2, .xz or .zip, told by their first bytes, not by the name.

A file is read more than once, so it must be a regular one: a pipe is refused before it is opened. Nothing is unpacked
to a disk or as a whole, so an archive that grows without end costs time and no memory.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from tarazy.market_data.errors import FlowFileError, shown

HEAD_BYTES = 8
BUFFER_BYTES = 1 << 16
ENCRYPTED = 1
UNPACK = "unpack it and name the file"
PACKING_ERRORS = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, RuntimeError)
KINDS_OF_FILE = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
# First bytes of what is not read, each with its words (RFC 8878 for Zstandard; the rest by their formats' own pages).
FOREIGN = (
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", UNPACK),
    (b"\x04\x22\x4d\x18", "an LZ4 file", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"Rar!", "a RAR archive", UNPACK),
    (b"PAR1", "a Parquet file", "export it as text"),
    (b"SQLite", "a database", "export it as text"),
    (b"\xff\xfe", "text in UTF-16", "convert it to UTF-8"),
    (b"\xfe\xff", "text in UTF-16", "convert it to UTF-8"),
    (b"\x00\x00\xfe\xff", "text in UTF-32", "convert it to UTF-8"),
)
PACKED = ((b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"), (b"PK\x03\x04", "zip"), (b"PK\x05", "zip"))
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def check_regular(path: Path) -> int:
    """Return the size of a file that can be read more than once.

    Raises: FlowFileError for a folder, a pipe, a device or `-`; OSError where there is none.
    """
    advice = "save it to a file first: it is read more than once"
    if str(path) == "-":
        raise FlowFileError(path, 0, "the name of a file", "- (the standard input)", advice)
    found = os.stat(path)
    if stat.S_ISREG(found.st_mode):
        return found.st_size
    kind = next((words for is_kind, words in KINDS_OF_FILE if is_kind(found.st_mode)), "something else")
    raise FlowFileError(path, 0, "a regular file", kind, advice if kind != "a folder" else "name the file in it")


def open_text(path: Path, raw: IO[bytes]) -> io.BufferedReader:
    """Return the unpacked text of a file, behind a byte order mark, as bytes.

    Raises: FlowFileError for what is no text.
    """
    packing = packing_of(raw)
    opened = io.BufferedReader(cast("Any", open_packed(path, raw, packing)), BUFFER_BYTES)
    head = opened.peek(HEAD_BYTES)[:HEAD_BYTES]
    inside = f" inside a {packing} file" if packing else ""
    for magic, words, advice in FOREIGN:
        if head.startswith(magic):
            raise FlowFileError(path, 0, "text in UTF-8", f"{words}{inside}", advice)
    if packing and (nested := next((name for magic, name in PACKED if head.startswith(magic)), "")):
        raise FlowFileError(path, 0, "text in UTF-8", f"a {nested} file{inside}", UNPACK)
    if b"\0" in head[:4]:
        raise FlowFileError(path, 0, "text in UTF-8", f"bytes that are no text{inside}: {head.hex(' ')}")
    if head.startswith(BYTE_ORDER_MARK):
        opened.read(len(BYTE_ORDER_MARK))
    return opened


def packing_of(raw: IO[bytes]) -> str:
    """Return how a file is packed, empty where it is not."""
    head = raw.read(HEAD_BYTES)
    raw.seek(0)
    return next((name for magic, name in PACKED if head.startswith(magic)), "")


def open_packed(path: Path, raw: IO[bytes], packing: str) -> IO[bytes]:
    """Return the unpacked bytes of a file."""
    if packing == "gzip":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
    if packing == "bzip2":
        return bz2.BZ2File(raw)
    if packing == "xz":
        return lzma.LZMAFile(raw)
    if packing == "zip":
        return open_member(path, zipfile.ZipFile(raw))
    return raw


def open_member(path: Path, archive: zipfile.ZipFile) -> IO[bytes]:
    """Return the one file of messages in an archive: of several the one that says so, a README never."""
    names = [n for n in archive.namelist() if not n.endswith("/") and "readme" not in n.lower()]
    chosen = [n for n in names if "message" in n.lower()] or names
    expected = "one file of messages in the archive"
    if len(chosen) != 1:
        found = f"{len(chosen)}: {shown(', '.join(chosen[:10]))}" if chosen else "none"
        raise FlowFileError(path, 0, expected, found, UNPACK)
    name = PurePosixPath(chosen[0].replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts:
        raise FlowFileError(path, 0, expected, f"one that leaves its folder, {shown(chosen[0])}", UNPACK)
    if archive.getinfo(chosen[0]).flag_bits & ENCRYPTED:
        raise FlowFileError(path, 0, expected, f"an encrypted one, {shown(chosen[0])}", UNPACK)
    method = archive.getinfo(chosen[0]).compress_type
    if method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # the library unpacks others as a whole
        raise FlowFileError(path, 0, "a stored or deflated file in the archive", f"one of method {method}", UNPACK)
    return archive.open(chosen[0])
