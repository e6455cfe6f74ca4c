"""What of a transfer's conditions somebody can turn: the storage that each reads, who closes it and who opens it.

A switch is one storage field on which a condition of a transfer depends, with those who write it. Where a condition
lets only named parties pass, what was asked before it is a switch too: had that been otherwise, the transfer would not
have come there. Switches are told apart by what they are about: one switch for all, an entry for a party, an amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tarazy.screening.bytecode.allowed import allowed_values
from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.consents import agreed
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.graph import Edge, edge_order
from tarazy.screening.bytecode.guards import depends_on_caller
from tarazy.screening.bytecode.layout import fields_in
from tarazy.screening.bytecode.locations import Field, field_of, locate
from tarazy.screening.bytecode.restrictions import (
    Restriction,
    blocks,
    fails,
    is_bookkeeping,
    names_parties,
    restrictions,
)
from tarazy.screening.bytecode.term import Term, Word, loads, operators
from tarazy.screening.bytecode.writer import Writer
from tarazy.screening.checks._amounts import is_about_amount
from tarazy.screening.checks._tallies import keeps_tallies
from tarazy.screening.model import Evidence, Holder

TIME = ("timestamp", "number")


@dataclass(frozen=True)
class TradingSwitch:
    """One field on which a condition of a transfer depends.

    `needed` must hold for the transfer to pass. `closes` and `opens` are the writes that can make it fail, and pass;
    `zero_fails` says that it fails while the field is zero, as storage is at first.
    """

    restriction: Restriction
    needed: Edge
    field: Field
    zero_fails: bool
    is_wait: bool  # the condition reads what transfers themselves note from the clock: a wait of each party
    closes: tuple[Writer, ...]
    opens: tuple[Writer, ...]

    @property
    def of_party(self) -> bool:
        """Return whether the field is kept for each address, and the condition reads that of a party."""
        return any(any(map(names_parties, keys)) for keys in keys_read(self.needed.term, self.field))

    @property
    def of_all(self) -> bool:
        """Return whether the field is the same for all: no entry of a mapping, or one whose keys the code names."""
        read = keys_read(self.needed.term, self.field)
        return not self.field.depth or all(type(key) is int for keys in read for key in keys)

    @property
    def about_amount(self) -> bool:
        """Return whether the condition is about the amount."""
        return is_about_amount(self.restriction.entry, self.needed.term)

    def evidence(self, writer: Writer, what: str) -> Evidence:
        """Return a write and the condition that it turns."""
        detail = f"{writer.entry} {what} storage {self.field}, which a transfer asks at {self.restriction.offset:#x}"
        return Evidence("code", detail, offset=writer.change.offset, selector=writer.entry)


@cached
def all_conditions(facts: ContractFacts) -> tuple[Restriction, ...]:
    """Return the conditions of the standard transfers."""
    return tuple(found for found in restrictions(facts) if found.entry in facts.transfers)


@cached
def conditions(facts: ContractFacts) -> tuple[Restriction, ...]:
    """Return the conditions of the standard transfers that do more than keep the books."""
    return tuple(found for found in all_conditions(facts) if not is_bookkeeping(facts, found))


@cached
def trading_switches(facts: ContractFacts) -> tuple[TradingSwitch, ...]:
    """Return the switches of the standard transfers, each condition and field once."""
    found: dict[tuple[Edge, Field], TradingSwitch] = {}
    for restriction in conditions(facts):
        for needed in asked_before(facts, restriction):
            for field in fields_in(needed.term):
                if (needed, field) in found or facts.layout.keeps_books(field) or keeps_tallies(facts, field):
                    continue
                found[needed, field] = trading_switch(facts, restriction, needed, field)
    return tuple(found.values())


@cached
def waits(facts: ContractFacts) -> dict[Field, tuple[Word, ...]]:
    """Return the fields, kept for each address, in which transfers note a time, with what they note."""
    found: dict[Field, tuple[Word, ...]] = {}
    for name in facts.transfers:
        for made in facts.changes[name].values():
            for change in made:
                noted = change.field.depth and not facts.layout.keeps_books(change.field)
                if noted and not operators(change.value).isdisjoint(TIME):
                    found[change.field] = (*found.get(change.field, ()), change.value)
    return found


def asked_before(facts: ContractFacts, restriction: Restriction) -> Iterator[Edge]:
    """Yield what must hold for a transfer to pass, and what would have kept it from a condition on its parties.

    What every transfer must meet is no such thing: its other side is a refusal, not a way around.
    """
    if not names_who_may_pass(restriction.needed):
        yield restriction.needed
    if names_parties(restriction.term) and restriction.term.op not in ("lt", "slt"):
        required = {each.needed for each in all_conditions(facts) if each.entry == restriction.entry}
        for edge in sorted(restriction.context - required, key=edge_order):
            turned = Edge(edge.term, not edge.holds)
            if not names_who_may_pass(turned):
                yield turned


def names_who_may_pass(edge: Edge) -> bool:
    """Return whether a condition compares a party with somebody: another name restricts nobody anew."""
    return edge.term.op == "eq" and edge.holds and any(names_parties_only(side) for side in edge.term.args)


def names_parties_only(word: Word) -> bool:
    """Return whether a word is just one who takes part."""
    if isinstance(word, Term) and word.op == "field":
        word = word.args[0]
    return isinstance(word, Term) and word.op in ("caller", "origin", "arg")


def trading_switch(facts: ContractFacts, restriction: Restriction, needed: Edge, field: Field) -> TradingSwitch:
    """Return the switch that a field of a condition is."""
    entry = restriction.entry
    writers = tuple(w for w in facts.writers_of(field) if w.entry not in facts.transfers and is_privilege(facts, w))
    return TradingSwitch(
        restriction=restriction,
        needed=needed,
        field=field,
        zero_fails=fails(facts, entry, needed, field, 0),
        is_wait=any(each in waits(facts) for each in fields_in(needed.term)),
        closes=tuple(writer for writer in writers if blocks(facts, entry, writer, needed, field)),
        opens=tuple(writer for writer in writers if lets_pass(facts, entry, writer, needed, field)),
    )


def is_privilege(facts: ContractFacts, writer: Writer) -> bool:
    """Return whether a write is a privilege over others: not everyone's, or everyone's over any one whom he names."""
    if not writer.open:
        return True
    keys = writer.change.place.keys
    if not keys or any(map(depends_on_caller, keys)) or not any(map(is_chosen, keys)):
        return False
    consents = facts.consents(writer.entry)
    dominating = [consents.of_edge(edge) for edge in facts.flows[writer.entry].dominating.get(writer.node, ())]
    return not any(agreed(facts.pool, key, frozenset[Word]().union(*dominating)) for key in keys)


def is_chosen(key: Word) -> bool:
    """Return whether a key is what the caller chose."""
    return not operators(key).isdisjoint(("arg", "calldata"))


def lets_pass(facts: ContractFacts, entry: str, writer: Writer, needed: Edge, field: Field) -> bool:
    """Return whether a write can make a condition hold."""
    values = allowed_values(facts, entry, writer, needed, field)
    return any(not fails(facts, entry, needed, field, value) for value in values)


def keys_read(term: Word, field: Field) -> list[tuple[Word, ...]]:
    """Return the mapping keys under which a word reads a field."""
    found = []
    for load in sorted(loads(term), key=lambda load: load.number):
        read = field_of(load)
        if read is not None and (read.root, read.depth, read.offset) == (field.root, field.depth, field.offset):
            found.append(locate(load.args[0]).keys)
    return found


def holders_of(writers: Iterable[Writer]) -> tuple[Holder, ...]:
    """Return who makes some writes, each holder once."""
    return tuple(dict.fromkeys(holder for writer in writers for holder in writer.holders))
