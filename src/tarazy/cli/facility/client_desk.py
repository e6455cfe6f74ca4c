"""What the acts on clients share: the register and documents beside a record, and the officer who acts with a key."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import add_journal, positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.instruct_draft import find_officer
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.passphrases import add_passphrase_file, open_key
from tarazy.facility.accounts.errors import NotInRegisterError
from tarazy.facility.accounts.parameters import SHIPPED, load_parameters
from tarazy.facility.accounts.register import Register, register_beside
from tarazy.facility.accounts.trail import Actor
from tarazy.journal.identity import load_identity
from tarazy.platform.documents.store import Documents, store_beside


def add_desk(parser: argparse.ArgumentParser) -> None:
    """Declare the folder of the record and the parameters."""
    add_journal(parser)
    parser.add_argument("--parameters", type=Path, metavar="FILE", help="dated parameters (those of the package)")


def add_actor(parser: argparse.ArgumentParser, *, needed: bool = True) -> None:
    """Declare the officer who acts."""
    parser.add_argument("--officer", type=positive, required=needed, metavar="N", help="number of the officer who acts")
    parser.add_argument("--key", type=Path, required=needed, metavar="KEY", help="the officer's key file")
    add_passphrase_file(parser)


def open_register(arguments: argparse.Namespace, *, new: bool = False) -> Register:
    """Open the register beside a record; it is made where `new` allows it.

    Raises: NotInRegisterError where there is none; JournalError where there is no record.
    """
    load_identity(arguments.directory)
    path = register_beside(arguments.directory)
    if not new and not path.exists():
        action = "tarazy facility client new makes it"
        raise NotInRegisterError(path, expected="a register of clients", found="no file", action=action)
    return Register(path, load_parameters(arguments.parameters or SHIPPED))


def documents_of(arguments: argparse.Namespace) -> Documents:
    """Return the documents beside a record."""
    return Documents(store_beside(arguments.directory))


def actor_of(arguments: argparse.Namespace) -> Actor:
    """Return the officer who acts, with the roles that the record gives.

    Raises: CliError for a key that is not the officer's.
    """
    if arguments.officer is None or arguments.key is None:
        raise CliError("expected --officer N and --key KEY for this, found one of them or none")
    return officer_with_key(arguments.directory, arguments.officer, arguments.key, arguments.passphrase_file)


def officer_with_key(directory: Path, officer_id: int, key: Path, passphrase_file: Path | None) -> Actor:
    """Return an officer of a record, with the roles that the record gives, and its key.

    Raises: CliError for a key that is not the officer's.
    """
    officer = find_officer(reference_state(directory), officer_id)
    signer = open_key(key, passphrase_file)
    if signer.public_key != officer.public_key:
        expected = f"the key {officer.public_key.hex()} of officer {officer.officer_id}"
        raise CliError(f"{key}: expected {expected}, found {signer.public_key.hex()}")
    return Actor(officer.officer_id, officer.officer_roles, signer)
