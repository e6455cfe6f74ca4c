"""Bits of storage words: what a write changes, and what a condition on bits or on a difference asks."""

from __future__ import annotations

from tarazy.chains.evm.code import Code
from tarazy.screening.bytecode.bits import WORD
from tarazy.screening.bytecode.explore import explore
from tarazy.screening.bytecode.graph import Write
from tarazy.screening.bytecode.locations import changes
from tarazy.screening.bytecode.terms import TermPool

from ..simulation.assembler import assemble

HIGHEST = 1 << 255


def test_bit_that_is_set_in_a_word_is_a_change_of_that_bit_alone() -> None:
    pool = TermPool()
    before = pool.term("sload", 7)
    found = changes(pool, Write(0, 7, pool.either(HIGHEST, before), before))
    assert [(change.field.low, change.field.bits, change.value) for change in found] == [(255, 1, 1)]


def test_word_that_is_written_back_with_a_field_replaced_is_a_change_of_that_field_alone() -> None:
    pool = TermPool()
    before = pool.term("sload", 7)
    owner = pool.extract(pool.term("arg", 4), 0, 160)
    cached = pool.both(WORD ^ ((1 << 160) - 1), before)
    found = changes(pool, Write(0, 7, pool.either(cached, owner), before))
    assert [(change.field.low, change.field.bits) for change in found] == [(0, 160)]


def condition_of(source: str) -> str:
    pool = TermPool()
    graphs, _ = explore(Code(assemble(source)), pool)
    conditions = [node.condition for node in graphs[0].nodes if node.condition is not None]
    return repr(conditions[0])


def test_condition_on_one_run_of_bits_is_a_condition_on_that_field() -> None:
    source = f"PUSH0 SLOAD PUSH32 {HIGHEST:#066x} AND @set JUMPI STOP set: PUSH1 1 PUSH0 SSTORE STOP"
    assert condition_of(source) == "field(sload(0x0), 0xff, 0x1)"


def test_condition_on_a_difference_is_a_comparison() -> None:
    source = "PUSH4 0x0000beef CALLER SUB @other JUMPI STOP other: PUSH1 1 PUSH0 SSTORE STOP"
    assert condition_of(source) == "eq(0xbeef, caller)"
