"""Arguments that the authority's verbs share."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.authority.desk import AuthorityDesk
from tarazy.cli.arguments import positive
from tarazy.cli.passphrases import add_passphrase_file, open_key
from tarazy.domain.signer import Signer

DESK_KEY = "desk.key"


def add_folder(parser: argparse.ArgumentParser) -> None:
    """Declare the authority's folder."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="the authority's folder")


def add_officer(parser: argparse.ArgumentParser) -> None:
    """Declare the officer who acts."""
    parser.add_argument("--officer", type=positive, required=True, metavar="N", help="number of the officer who acts")
    parser.add_argument("--key", type=Path, required=True, metavar="KEY", help="the officer's key file")
    add_passphrase_file(parser)


def signer_of(arguments: argparse.Namespace) -> Signer:
    """Return the officer's key."""
    return open_key(arguments.key, arguments.passphrase_file)


def open_desk(arguments: argparse.Namespace, *, reads_only: bool = False) -> AuthorityDesk:
    """Open the desk of the folder."""
    return AuthorityDesk.open(arguments.directory, reads_only=reads_only)
