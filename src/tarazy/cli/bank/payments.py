"""What the acts on payouts share: destinations from JSON, withdrawals from the record, the facility as sender."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tarazy.cli.errors import CliError
from tarazy.cli.files import read_json
from tarazy.cli.journal.seek import engine_after, last_seq, readable
from tarazy.facility.banking.book import BankBook
from tarazy.facility.banking.dispatches import RecordedPayment, last_dispatches, recorded_payments
from tarazy.facility.banking.pain001 import PaymentSender
from tarazy.facility.banking.payouts import BankDestination, RecordedWithdrawal
from tarazy.spec.state import State
from tarazy.spec.state_parts import APPROVED


def destination_from(path: Path) -> BankDestination:
    """Return a destination from a file with its fields in JSON. Raises: CliError."""
    expected = f"an object with {', '.join(BankDestination._fields)}"
    found = read_json(path, expected)
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise CliError(f"{path}: expected {expected}, all of them text, found another value")
    try:
        return BankDestination(**found)
    except TypeError:
        raise CliError(f"{path}: expected {expected}, found {', '.join(map(str, found))[:200]}") from None


def state_of(directory: Path) -> State:
    """Return the state at the end of a record, whole."""
    return readable(engine_after(directory, last_seq(directory))).state


def withdrawal_of(directory: Path, number: int) -> RecordedWithdrawal:
    """Return a withdrawal of the record. Raises: CliError for one that does not wait there."""
    found = state_of(directory).withdrawals.get(number)
    if found is None:
        raise CliError(f"withdrawal {number}: expected one that waits in the record, found none")
    terms = (found.withdrawal_id, found.asset_id, found.amount_minor, found.destination_hash)
    return RecordedWithdrawal(*terms, found.withdrawal_state == APPROVED)


def recorded_in(directory: Path) -> dict[int, RecordedPayment]:
    """Return the withdrawals that a record has approved, dispatched or settled, with their newest dispatch.

    The state is read first: a dispatch that comes between the two only makes the message wait, or goes on.
    """
    state = state_of(directory)
    return recorded_payments(state, last_dispatches(directory))


def add_sender(parser: argparse.ArgumentParser) -> None:
    """Declare the facility as the payer."""
    parser.add_argument("--name", required=True, metavar="TEXT", help="name of the facility as the bank has it")
    parser.add_argument("--identifier", required=True, metavar="BIN", help="its BIN")
    parser.add_argument("--bic", required=True, metavar="BIC", help="the account's bank")


def sender_of(book: BankBook, arguments: argparse.Namespace) -> PaymentSender:
    """Return the facility as the payer."""
    code = str(book.parameters.at("payment.own_sector_code", book.today).value)
    return PaymentSender(arguments.name, arguments.identifier, arguments.account, arguments.bic, code)


def shown(values: list[Any]) -> str:
    """Return a list in words."""
    return ", ".join(map(str, values)) or "none"
