"""What a receiver gets of what is sent, and which fields take the rest.

The credit of the receiver is read as a formula and tried with values: first with each field as it would be without a
fee, then with every value that those who write the field may choose.
"""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.screening.bytecode.allowed import allowed_values, baseline
from tarazy.screening.bytecode.bits import WORD
from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.consents import bare
from tarazy.screening.bytecode.evaluation import evaluate
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.graph import Edge
from tarazy.screening.bytecode.layout import TRANSFER, fields_in
from tarazy.screening.bytecode.locations import Field
from tarazy.screening.bytecode.movements import Movement
from tarazy.screening.bytecode.term import Term
from tarazy.screening.bytecode.writer import Writer

PPM = 1_000_000


@dataclass(frozen=True)
class ChargedFee:
    """A field on which depends how much a receiver gets.

    Units: `least_ppm` parts per million of the amount that arrive in the worst case that its writers allow.
    """

    entry: str
    field: Field
    movement: Movement
    writers: tuple[Writer, ...]
    least_ppm: int
    worst: Writer | None

    @property
    def personal(self) -> bool:
        """Return whether it is kept per address."""
        return self.field.depth > 0


@cached
def fees(facts: ContractFacts) -> tuple[ChargedFee, ...]:
    """Return the fields that take part of a transfer, with what those who write them can do."""
    found: dict[tuple[str, Field], ChargedFee] = {}
    for name in facts.transfers:
        receiver = facts.pool.term("arg", 0x4 if name == f"0x{TRANSFER:08x}" else 0x24)
        for path in facts.sums[name][0]:
            for movement in path.movements:
                if bare(movement.holder) is receiver and movement.raises:
                    for fee in fees_of(facts, name, movement):
                        known = found.get((name, fee.field))
                        if known is None or fee.least_ppm < known.least_ppm:
                            found[name, fee.field] = fee
    return tuple(found.values())


def fees_of(facts: ContractFacts, name: str, movement: Movement) -> list[ChargedFee]:
    """Return the fees of one credit."""
    layout = facts.layout
    value = movement.change.value
    if type(value) is not Term:
        return []
    found = []
    for field in fields_in(value):
        if layout.keeps_books(field) or field in layout.balance_scales:
            continue
        whole = received(facts, name, movement, field, 0)
        if whole <= 0 or all(received(facts, name, movement, field, charged) == whole for charged in (1, 10, 50)):
            continue  # nothing arrives without it, or it has no say
        writers = tuple(w for w in facts.writers_of(field) if not w.open and w.entry not in facts.transfers)
        least, worst = PPM, None
        for writer in writers:
            for chosen in allowed_values(facts, name, writer, Edge(value, True), field):
                share = max(0, received(facts, name, movement, field, chosen)) * PPM // whole
                if share < least:
                    least, worst = share, writer
        found.append(ChargedFee(name, field, movement, writers, least, worst))
    return found


def received(facts: ContractFacts, entry: str, movement: Movement, field: Field, value: int) -> int:
    """Return by how much the receiver's balance rises where a field holds a value; below zero where it would revert.

    What wraps around would have been refused by the code's own arithmetic.
    """
    leaf = baseline(facts, entry, {field: value})
    rise = (evaluate(movement.change.value, leaf) - evaluate(movement.change.before, leaf)) & WORD
    return -1 if rise >> 200 else rise
