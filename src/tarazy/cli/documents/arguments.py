"""Arguments that the acts on documents share."""

from __future__ import annotations

import argparse
import getpass
from datetime import date
from pathlib import Path

from tarazy.platform.documents.entry import DIGEST, Entry


def add_store(parser: argparse.ArgumentParser) -> None:
    """Declare the folder of the store."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="folder of the store, such as FACILITY.documents")


def add_digest(parser: argparse.ArgumentParser) -> None:
    """Declare the document's hash."""
    parser.add_argument("digest", type=digest, metavar="SHA256", help="the document's hash")


def add_by(parser: argparse.ArgumentParser) -> None:
    """Declare who acts."""
    parser.add_argument("--by", metavar="NAME", help="who does it (the name under which you are logged in)")


def by(arguments: argparse.Namespace) -> str:
    """Return who acts."""
    return arguments.by or getpass.getuser()


def digest(text: str) -> str:
    """Return a SHA-256 in lower case."""
    if not DIGEST.fullmatch(text.lower()):
        raise argparse.ArgumentTypeError(f"expected 64 hexadecimal digits, found {text!r}")
    return text.lower()


def day(text: str) -> date:
    """Return a day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day such as 2032-12-31, found {text!r}") from None


def line(entry: Entry) -> str:
    """Return a document in one line."""
    end = f"deleted {entry.deleted_at[:10]}" if entry.is_deleted else f"until {entry.retain_until}"
    return f"{entry.sha256}  {entry.kind:14}  {entry.size:>12,} bytes  {end}  {entry.name}"
