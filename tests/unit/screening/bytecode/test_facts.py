"""Facts of small contracts: layout, guards, movements, what a gate allows."""

from __future__ import annotations

import pytest

from tarazy.screening.bytecode.facts import ContractFacts, analyse
from tarazy.screening.bytecode.fees import fees
from tarazy.screening.bytecode.restrictions import restrictions
from tarazy.screening.checks import load_check, run_check
from tarazy.screening.checks.base import Subject
from tarazy.screening.model import Answer, HolderKind

from .assembly import BALANCE_OF, ONLY_OWNER, add_to, dispatcher, entry, take_from, transfer

BALANCE, TRANSFER, OWNER = 0x70A08231, 0xA9059CBB, 0x8DA5CB5B
OWN = {BALANCE: BALANCE_OF, TRANSFER: transfer(), OWNER: "1 SLOAD 0 MSTORE 32 0 RETURN"}
MINT = 0x40C10F19


def facts_of(more: dict[int, str], less: tuple[int, ...] = ()) -> ContractFacts:
    """Return the facts of a plain token with other entry points."""
    return analyse(dispatcher({name: body for name, body in OWN.items() if name not in less} | more))


def answer(facts: ContractFacts, name: str) -> Answer:
    """Return what a check answers."""
    return run_check(load_check(name), Subject(facts.code.runtime, facts)).answer


def test_a_plain_token_has_a_layout_and_no_powers() -> None:
    facts = facts_of({})
    assert facts.is_token
    assert facts.layout.balances == 5
    assert facts.layout.balances_style == "solidity"
    assert [answer(facts, name) for name in ("mint", "leak", "limit")] == [Answer.NO] * 3


def test_a_credit_without_a_debit_is_a_mint_whatever_it_is_called() -> None:
    facts = facts_of({0x12345678: ONLY_OWNER.format(1) + add_to(5, "4 CALLDATALOAD", "36 CALLDATALOAD") + "STOP"})
    assert answer(facts, "mint") is Answer.YES
    (entry_point,) = [each for each in facts.entry_points if each.selector == "0x12345678"]
    assert [holder.kind for holder in entry_point.guards] == [HolderKind.OWNER]
    assert entry_point.writes == ("0x5[arg0]",)


def test_a_function_named_mint_that_pays_from_the_caller_makes_nothing() -> None:
    facts = facts_of({MINT: transfer()})
    assert answer(facts, "mint") is Answer.NO


def test_a_guard_that_shows_nowhere_is_a_hidden_owner() -> None:
    body = "2 SLOAD CALLER EQ @in JUMPI 0 0 REVERT in: " + add_to(5, "4 CALLDATALOAD", "1") + "STOP"
    facts = facts_of({0x12345678: body})
    (entry_point,) = [each for each in facts.entry_points if each.selector == "0x12345678"]
    assert [holder.kind for holder in entry_point.guards] == [HolderKind.HIDDEN_OWNER]


def test_a_way_around_the_guard_makes_it_open_to_anyone() -> None:
    body = "9 SLOAD @in JUMPI " + ONLY_OWNER.format(1) + "in: " + add_to(5, "4 CALLDATALOAD", "1") + "STOP"
    facts = facts_of({0x12345678: body})
    (entry_point,) = [each for each in facts.entry_points if each.selector == "0x12345678"]
    assert entry_point.guards == ()


def test_a_mapping_that_callers_enter_by_themselves_guards_nothing() -> None:
    join = "1 " + entry(8, "CALLER") + "SSTORE STOP"
    act = entry(8, "CALLER") + "SLOAD @in JUMPI 0 0 REVERT in: " + add_to(5, "4 CALLDATALOAD", "1") + "STOP"
    only_acted = facts_of({0x22222222: act})
    assert [h.kind for e in only_acted.entry_points for h in e.guards] == [HolderKind.ROLE]
    both = facts_of({0x11111111: join, 0x22222222: act})
    assert all(not each.guards for each in both.entry_points)


def test_a_debit_of_another_without_an_allowance_is_a_leak() -> None:
    body = take_from(5, "4 CALLDATALOAD", "36 CALLDATALOAD") + add_to(5, "CALLER", "36 CALLDATALOAD") + "STOP"
    facts = facts_of({0x12345678: ONLY_OWNER.format(1) + body})
    assert answer(facts, "leak") is Answer.YES
    assert answer(facts, "mint") is Answer.NO


PAUSE = "3 SLOAD ISZERO @go JUMPI 0 0 REVERT go: " + transfer()


@pytest.mark.parametrize(
    ("setter", "limit"),
    [
        (ONLY_OWNER.format(1) + "1 3 SSTORE STOP", Answer.YES),
        (ONLY_OWNER.format(1) + "4 CALLDATALOAD 3 SSTORE STOP", Answer.YES),
        (ONLY_OWNER.format(1) + "0 3 SSTORE STOP", Answer.NO),  # can only be opened: a launch gate
        ("STOP", Answer.NO),
    ],
)
def test_a_switch_is_a_limit_where_it_can_be_turned_off(setter: str, limit: Answer) -> None:
    facts = facts_of({TRANSFER: PAUSE, 0x12345678: setter}, less=(TRANSFER,))
    assert restrictions(facts)
    assert answer(facts, "limit") is limit


CAP = "36 CALLDATALOAD 3 SLOAD LT ISZERO @go JUMPI 0 0 REVERT go: " + transfer()
SET_CAP = ONLY_OWNER.format(1) + "{bound} 4 CALLDATALOAD 3 SSTORE STOP"
FLOOR = f"{10**21} 4 CALLDATALOAD LT ISZERO @high JUMPI 0 0 REVERT high:"


@pytest.mark.parametrize(("bound", "limit"), [("", Answer.YES), (FLOOR, Answer.NO)])
def test_a_cap_is_a_limit_unless_a_floor_holds_it_up(bound: str, limit: Answer) -> None:
    facts = facts_of({TRANSFER: CAP, 0x12345678: SET_CAP.format(bound=bound)}, less=(TRANSFER,))
    assert answer(facts, "limit") is limit


NET = "100 3 SLOAD 36 CALLDATALOAD MUL DIV 36 CALLDATALOAD SUB"
TAXED = take_from(5, "CALLER", "36 CALLDATALOAD") + add_to(5, "4 CALLDATALOAD", NET) + "1 0 MSTORE 32 0 RETURN"
CEILING = "4 CALLDATALOAD 10 LT ISZERO @low JUMPI 0 0 REVERT low:"


@pytest.mark.parametrize(("bound", "least_ppm"), [("", 0), (CEILING, 900_000)])
def test_a_fee_is_told_with_what_can_arrive_at_the_worst(bound: str, least_ppm: int) -> None:
    facts = facts_of({TRANSFER: TAXED, 0x12345678: SET_CAP.format(bound=bound)}, less=(TRANSFER,))
    (fee,) = fees(facts)
    assert str(fee.field) == "0x3"
    assert fee.least_ppm == least_ppm
    assert answer(facts, "limit") is (Answer.YES if least_ppm == 0 else Answer.NO)
