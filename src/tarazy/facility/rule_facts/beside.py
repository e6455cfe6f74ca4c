"""Facts of everything that lies beside a record. A store that is not there says nothing: its facts stay unknown.

Their grade is `declared`: the facility's own books say so, signed by its officers in trails that a replay of the record
does not prove. Acts of the admission desk have the grade `recorded` where each key is its officer's in the record.
A fact counts from the day of its store's newest act, or from that of the newest statement or message; the admission
desk and the confirmations are read as they were on the day of the question.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.facility.accounts.register import Register, register_beside
from tarazy.facility.admission.acknowledgements import FILE, Acknowledgements
from tarazy.facility.admission.desk import admission_beside
from tarazy.facility.banking.book import BankBook, book_beside
from tarazy.facility.custody.store import CustodyStore, custody_beside
from tarazy.facility.rule_facts.admission_facts import admission_facts, desk_on
from tarazy.facility.rule_facts.bank_facts import bank_facts
from tarazy.facility.rule_facts.confirmation_facts import confirmation_facts, until
from tarazy.facility.rule_facts.custody_facts import custody_facts
from tarazy.facility.rule_facts.document_facts import document_facts
from tarazy.facility.rule_facts.register_facts import RecordedMoments, register_facts
from tarazy.journal.identity import load_identity
from tarazy.platform.documents.store import Documents, store_beside
from tarazy.platform.signed_acts.record import NAME
from tarazy.rulebook.facts import RuleFact


class StoreSource(NamedTuple):
    """One store: its name in a trace, the day from which its facts count, what they say, and their grade."""

    name: str
    on: date
    facts: dict[str, Any]
    grade: str = "declared"


def facts_beside(journal: Path, moments: RecordedMoments, asof: date) -> Iterator[RuleFact]:
    """Yield the facts of every store beside a record that began by a day.

    Raises: AccountsError, ActRecordError, BankingError, CustodyError, DocumentError where a store cannot be read.
    """
    for source in (*_sources(Path(journal), moments), *_of_desk(Path(journal), moments, asof)):
        for name, value in source.facts.items() if source.on <= asof else ():
            yield RuleFact(name, value, source.name, source.grade, source.on)


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


def _of_desk(journal: Path, moments: RecordedMoments, asof: date) -> Iterator[StoreSource]:
    """Yield what the admission desk and clients' confirmations say; the counts need a replay's moments of accounts."""
    folder = admission_beside(journal)
    if not (folder / NAME).is_file():
        return
    desk = desk_on(journal, load_identity(journal).facility_id, moments.officer_keys, asof)
    if desk is None:
        return
    grade = "recorded" if desk.is_proven else "declared"
    yield StoreSource("admission desk", desk.on, admission_facts(desk.state, moments.admitted_ns, asof), grade)
    confirmed = []
    if (folder / FILE).is_file():
        store = Acknowledgements(folder)
        confirmed = until(store.every(), asof)
        store.close()
    facts = confirmation_facts(confirmed, moments.account_orders_ns)
    yield StoreSource("clients' confirmations", desk.on, dict(facts))


NEWEST = "SELECT max(at) FROM acts"
NEWEST_OF_BOOK = "SELECT max(at) FROM (SELECT at FROM acts UNION ALL SELECT at FROM files)"
NEWEST_OF_CUSTODY = "SELECT max(at) FROM (SELECT at FROM acts UNION ALL SELECT at FROM travel)"


def _newest(rows: list[tuple[Any, ...]]) -> date:
    """Return the day of the newest act; a store without one is from ever."""
    return date.fromisoformat(rows[0][0][:10]) if rows[0][0] else date(1970, 1, 1)
