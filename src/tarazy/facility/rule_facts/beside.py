"""Facts of everything that lies beside a record. A store that is not there says nothing: its facts stay unknown.

Their grade is `declared`: the facility's own books say so, signed by its officers in trails that a replay of the record
does not prove. A fact counts from the day of its store's newest act, or from that of the newest statement or message.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.facility.accounts.register import Register, register_beside
from tarazy.facility.banking.book import BankBook, book_beside
from tarazy.facility.custody.store import CustodyStore, custody_beside
from tarazy.facility.rule_facts.bank_facts import bank_facts
from tarazy.facility.rule_facts.custody_facts import custody_facts
from tarazy.facility.rule_facts.document_facts import document_facts
from tarazy.facility.rule_facts.register_facts import RecordedMoments, register_facts
from tarazy.platform.documents.store import Documents, store_beside
from tarazy.rulebook.facts import RuleFact


class StoreSource(NamedTuple):
    """One store: its name in a trace, the day from which its facts count, and what they say."""

    name: str
    on: date
    facts: dict[str, Any]


def facts_beside(journal: Path, moments: RecordedMoments, asof: date) -> Iterator[RuleFact]:
    """Yield the facts of every store beside a record that began by a day.

    Raises: AccountsError, BankingError, CustodyError, DocumentError where a store cannot be read.
    """
    for source in _sources(Path(journal), moments):
        for name, value in source.facts.items() if source.on <= asof else ():
            yield RuleFact(name, value, source.name, "declared", source.on)


def _sources(journal: Path, moments: RecordedMoments) -> Iterator[StoreSource]:
    path = register_beside(journal)
    if path.is_file():
        with Register(path) as register:
            yield StoreSource("register of clients", _newest(register.all(NEWEST)), register_facts(register, moments))
    path = book_beside(journal)
    if path.is_file():
        with BankBook(path) as book:
            yield StoreSource("bank book", _newest(book.all(NEWEST_OF_BOOK)), bank_facts(book))
    path = custody_beside(journal)
    if path.is_file():
        with CustodyStore(path) as store:
            yield StoreSource("custody's file", _newest(store.all(NEWEST_OF_CUSTODY)), custody_facts(store))
    path = store_beside(journal)
    if path.is_dir():
        entries = Documents(path).entries()
        newest = [(max((each.added_at for each in entries), default=""),)]
        yield StoreSource("store of documents", _newest(newest), document_facts(entries))


NEWEST = "SELECT max(at) FROM acts"
NEWEST_OF_BOOK = "SELECT max(at) FROM (SELECT at FROM acts UNION ALL SELECT at FROM files)"
NEWEST_OF_CUSTODY = "SELECT max(at) FROM (SELECT at FROM acts UNION ALL SELECT at FROM travel)"


def _newest(rows: list[tuple[Any, ...]]) -> date:
    """Return the day of the newest act; a store without one is from ever."""
    return date.fromisoformat(rows[0][0][:10]) if rows[0][0] else date(1970, 1, 1)
