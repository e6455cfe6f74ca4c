"""Balances that fall, or are set, without the holder: neither is he the caller, nor did he allow or sign it."""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.consents import agreed, bare
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.guards import ANYONE
from tarazy.screening.bytecode.layout import BALANCE_OF, fields_in
from tarazy.screening.bytecode.locations import Field, field_of, format_word, locate
from tarazy.screening.bytecode.movements import Movement, PathSum, linear
from tarazy.screening.bytecode.term import Term, Word, loads, operators
from tarazy.screening.checks.leak import nobody_in_particular
from tarazy.screening.checks.mint import converts
from tarazy.screening.model import Evidence, Holder


@dataclass(frozen=True)
class Debit:
    """One balance that somebody other than its holder lowers or sets."""

    entry: str
    movement: Movement
    holders: tuple[Holder, ...]

    @property
    def evidence(self) -> Evidence:
        """Return the write."""
        verb = "is set" if self.movement.overwrites and self.movement.change.value != 0 else "is lowered"
        detail = f"the balance of {format_word(self.movement.holder)} {verb} without the holder"
        return Evidence("code", detail, offset=self.movement.change.offset, selector=self.entry)


@cached
def debits(facts: ContractFacts) -> tuple[Debit, ...]:
    """Return the debits of others, each place of the code once."""
    found: dict[tuple[str, int], Debit] = {}
    for name, flow in facts.flows.items():
        seen: set[tuple[int, frozenset[Word]]] = set()
        for path in facts.sums[name][0]:
            for movement in path.movements:
                place, same = (name, movement.change.offset), (id(movement), path.consents)
                if place in found or same in seen or is_own(movement) or not is_others(facts, path, movement):
                    seen.add(same)
                    continue
                holders = facts.guards.users(flow, movement.node, path.conditions)
                if is_chosen(facts, movement.holder, holders) and not moves_arithmetic(facts, name, movement):
                    found[place] = Debit(name, movement, holders)
    return tuple(found.values())


def is_own(movement: Movement) -> bool:
    """Return whether a balance is that of the caller or of the contract itself."""
    holder = movement.holder
    return isinstance(holder, Term) and holder.op in ("caller", "origin", "address")


def is_others(facts: ContractFacts, path: PathSum, movement: Movement) -> bool:
    """Return whether a movement lowers or sets a balance and its holder did not agree."""
    if not movement.overwrites:
        taken = movement.lowers
    elif len(movement.change.place.keys) == 1:
        taken = movement.lowers or movement.change.value == 0 or sets(movement)
    else:
        taken = lowers_latest(movement)
    return taken and not agreed(facts.pool, movement.holder, path.consents)


def lowers_latest(movement: Movement) -> bool:
    """Return whether a new entry of a balance's history is some balance less an argument."""
    parts = linear(movement.change.value)
    return any(factor < 0 and term is not None and depends_on_argument(term) for term, factor in parts.items())


def sets(movement: Movement) -> bool:
    """Return whether a balance is set to what somebody chose, without regard to any balance.

    What another contract or a library answered may have been made from the balance.
    """
    value, root = movement.change.value, movement.change.place.root
    if type(value) is int:
        return True
    unclear = not operators(value).isdisjoint(("ret", "memory", "top"))
    rests = any(locate(load.args[0]).root == root for load in loads(value))
    return depends_on_argument(value) and not unclear and not rests and not converts(movement)


def is_chosen(facts: ContractFacts, holder: Word, holders: tuple[Holder, ...]) -> bool:
    """Return whether a holder is one whom somebody chose, in the call or before: then it can be anyone."""
    if not nobody_in_particular(holder):
        return True
    field = field_of(holder) if isinstance(holder, Term) else None
    if field is None or field.depth or ANYONE in holders:
        return False
    return any(
        not writer.open and isinstance(writer.change.value, Term) and depends_on_argument(writer.change.value)
        for writer in facts.writers_of(field)
    )


def depends_on_argument(word: Word) -> bool:
    """Return whether a word is made from an argument."""
    return not operators(word).isdisjoint(("arg", "calldata"))


@cached
def selectors_of_arithmetic(facts: ContractFacts) -> frozenset[Field]:
    """Return the fields, kept for each address, by which balanceOf chooses what it answers."""
    flow = facts.flows.get(f"0x{BALANCE_OF:08x}")
    terms = [node.condition for node in flow.nodes if node.condition is not None] if flow is not None else []
    return frozenset(f for term in terms for f in fields_in(term) if f.depth and not facts.layout.keeps_books(f))


def moves_arithmetic(facts: ContractFacts, name: str, movement: Movement) -> bool:
    """Return whether a balance is emptied while the same entry point has balanceOf answer from another record."""
    chosen = selectors_of_arithmetic(facts)
    return any(
        change.field in chosen and bare(change.place.keys[0]) is bare(movement.holder)
        for made in facts.changes[name].values()
        for change in made
        if chosen and change.place.keys
    )
