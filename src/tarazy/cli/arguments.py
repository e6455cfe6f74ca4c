"""Arguments that several verbs share, checked with errors that say what was expected."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_journal(parser: argparse.ArgumentParser) -> None:
    """Declare the folder of a journal."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="folder of the journal")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Declare --json."""
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line of stdout")


def positive(text: str) -> int:
    """Return a number of 1 or more."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a whole number, found {text!r}") from None
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {number}")
    return number


def port(text: str) -> int:
    """Return a port, 0 for a free one."""
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, found {text!r}")
    return int(text)


def digest(text: str) -> bytes:
    """Return 32 bytes from 64 hexadecimal digits."""
    try:
        value = bytes.fromhex(text)
    except ValueError:
        value = b""
    if len(value) != 32:
        raise argparse.ArgumentTypeError(f"expected 64 hexadecimal digits, found {text!r}")
    return value


def head(text: str) -> tuple[int, bytes]:
    """Return (frame number, frame hash) from FRAME:HASH."""
    number, colon, value = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f"expected FRAME:HASH as `tarazy verify` prints it, found {text!r}")
    return positive(number), digest(value)
