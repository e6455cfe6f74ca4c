"""Statements of banks as the other side: closing balances, references, and what is refused."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from tarazy.domain.records import CustodyLocation
from tarazy.facility.reconciliation.bank_side import add_statements
from tarazy.facility.reconciliation.comparing import three_way
from tarazy.facility.reconciliation.errors import ReconciliationError
from tarazy.facility.reconciliation.inputs import BalanceEntry, KnownBalance, LocatedAccount, ReconciledSide
from tarazy.facility.reconciliation.matching import ItemState, MatchingTerms

from ..banking.messages import ACCOUNT, balance, camt, details, entry, statement

KZT, BANK = 2, int(CustodyLocation.bank)
KEY = LocatedAccount(KZT, BANK, ACCOUNT)
# 2026-11-27 23:59:59 UTC
CLOSE_NS = 1_795_823_999 * 10**9
BALANCES = (balance("OPBD", "1000.00"), balance("CLBD", "1300.00"))
REFERENCED = "<Refs><EndToEndId>D-17</EndToEndId></Refs>"
ENTRIES = (
    entry("500.00", inner=details(REFERENCED), reference="B1"),
    entry("200.00", "DBIT", reference="W-4"),
)


def read(tmp_path: Path, *statements: str) -> tuple[ReconciledSide, bytes]:
    """Return a side from one file, and the file's bytes."""
    path = tmp_path / "statement.xml"
    path.write_bytes(camt(*statements))
    side = ReconciledSide({}, [])
    add_statements(side, [path], {"KZT": KZT}.get)
    return side, path.read_bytes()


def test_closing_balance_has_the_files_hash_as_evidence_and_entries_their_references(tmp_path: Path) -> None:
    side, data = read(tmp_path, statement(*ENTRIES, balances=BALANCES))
    assert side.balances == {KEY: KnownBalance(130_000, CLOSE_NS, sha256(data).digest())}
    assert [(each.reference, each.amount_minor) for each in side.entries] == [("D-17", 50_000), ("W-4", -20_000)]


def test_statement_against_our_book_and_the_ledger(tmp_path: Path) -> None:
    """Our book has 1,050: the deposit, the withdrawal, and one of 250 that the bank has not paid out yet."""
    side, _ = read(tmp_path, statement(*ENTRIES, balances=BALANCES))
    movements = (("D-17", 50_000), ("W-4", -20_000), ("W-5", -25_000))
    ours = [BalanceEntry(KEY, reference, minor, CLOSE_NS) for reference, minor in movements]
    book = ReconciledSide({KEY: KnownBalance(105_000, CLOSE_NS)}, ours)
    found = three_way({(KZT, BANK): 105_000}, book, side, MatchingTerms(CLOSE_NS + 1))
    assert not found.breaks
    assert [item.state for item in found.items] == [ItemState.matched, ItemState.matched, ItemState.timing]
    late = three_way({(KZT, BANK): 105_000}, book, side, MatchingTerms(CLOSE_NS + 4 * 86_400 * 10**9))
    assert [place.difference_minor for place in late.breaks] == [25_000]


def test_newest_of_several_statements_gives_the_balance(tmp_path: Path) -> None:
    older = statement(balances=(balance("OPBD", "1000.00"), balance("CLBD", "1000.00")), number="S1")
    newer = (balance("OPBD", "1000.00", day="2026-11-28"), balance("CLBD", "1000.00", day="2026-11-28"))
    side, _ = read(tmp_path, statement(balances=newer, number="S2"), older)
    assert side.balances[KEY].at_ns == CLOSE_NS + 86_400 * 10**9


def test_statement_that_does_not_add_up_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReconciliationError, match=r"statement S1 of .* to be whole"):
        read(tmp_path, statement(*ENTRIES, balances=(balance("OPBD", "1000.00"), balance("CLBD", "1301.00"))))


def test_currency_that_is_no_asset_is_refused(tmp_path: Path) -> None:
    eur = (balance("OPBD", "1.00", currency="EUR"), balance("CLBD", "1.00", currency="EUR"))
    with pytest.raises(ReconciliationError, match="a currency that is an asset of the record"):
        read(tmp_path, statement(balances=eur, currency="EUR"))
