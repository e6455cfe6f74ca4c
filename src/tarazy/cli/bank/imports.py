"""`tarazy bank import DIR FILE ...`: take statements into the bank book, whole files, as often as one likes."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.output import Output
from tarazy.facility.banking.errors import BankingError
from tarazy.facility.banking.importing import gaps, import_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="files of banks")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Import files one after the other; what keeps one out does not keep the others out."""
    done, refused = [], []
    with open_book(arguments) as book:
        for path in arguments.files:
            try:
                found = import_file(book, path)
            except (BankingError, OSError) as error:
                refused.append({"file": str(path), "error": str(error)})
                output.say(f"{path}: not taken: {error}")
                continue
            done.append({"file": str(path), **found._asdict()})
            words = f"{found.new} statements, {found.entries} entries, {found.items} receipts"
            output.say(f"{path}: {'known, nothing new' if found.is_known else words}")
            if found.held:
                output.warn(f"{path}: {found.held} statements are held: tarazy bank hold says why")
        missing = gaps(book)
    for each in missing:
        between = f"between {each.after_statement} and {each.before_statement}"
        output.say(f"gap of {each.account} {each.currency} {between}: expected {each.expected}, found {each.found}")
    output.result({"files": done, "refused": refused, "gaps": [each._asdict() for each in missing]})
    return 1 if refused else 0
