"""Exploration: ends on any bytes, takes both sides, follows what is decided, is the same twice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarazy.chains.evm.code import Code
from tarazy.screening.bytecode.explore import Budget, Explorer, explore
from tarazy.screening.bytecode.facts import analyse
from tarazy.screening.bytecode.terms import TermPool

from .assembly import assemble, dispatcher


def steps(code: bytes, budget: Budget) -> int:
    """Return how many instructions exploring takes."""
    explorer = Explorer(Code(code), TermPool(), budget)
    explorer.run()
    return explorer.steps


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=2_000))
def test_random_bytes_end_within_the_budget(code: bytes) -> None:
    budget = Budget(steps=20_000, steps_entry=5_000)
    assert steps(code, budget) < budget.steps + 2_000
    facts = analyse(code, budget)
    assert not facts.is_token or len(code) > 40


@pytest.mark.parametrize(
    "loop",
    [
        "again: @again JUMP",
        "0 again: 1 ADD @again JUMP",
        "0 again: DUP1 SLOAD 1 ADD SWAP1 SSTORE 0 @again JUMP",
        "again: GAS @again JUMPI STOP",
        "0 again: 1 ADD DUP1 CALLDATASIZE LT @again JUMPI STOP",
    ],
)
def test_an_endless_loop_ends(loop: str) -> None:
    budget = Budget()
    assert steps(assemble(loop), budget) <= budget.steps_entry + 100


def test_a_loop_counted_to_a_constant_runs_to_its_end() -> None:
    code = assemble("0 again: 1 ADD DUP1 100 EQ ISZERO @again JUMPI 7 SSTORE STOP")
    (graph,), complete = explore(Code(code), TermPool())
    assert complete
    (write,) = [write for node in graph.nodes for write in node.writes]
    assert (write.key, write.value) == (7, 100)


def test_each_selector_is_an_entry_point_of_its_own() -> None:
    code = dispatcher({0x11111111: "1 2 SSTORE STOP", 0x22222222: "3 4 SSTORE STOP"})
    graphs, complete = explore(Code(code), TermPool())
    assert complete
    assert [graph.name for graph in graphs] == ["fallback", "0x11111111", "0x22222222"]
    assert [[(w.key, w.value) for n in g.nodes for w in n.writes] for g in graphs] == [[], [(2, 1)], [(4, 3)]]


def test_what_was_decided_on_the_way_is_not_asked_again() -> None:
    code = assemble("CALLVALUE @a JUMPI 1 1 SSTORE a: CALLVALUE @b JUMPI 2 2 SSTORE b: STOP")
    (graph,), _ = explore(Code(code), TermPool())
    branches = [node for node in graph.nodes if node.end == "branch"]
    assert len(branches) == 1


def test_a_packed_field_is_written_alone() -> None:
    mask = (1 << 256) - 1 ^ (0xFF << 160)
    code = assemble(f"CALLVALUE ISZERO ISZERO 160 SHL 3 SLOAD {mask:#x} AND OR 3 SSTORE STOP")
    facts = analyse(code)
    (writer,) = facts.writers
    assert (writer.change.field.low, writer.change.field.bits) == (160, 8)


def test_too_few_words_on_the_stack_is_an_invalid_end_and_no_crash() -> None:
    (graph,), complete = explore(Code(assemble("ADD STOP")), TermPool())
    assert complete
    assert graph.nodes[1].end == "invalid"


def test_a_jump_to_a_place_that_is_not_known_is_told_as_not_read() -> None:
    facts = analyse(assemble("0 CALLDATALOAD JUMP"))
    assert not facts.complete
    assert facts.notes == ("fallback was not read to the end",)


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=600))
def test_the_same_code_is_read_the_same_twice(code: bytes) -> None:
    def told() -> list[str]:
        graphs, _ = explore(Code(code), TermPool(), Budget(steps=5_000))
        return [f"{graph.name} {node}" for graph in graphs for node in graph.nodes]

    assert told() == told()
