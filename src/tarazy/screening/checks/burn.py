"""Tokens can be destroyed."""

from __future__ import annotations

from typing import NamedTuple

from tarazy.screening.bytecode.consents import agreed
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.guards import is_caller
from tarazy.screening.bytecode.locations import format_word
from tarazy.screening.bytecode.movements import Movement, PathSum, movement_of
from tarazy.screening.bytecode.term import Term
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Evidence, Holder


class Burn(Check):
    """Follow the writes: some path through an entry point leaves balances lower than it found them."""

    name = "burn"
    title = "Tokens can be destroyed"
    sees = (
        "Every path through every entry point is summed over all balances. Where the sum is below zero and nobody's "
        "balance rises, tokens are destroyed, whatever the function is called; the bound says whose: the caller's own, "
        "those of a holder who allowed it, what the token itself holds, or anybody's."
    )
    cannot_see = (
        "What a transfer destroys as a fee (see fee), and what is sent to an address that nobody has. Tokens that are "
        "put on another record of the same contract, such as a stake, are not destroyed."
    )
    impact = "low"
    confidence = "high"
    goplus = ()
    fires = "plain-burn-own/plain"
    must_not_fire = "plain-modern/plain"

    @settled(any_code=True)
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found = burnings(facts)
        if found:
            return self.yes(
                f"{found[0].entry} leaves balances lower than before",
                *(burning.evidence for burning in found[:6]),
                holders=tuple(dict.fromkeys(holder for burning in found for holder in burning.holders)),
                bound=", ".join(dict.fromkeys(burning.whose for burning in found)),
            )
        if not facts.layout.balance_roots:
            return self.unknown("where balances are kept was not found in the code")
        unclear = [name for name, (_, complete) in facts.sums.items() if not complete]
        if unclear:
            return self.unknown(f"{unclear[0]} has more paths than were followed")
        return self.no("no path through the code but a transfer leaves balances lower than before")


class Burning(NamedTuple):
    """One way to destroy tokens."""

    entry: str
    holders: tuple[Holder, ...]
    whose: str
    evidence: Evidence


def burnings(facts: ContractFacts) -> list[Burning]:
    """Return the way to destroy tokens, one for each entry point and holder of what is destroyed."""
    found: dict[tuple[str, str], Burning] = {}
    for name, (sums, _) in facts.sums.items():
        if name in facts.transfers or not any(map(destroys, sums)):
            continue
        recorded, lowers = raised_elsewhere(facts, name), lowers_supply(facts, name)
        for path in filter(destroys, sums):
            credited = any(m.raises for m in path.movements) or any(term in recorded for term, _ in path.total)
            movement = next((m for m in path.movements if m.lowers), None)
            if movement is None or (credited and not lowers):
                continue
            whose = owner_of(facts, path, movement)
            detail = f"the balance of {format_word(movement.holder)} falls and no other rises"
            evidence = Evidence("code", detail, offset=movement.change.offset, selector=name)
            holders = facts.guards.holders(facts.flows[name], movement.node)
            found.setdefault((name, whose), Burning(name, holders, whose, evidence))
    return list(found.values())


def destroys(path: PathSum) -> bool:
    """Return whether a path leaves balances lower in all."""
    return bool(path.total) and all(factor < 0 for _, factor in path.total)


def lowers_supply(facts: ContractFacts, name: str) -> bool:
    """Return whether an entry point lowers what totalSupply answers."""
    return any(
        change.field in facts.layout.supply_fields
        and any(factor < 0 for _, factor in movement_of(number, change).delta)
        for number, made in facts.changes[name].items()
        for change in made
    )


def raised_elsewhere(facts: ContractFacts, name: str) -> set[Term]:
    """Return the amounts by which an entry point raises records that are no balances, such as a stake."""
    return {
        term
        for number, made in facts.changes[name].items()
        for change in made
        if not facts.layout.keeps_books(change.field)
        for term, factor in movement_of(number, change).delta
        if term is not None and factor > 0
    }


def owner_of(facts: ContractFacts, path: PathSum, movement: Movement) -> str:
    """Return whose tokens a path destroys."""
    holder = movement.holder
    if is_caller(holder):
        return "his own"
    if isinstance(holder, Term) and holder.op == "address":
        return "what the token itself holds"
    if agreed(facts.pool, holder, path.consents):
        named = any(
            edge.holds and edge.term.op == "eq" and any(map(is_caller, edge.term.args)) for edge in path.conditions
        )
        return "his own" if named else "with the holder's allowance"
    return "of any holder"
