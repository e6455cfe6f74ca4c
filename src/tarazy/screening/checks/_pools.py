"""Accounts that the code or storage names and that belong to nobody who called: the pools of others' trades."""

from __future__ import annotations

from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.consents import bare
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.flow import ValueFlow
from tarazy.screening.bytecode.guards import ANYONE
from tarazy.screening.bytecode.layout import fields_in
from tarazy.screening.bytecode.locations import Field, field_of
from tarazy.screening.bytecode.movements import Movement
from tarazy.screening.bytecode.term import Term, Word, operators

BURN_MAX = 0xFFFF  # low numbers are precompiles and burn addresses such as 0xdead
BURN_HIGH = (1 << 160) - 1


def is_pool(facts: ContractFacts, holder: Word) -> bool:
    """Return whether one whom the code or storage names alone is a party of others' trades: a pair, or a pool.

    Such is an address in the code that is nobody's burn address, one that another contract answered when it was
    stored, and a stored one that transfers compare with their parties and that guards nothing.
    """
    if type(holder) is int:
        return BURN_MAX < holder != BURN_HIGH
    field = field_of(holder) if isinstance(holder, Term) else None
    if field is None or field.depth or any(shown.overlaps(field) for shown in owner_places(facts)):
        return False
    values = [writer.change.value for writer in facts.writers_of(field)]
    return any("ret" in operators(value) for value in values) or field in compared_parties(facts)


def is_anothers(facts: ContractFacts, flow: ValueFlow, movement: Movement) -> bool:
    """Return whether a debited account, which the code or storage names alone, is neither who calls nor who named it.

    Such is one that transfers compare with their parties, as they do with a pair, and one that somebody privileged
    names by an argument: that can be anybody. Whom owner-only functions are for is left out: naming him gives the
    place away.
    """
    if ANYONE in facts.guards.holders(flow, movement.node):
        return False
    if type(movement.holder) is int:
        return is_pool(facts, movement.holder) and movement.holder in compared_numbers(facts)
    field = field_of(movement.holder) if isinstance(movement.holder, Term) else None
    if field is None or field.depth or any(owner.overlaps(field) for owner in owner_places(facts)):
        return False
    return is_pool(facts, movement.holder) or any(
        not writer.open and not operators(writer.change.value).isdisjoint(("arg", "calldata"))
        for writer in facts.writers_of(field)
    )


@cached
def owner_places(facts: ContractFacts) -> tuple[Field, ...]:
    """Return the address fields that are compared with the caller."""
    return tuple(Field(slot, 0, 0, 8 * offset, 160) for slot, offset in facts.layout.owners)


@cached
def compared_parties(facts: ContractFacts) -> frozenset[Field]:
    """Return the address fields with which transfers compare those who take part."""
    return frozenset(
        field for term in comparisons(facts) for field in fields_in(term) if not field.depth and field.bits == 160
    )


@cached
def compared_numbers(facts: ContractFacts) -> frozenset[int]:
    """Return the addresses in the code with which transfers compare those who take part."""
    return frozenset(side for term in comparisons(facts) for side in term.args if type(side) is int)


def comparisons(facts: ContractFacts) -> list[Term]:
    """Return the conditions by which transfers ask whether two are the same, one of them a party."""
    conditions = [node.condition for name in facts.transfers for node in facts.flows[name].nodes]
    return [
        term
        for term in conditions
        if term is not None and term.op == "eq" and not operators(term).isdisjoint(("arg", "caller"))
    ]


def named_alone(spender: Word) -> Word | None:
    """Return a spender whom the code or storage names alone, other than nobody and the contract itself; else None."""
    spender = bare(spender)
    if type(spender) is int:
        return spender if BURN_MAX < spender < BURN_HIGH else None
    field = field_of(spender) if isinstance(spender, Term) else None
    return spender if field is not None and not field.depth else None
