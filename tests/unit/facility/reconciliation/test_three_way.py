"""Items, places and requirements, with numbers worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tarazy.domain.records import CustodyLocation
from tarazy.facility.reconciliation.comparing import three_way
from tarazy.facility.reconciliation.errors import ReconciliationError
from tarazy.facility.reconciliation.inputs import (
    BalanceEntry,
    KnownBalance,
    LocatedAccount,
    ReconciledSide,
    read_side,
)
from tarazy.facility.reconciliation.matching import DAY_NS, ItemState, MatchingTerms, match_entries
from tarazy.facility.reconciliation.requirement import client_money, funding_instructions

BANK, HOT = int(CustodyLocation.bank), int(CustodyLocation.hot)
USD, BTC = 2, 1
IBAN = LocatedAccount(USD, BANK, "KZ86125KZT5004100100")
NOW = 20_000 * DAY_NS
TERMS = MatchingTerms(NOW)


def entry(reference: str, amount: int, days_ago: int = 0, key: LocatedAccount = IBAN) -> BalanceEntry:
    """Return an entry of some days ago."""
    return BalanceEntry(key, reference, amount, NOW - days_ago * DAY_NS)


def states(book: list[BalanceEntry], outside: list[BalanceEntry], terms: MatchingTerms = TERMS) -> list[str]:
    """Return the states of all items, by time and reference."""
    return [item.state.value for item in match_entries(book, outside, terms)]


def side(
    balance: int, *entries: BalanceEntry, key: LocatedAccount = IBAN, evidence: bytes = bytes(32)
) -> ReconciledSide:
    """Return one account's side."""
    return ReconciledSide({key: KnownBalance(balance, NOW, evidence)}, list(entries))


def test_two_equal_bookings_on_one_day_are_two_and_match_two() -> None:
    """Duofy's defect: counted, never merged by value."""
    twice = [entry("D-1", 100), entry("D-1", 100)]
    assert states(twice, twice) == ["matched", "matched"]
    assert states(twice, twice[:1]) == ["matched", "timing"]


def test_amount_alone_never_matches() -> None:
    assert states([entry("D-1", 100)], [entry("D-2", 100)]) == ["timing", "unallocated"]
    assert states([entry("", 100)], [entry("", 100)]) == ["timing", "unallocated"]


def test_one_reference_with_two_amounts_is_a_break_of_the_difference() -> None:
    """An entry of 1,526 that is 1,500 and 26 of charges."""
    (item,) = match_entries([entry("W-9", -1_500)], [entry("W-9", -1_526)], TERMS)
    assert (item.state, item.difference_minor) == (ItemState.break_, -26)


@pytest.mark.parametrize(("days", "state"), [(0, "timing"), (2, "timing"), (3, "break"), (9, "break")])
def test_timing_runs_out_on_its_day(days: int, state: str) -> None:
    assert states([entry("W-1", -5, days)], []) == [state]


def test_debit_that_we_never_booked_is_a_break_at_once_and_a_credit_waits_unallocated() -> None:
    assert states([], [entry("", -7)]) == ["break"]
    assert states([], [entry("", 7)]) == ["unallocated"]
    assert states([], [entry("tx-1", 7)], MatchingTerms(NOW, expected={"tx-1"})) == ["timing"]


def test_explained_items_leave_no_difference() -> None:
    """Book 1,000. The bank has 1,070: a withdrawal of 30 is not out yet, and 40 came that nobody claims: 1,000 + 30 +
    40.
    """
    book = side(1_000, entry("W-1", -30))
    outside = side(1_070, entry("", 40))
    found = three_way({(USD, BANK): 1_000}, book, outside, TERMS)
    (place,) = found.places
    assert (place.outside_minor, place.adjusted_minor, place.difference_minor, place.is_break) == (
        1_070,
        1_000,
        0,
        False,
    )
    assert [account.difference_minor for account in found.accounts] == [0]


def test_what_nothing_explains_is_a_break_above_the_tolerance() -> None:
    book, outside = side(1_000), side(990)
    (place,) = three_way({(USD, BANK): 1_000}, book, outside, TERMS, {USD: 9}).places
    assert (place.difference_minor, place.is_break) == (-10, True)
    assert not three_way({(USD, BANK): 1_000}, book, outside, TERMS, {USD: 10}).breaks


def test_surplus_of_one_location_hides_nothing_at_another() -> None:
    hot, bank = LocatedAccount(USD, HOT, "0xaa"), IBAN
    book = ReconciledSide({hot: KnownBalance(100, NOW), bank: KnownBalance(100, NOW)}, [])
    outside = ReconciledSide({hot: KnownBalance(150, NOW), bank: KnownBalance(50, NOW)}, [])
    found = three_way({(USD, HOT): 100, (USD, BANK): 100}, book, outside, TERMS)
    assert [place.difference_minor for place in found.breaks] == [50, -50]


def test_account_that_nobody_looked_at_is_missing_and_its_place_breaks() -> None:
    found = three_way({(USD, BANK): 100}, side(100), ReconciledSide({}, []), TERMS)
    assert (found.missing, found.places[0].is_break, found.places[0].observed_ns) == ([IBAN], True, 0)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", ""]), st.integers(-5, 5)), max_size=12),
    st.lists(st.tuples(st.sampled_from(["a", "b", ""]), st.integers(-5, 5)), max_size=12),
)
def test_every_entry_is_in_exactly_one_item(ours: list[tuple[str, int]], theirs: list[tuple[str, int]]) -> None:
    items = match_entries([entry(*each) for each in ours], [entry(*each) for each in theirs], TERMS)
    assert sorted(item.book_minor for item in items if item.book_minor is not None) == sorted(each for _, each in ours)
    assert sorted(i.outside_minor for i in items if i.outside_minor is not None) == sorted(each for _, each in theirs)


def test_both_methods_of_the_client_money_requirement() -> None:
    """Clients have 700, 400 and -100, 50 is unallocated; our book says 1,000 in two accounts; 1,020 is really there.

    Individual balances: 700 + 400 + 50 = 1,150. Negative add-back: 1,000 + 100 = 1,100. Missing: 130.
    """
    (found,) = client_money({USD: [700, 400, -100]}, {USD: [600, 400]}, {USD: 1_020}, {USD: 50})
    assert (found.by_individual_balances_minor, found.by_negative_add_back_minor) == (1_150, 1_100)
    assert (found.requirement_minor, found.shortfall_minor, found.excess_minor) == (1_150, 130, 0)
    (instruction,) = funding_instructions([found], NOW + 5)
    assert (instruction.amount_minor, instruction.due_ns) == (130, NOW + DAY_NS - 1)


def test_excess_raises_no_instruction() -> None:
    (found,) = client_money({USD: [100]}, {USD: [100]}, {USD: 130})
    assert (found.shortfall_minor, found.excess_minor, funding_instructions([found], NOW)) == (0, 30, [])


LINE = {"line": "balance", "asset_id": 2, "location": "bank", "account": "A", "amount_minor": "5", "at_ns": "1"}


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": 5},
        {"amount_minor": "1e3"},
        {"amount_minor": "--5"},
        {"amount_minor": "9" * 50},
        {"location": "moon"},
        {"account": ""},
        {"asset_id": "2"},
        {"line": "story"},
        {"evidence_sha256": "ab"},
    ],
)
def test_line_that_is_no_line_is_named_with_its_number(change: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "side.jsonl"
    path.write_text(json.dumps(LINE) + "\n" + json.dumps(LINE | {"account": "B"} | change) + "\n")
    with pytest.raises(ReconciliationError, match="in line 2 of"):
        read_side(path)


def test_balance_of_one_account_stands_once(tmp_path: Path) -> None:
    path = tmp_path / "side.jsonl"
    path.write_text((json.dumps(LINE) + "\n") * 2)
    with pytest.raises(ReconciliationError, match="stands twice"):
        read_side(path)
