"""What the acts on banks share: the bank book beside a record, and the officer who acts with a key."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import add_journal
from tarazy.facility.accounts.parameters import load_parameters
from tarazy.facility.banking.book import PARAMETERS, BankBook, book_beside
from tarazy.facility.banking.errors import NotInBankBookError
from tarazy.journal.identity import load_identity


def add_book(parser: argparse.ArgumentParser) -> None:
    """Declare the folder of the record and the parameters."""
    add_journal(parser)
    parser.add_argument("--parameters", type=Path, metavar="FILE", help="dated parameters (those of the package)")


def open_book(arguments: argparse.Namespace, *, new: bool = False) -> BankBook:
    """Open the bank book beside a record; it is made where `new` allows it.

    Raises: NotInBankBookError where there is none; JournalError where there is no record.
    """
    load_identity(arguments.directory)
    path = book_beside(arguments.directory)
    if not new and not path.exists():
        action = "tarazy bank account makes it"
        raise NotInBankBookError(path, expected="a bank book", found="no file", action=action)
    return BankBook(path, load_parameters(arguments.parameters or PARAMETERS))
