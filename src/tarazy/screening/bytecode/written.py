"""What a write leaves: the words of calldata that it is made from, and amounts that are worth trying."""

from __future__ import annotations

from collections.abc import Iterable

from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.evaluation import AMOUNT, BALANCE, SUPPLY
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.locations import field_of
from tarazy.screening.bytecode.term import Term, walk
from tarazy.screening.bytecode.writer import Writer


@cached
def amounts(facts: ContractFacts) -> tuple[int, int, int]:
    """Return a supply, what a holder has and what is sent, in the token's own units as far as its views tell them.

    A cap in a token of few units a coin is no lower than the same cap in one of many.
    """
    supply, decimals = facts.layout.supply_shown, facts.layout.decimals_shown
    if supply:
        return supply, max(supply * BALANCE // SUPPLY, 2), max(supply * AMOUNT // SUPPLY, 1)
    if decimals is None or decimals >= 18:
        return SUPPLY, BALANCE, AMOUNT
    unit = 10 ** (18 - decimals)
    return max(SUPPLY // unit, 4), max(BALANCE // unit, 2), max(AMOUNT // unit, 1)


def supplies_nothing(facts: ContractFacts, writer: Writer) -> bool:
    """Return whether a write is reached only where the supply is zero."""
    return any(
        not edge.holds and field_of(edge.term) in facts.layout.supply_fields
        for edge in facts.flows[writer.entry].dominating.get(writer.node, ())
    )


def is_called(facts: ContractFacts, writer: Writer, atom: Term) -> bool:
    """Return whether the entry point of a write calls the address that is written."""
    return any(
        name == writer.entry and call.selector is not None and any(inner is atom for inner in walk(call.target))
        for name, _, call in facts.calls
    )


def chosen_words(value: Term, conditions: Iterable[Term]) -> list[Term]:
    """Return every word of calldata in a value and in what is asked of it."""
    words = [value, *conditions]
    return [inner for word in words for inner in walk(word) if inner.op in ("arg", "calldata")]
