"""Fees that a switch changes: on one side of a stored condition a transfer costs more than on the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tarazy.screening.bytecode.allowed import allowed_values
from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.fees import PPM
from tarazy.screening.bytecode.graph import Edge, edge_order
from tarazy.screening.bytecode.layout import fields_in
from tarazy.screening.bytecode.locations import Field
from tarazy.screening.bytecode.restrictions import CLOCK, fails, launches, names_parties
from tarazy.screening.bytecode.term import operators
from tarazy.screening.bytecode.writer import Writer
from tarazy.screening.checks._fee_shares import ROUNDING_PPM, path_shares
from tarazy.screening.model import Evidence

HALF_PPM = PPM // 2


@dataclass(frozen=True)
class SwitchedFee:
    """A condition on storage that decides what a transfer costs, and the writes that turn it.

    Units: `share_ppm` parts per million of the debit that are credited on the dearer side. `raises` says that a write
    brings that side about; otherwise it is only left.
    """

    entry: str
    field: Field
    writers: tuple[Writer, ...]
    share_ppm: int
    raises: bool

    @property
    def evidence(self) -> Evidence:
        """Return the write that turns the switch."""
        writer = self.writers[0]
        detail = f"{writer.entry} writes storage {self.field}, by which {self.share_ppm / 10_000:g} % arrive"
        return Evidence("code", detail, writer.change.offset, writer.entry)


@cached
def switched_fees(facts: ContractFacts) -> tuple[SwitchedFee, ...]:
    """Return the switches by which somebody changes what the standard transfers cost, each field once."""
    found: dict[Field, SwitchedFee] = {}
    for name in facts.transfers:
        for switched in switched_of(facts, name):
            known = found.get(switched.field)
            if known is None or switched.share_ppm < known.share_ppm:
                found[switched.field] = switched
    return tuple(found.values())


def switched_of(facts: ContractFacts, name: str) -> Iterator[SwitchedFee]:
    """Yield the switches of one entry point."""
    least: dict[Edge, int] = {}
    for path, share in path_shares(facts, name):
        for edge in path.conditions:
            least[edge] = min(share, least.get(edge, PPM))
    for edge in sorted(least, key=edge_order):
        other = least.get(Edge(edge.term, not edge.holds))
        if other is None or least[edge] >= other - ROUNDING_PPM or not is_switch(edge):
            continue
        for field in fields_in(edge.term):
            switched = switched_by(facts, name, edge, field, least[edge])
            if switched is not None:
                yield switched


def is_switch(edge: Edge) -> bool:
    """Return whether a condition asks what is stored for all, not who takes part, how much, or when."""
    return not names_parties(edge.term) and operators(edge.term).isdisjoint((*CLOCK, "ret"))


def switched_by(facts: ContractFacts, name: str, edge: Edge, field: Field, share_ppm: int) -> SwitchedFee | None:
    """Return a field as the switch of a fee; none where it only opens trading once, with a fee that leaves half."""
    if field.depth or facts.layout.keeps_books(field):
        return None
    writers = [w for w in facts.writers_of(field) if not w.open and w.entry not in facts.transfers]
    turning = [w for w in writers if not launches(facts, w, field) and brings_about(facts, name, w, edge, field)]
    back = [w for w in writers if brings_about(facts, name, w, Edge(edge.term, not edge.holds), field)]
    if turning and (back or share_ppm < HALF_PPM):
        return SwitchedFee(name, field, tuple(turning), share_ppm, True)
    return SwitchedFee(name, field, tuple(back), share_ppm, False) if back and not turning else None


def brings_about(facts: ContractFacts, name: str, writer: Writer, edge: Edge, field: Field) -> bool:
    """Return whether a write can make a condition hold."""
    values = allowed_values(facts, name, writer, edge, field)
    return any(not fails(facts, name, edge, field, value) for value in values)
