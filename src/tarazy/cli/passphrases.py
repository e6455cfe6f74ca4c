"""Passphrases of key files: typed at the terminal, or the first line of a file."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from tarazy.cli.errors import CliError
from tarazy.domain.signer import Signer
from tarazy.facility.officers.key_files import load_key_file, needs_passphrase

LINE_BYTES_MAX = 4096


def add_passphrase_file(parser: argparse.ArgumentParser) -> None:
    """Declare --passphrase-file."""
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="file whose first line is the key's passphrase"
    )


def open_key(path: Path, passphrase_file: Path | None) -> Signer:
    """Read a key file; ask for its passphrase where it has one and no file gives it.

    Raises: CliError where nobody can be asked.
    """
    if not needs_passphrase(path):
        return load_key_file(path)
    return load_key_file(path, from_file(passphrase_file) if passphrase_file else ask(f"passphrase of {path}: "))


def new_passphrase() -> bytes:
    """Ask for a passphrase twice.

    Raises: CliError where the two differ.
    """
    first = ask("passphrase: ")
    if first != ask("the same again: "):
        raise CliError("expected the same passphrase twice, found two; nothing was written")
    return first


def ask(prompt: str) -> bytes:
    """Read a passphrase from the terminal without showing it.

    Raises: CliError where there is no terminal.
    """
    if not sys.stdin.isatty():
        raise CliError("expected a terminal to ask for the passphrase, found none; give --passphrase-file")
    return getpass.getpass(prompt).encode()


def from_file(path: Path) -> bytes:
    """Return the first line of a file."""
    with open(path, "rb") as file:
        return file.readline(LINE_BYTES_MAX).rstrip(b"\r\n")
