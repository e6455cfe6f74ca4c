"""What the state closes for good: flags that nothing resets, owners that nobody can be; and what is not final."""

from __future__ import annotations

import pytest

from tarazy.screening.bytecode.facts import ContractFacts, analyse
from tarazy.screening.bytecode.finality import closed
from tarazy.screening.checks import load_check, run_check
from tarazy.screening.checks.base import Subject
from tarazy.screening.model import Answer

from .assembly import BALANCE_OF, ONLY_OWNER, add_to, dispatcher, transfer

MINT, FINISH, RESET, APPOINT, SELF_APPOINT = 0x40C10F19, 0x7D64BCB4, 0x11111111, 0x22222222, 0x33333333
OWNER_SLOT, FLAG_SLOT = 1, 9
CREDIT = add_to(5, "4 CALLDATALOAD", "36 CALLDATALOAD") + "STOP"
UNLESS_FINISHED = f"{FLAG_SLOT} SLOAD @end JUMPI "
SET = f"1 {FLAG_SLOT} SSTORE STOP"
CLEAR = f"0 {FLAG_SLOT} SSTORE STOP"
END = " end: 0 0 REVERT"
APPOINTS = f"4 CALLDATALOAD {OWNER_SLOT} SSTORE STOP"


def facts_of(more: dict[int, str]) -> ContractFacts:
    """Return the facts of a token with other entry points; `end` is a place that refuses."""
    bodies = {0x70A08231: BALANCE_OF, 0xA9059CBB: transfer(), 0x8DA5CB5B: "1 SLOAD 0 MSTORE 32 0 RETURN"} | more
    last = list(bodies)[-1]
    return analyse(dispatcher(bodies | {last: bodies[last] + END}))


def mint(facts: ContractFacts) -> Answer:
    """Return whether tokens can be made."""
    return run_check(load_check("mint"), Subject(facts.code.runtime, facts)).answer


@pytest.mark.parametrize(("flag", "left"), [(1, Answer.NO), (0, Answer.YES)])
def test_flag_that_is_only_ever_set_closes_for_good_where_it_is_set(flag: int, left: Answer) -> None:
    facts = facts_of({FINISH: ONLY_OWNER.format(1) + SET, MINT: UNLESS_FINISHED + CREDIT})
    assert mint(facts) is Answer.YES
    assert mint(closed(facts, {OWNER_SLOT: 0xA11CE, FLAG_SLOT: flag}.get)) is left


def test_flag_that_the_owner_can_clear_closes_nothing() -> None:
    facts = facts_of({RESET: ONLY_OWNER.format(1) + CLEAR, MINT: UNLESS_FINISHED + CREDIT})
    assert mint(closed(facts, {OWNER_SLOT: 0xA11CE, FLAG_SLOT: 1}.get)) is Answer.YES


def test_flag_that_an_owner_who_is_nobody_could_clear_is_closed_with_him() -> None:
    facts = facts_of({RESET: ONLY_OWNER.format(1) + CLEAR, MINT: UNLESS_FINISHED + CREDIT})
    assert mint(closed(facts, {OWNER_SLOT: 0, FLAG_SLOT: 1}.get)) is Answer.NO


def test_owner_zero_closes_only_where_nobody_can_be_appointed() -> None:
    guarded = {MINT: ONLY_OWNER.format(2) + CREDIT}
    by_owner = facts_of({APPOINT: ONLY_OWNER.format(1) + APPOINTS} | guarded)
    by_anyone = facts_of({SELF_APPOINT: APPOINTS} | guarded)
    assert mint(closed(by_owner, {OWNER_SLOT: 0}.get)) is Answer.NO
    assert mint(closed(by_anyone, {OWNER_SLOT: 0}.get)) is Answer.YES
    assert mint(closed(by_owner, {OWNER_SLOT: 0xA11CE}.get)) is Answer.YES


def test_two_flags_that_only_open_each_other_are_closed_together() -> None:
    """The one can be cleared only while the other is clear, and both are set."""
    other = f"10 SLOAD @end JUMPI 0 {FLAG_SLOT} SSTORE STOP"
    back = f"{FLAG_SLOT} SLOAD @end JUMPI 0 10 SSTORE STOP"
    facts = facts_of({RESET: other, APPOINT: back, MINT: UNLESS_FINISHED + CREDIT})
    assert mint(closed(facts, {FLAG_SLOT: 1, 10: 1}.get)) is Answer.NO
    assert mint(closed(facts, {FLAG_SLOT: 1, 10: 0}.get)) is Answer.YES


def test_slot_that_is_not_known_closes_nothing() -> None:
    facts = facts_of({FINISH: ONLY_OWNER.format(1) + SET, MINT: UNLESS_FINISHED + CREDIT})
    assert closed(facts, lambda slot: None) is facts


@pytest.mark.parametrize(
    "anything",
    [
        "0 0 0 0 4 CALLDATALOAD GAS DELEGATECALL STOP",  # code that the caller chooses
        "36 CALLDATALOAD 4 CALLDATALOAD SSTORE STOP",  # a slot that the caller chooses
    ],
)
def test_code_that_may_write_anywhere_closes_nothing(anything: str) -> None:
    facts = facts_of({RESET: anything, MINT: UNLESS_FINISHED + CREDIT})
    assert closed(facts, {OWNER_SLOT: 0, FLAG_SLOT: 1}.get) is facts


def test_bits_beside_a_final_flag_may_change() -> None:
    """The owner's other flag stands in the same word: bit 8 may change, bit 0 stays set."""
    others = (1 << 256) - 1 - (0xFF << 8)
    word = f"{FLAG_SLOT} SLOAD {others:#x} AND 4 CALLDATALOAD ISZERO 8 SHL OR {FLAG_SLOT} SSTORE STOP"
    unless = f"255 {FLAG_SLOT} SLOAD AND @end JUMPI "
    facts = facts_of({RESET: ONLY_OWNER.format(1) + word, MINT: unless + CREDIT})
    assert mint(closed(facts, {OWNER_SLOT: 0xA11CE, FLAG_SLOT: 0x0101}.get)) is Answer.NO
    assert mint(closed(facts, {OWNER_SLOT: 0xA11CE, FLAG_SLOT: 0x0100}.get)) is Answer.YES
