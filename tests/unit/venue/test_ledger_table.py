"""The table of transfer types: as documented, closed, and with exits only where they are marked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tarazy.domain.engine import Engine, InvariantBroken
from tarazy.domain.records import BustTrade, CustodyLocation, Estate, PlaceOrder
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.invariants import Invariants
from tarazy.spec.ledger import (
    DEPOSIT,
    SWEEP_ASSETS,
    TRANSFER_TYPES,
    AssetLedger,
    Kind,
    Ledger,
    LedgerAccount,
    TransferType,
)
from tarazy.spec.state import TRADES_MAX

from ...floor import ALICE, BOB, MARKET, Floor

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "concepts" / "ledger-and-segregation.md"
CORE = ROOT / "core" / "src" / "ledger.rs"
LETTERS = dict(zip(("CC", "SF", "HC", "AV", "HE", "UN", "FE", "NF", "HQ"), Kind, strict=True))
CASES = [(name, transfer_type) for name, transfer_type in TRANSFER_TYPES.items()]


@pytest.fixture
def ledger() -> Ledger:
    """Return a ledger of one asset."""
    made = Ledger(Invariants())
    made.assets.append(AssetLedger())
    return made


def account(ledger: Ledger, kind: Kind, minor: int) -> LedgerAccount:
    """Return a ledger account of a kind with an amount, booked in the totals."""
    made = LedgerAccount(kind)
    made.minor = minor
    ledger.asset(1).totals[kind] += minor
    return made


def test_documented_table_is_the_closed_one() -> None:
    rows = re.findall(r"^\| ([A-Z_]+)(\*?) \| ([A-Z]{2}) / ([A-Z]{2}) \|", PAGE.read_text(), re.MULTILINE)
    told = {name: TransferType(LETTERS[debit], LETTERS[credit], star == "*") for name, star, debit, credit in rows}
    assert told == TRANSFER_TYPES
    assert len(rows) == len(told)


def test_both_engines_have_the_same_table() -> None:
    found = re.findall(
        r"^pub const (\w+): TransferType = (\w+)\(Kind::(\w+), Kind::(\w+)\);$", CORE.read_text(), re.MULTILINE
    )
    kinds = {"".join(part.capitalize() for part in kind.name.split("_")): kind for kind in Kind}
    assert {n: TransferType(kinds[d], kinds[c], how == "exit") for n, how, d, c in found} == TRANSFER_TYPES


@pytest.mark.parametrize(("name", "transfer_type"), CASES, ids=[name for name, _ in CASES])
def test_posting_takes_only_the_kinds_of_its_type(ledger: Ledger, name: str, transfer_type: TransferType) -> None:
    for debit in Kind:
        for credit in Kind:
            if (debit, credit) == transfer_type[:2]:
                continue
            with pytest.raises(InvariantBroken, match="SEGREGATE"):
                ledger.post(transfer_type, 1, 5, account(ledger, debit, 9), account(ledger, credit, 9))


@pytest.mark.parametrize(("name", "transfer_type"), CASES, ids=[name for name, _ in CASES])
def test_posting_sums_to_zero_and_never_goes_below_it(ledger: Ledger, name: str, transfer_type: TransferType) -> None:
    debit, credit = account(ledger, transfer_type.debit, 9), account(ledger, transfer_type.credit, 9)
    ledger.post(transfer_type, 1, 5, debit, credit)
    signed = [minor if kind <= Kind.house_custody else -minor for kind, minor in enumerate(ledger.asset(1).totals)]
    before = [9 if kind <= Kind.house_custody else -9 for kind in transfer_type[:2]]
    assert sum(signed) == sum(before)
    takes = transfer_type.debit > Kind.house_custody or transfer_type.credit <= Kind.house_custody
    if takes:
        with pytest.raises(InvariantBroken, match="COVER"):
            ledger.post(transfer_type, 1, 15, debit, credit)


@pytest.mark.parametrize(("name", "transfer_type"), CASES, ids=[name for name, _ in CASES])
def test_client_assets_leave_only_by_the_marked_types(ledger: Ledger, name: str, transfer_type: TransferType) -> None:
    leaves = transfer_type.credit == Kind.client_custody != transfer_type.debit
    assert transfer_type.exits == leaves
    ledger.post(transfer_type, 1, 5, account(ledger, transfer_type.debit, 9), account(ledger, transfer_type.credit, 9))
    assert ledger.exits == [(1, 5)] * leaves
    if leaves:
        unmarked = transfer_type._replace(exits=False)
        with pytest.raises(InvariantBroken, match="EXIT"):
            ledger.post(unmarked, 1, 1, account(ledger, unmarked.debit, 9), account(ledger, unmarked.credit, 9))


@pytest.mark.parametrize("declared", [[], [(1, 4)], [(1, 5), (1, 5)], [(2, 5)]], ids=str)
def test_exits_are_exactly_the_declared_amounts(ledger: Ledger, declared: list[tuple[int, int]]) -> None:
    hot = ledger.custody(Estate.client, CustodyLocation.hot, 1)
    ledger.post(DEPOSIT, 1, 9, hot, LedgerAccount(Kind.available))
    ledger.check()
    house = ledger.custody(Estate.house, CustodyLocation.hot, 1)
    for asset, minor in declared:
        ledger.permit_exit(asset, minor)
    ledger.post(SWEEP_ASSETS, 1, 5, house, hot)
    ledger.touched.clear()
    with pytest.raises(InvariantBroken, match="EXIT"):
        ledger.check()


def test_only_the_last_trades_can_be_busted(engine: type[Engine]) -> None:
    """One trade more than the venue remembers: the first cannot be busted, the second and the last can."""
    floor = Floor(engine)
    floor.asset("BTC", 8)
    floor.asset("USD", 2)
    floor.market()
    floor.account(btc=1 << 20)
    floor.account(usd=1 << 30)
    floor.sell(ALICE, TRADES_MAX + 1, 1)
    first = floor.venue.next_seq
    buy = PlaceOrder(1, 1, 2, 1, 0, floor.now, MARKET, BOB, 0, 1, 1).pack()
    floor.venue.apply(buy * (TRADES_MAX + 1))
    assert floor.balance(BOB, 1) == (TRADES_MAX + 1, 0)
    floor.venue = engine.restore(floor.venue.snapshot())

    def bust(seq: int) -> list[str]:
        return floor.attempt(BustTrade(0, 0, seq, floor.new_hash())).kinds

    refused = floor.attempt(BustTrade(0, 0, first, floor.new_hash()))
    assert refused.reject_code == RejectCode.trade_unknown
    for seq in (first + 1, first + TRADES_MAX):
        assert bust(seq) == ["TradeBusted", "TradeBusted"]
    floor.venue.apply(buy)
    assert floor.balance(ALICE, 1) == ((1 << 20) - TRADES_MAX + 1, 0)
