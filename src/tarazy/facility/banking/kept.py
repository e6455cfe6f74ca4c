"""Statements and entries that the book keeps, for who compares them with the ledger: rows with types, in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tarazy.facility.banking.book import BankBook


class KeptStatement(NamedTuple):
    """A booked statement. `file` is the SHA-256 of the file that it came in; days are ISO dates.

    `hold` is empty where the statement is believed; see `holds`.
    """

    statement: int
    account: str
    currency: str
    form: str
    statement_id: str
    page: int
    sequence: int | None
    opening_minor: int
    opening_day: str
    closing_minor: int
    closing_day: str
    entry_count: int
    sum_minor: int
    digest: str
    file: str
    hold: str


class KeptEntry(NamedTuple):
    """A booking of a kept statement; `body` is JSON with its transactions."""

    entry: int
    statement: int
    position: int
    amount_minor: int
    status: str
    is_reversal: int
    booked_on: str
    value_on: str
    servicer_reference: str
    information: str
    body: str


def kept_statements(book: BankBook, account: str = "", currency: str = "") -> list[KeptStatement]:
    """Return statements, of one account or all, by account, day, number and page."""
    where, values = ("WHERE account = ? AND currency = ?", (account, currency)) if account else ("", ())
    order = "ORDER BY account, currency, closing_day, sequence, page, statement"
    return [KeptStatement(*row) for row in book.all(f"SELECT * FROM statements {where} {order}", values)]


def kept_entries(book: BankBook, statement: int) -> Iterator[KeptEntry]:
    """Yield the entries of a statement, in its order."""
    query = "SELECT * FROM entries WHERE statement = ? ORDER BY position"
    for row in book.connection.execute(query, (statement,)):
        yield KeptEntry(*row)
