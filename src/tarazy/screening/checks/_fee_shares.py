"""What part of a transfer arrives: every way is tried with an ordinary amount.

The credit of the receiver is compared with the debit of the sender, both read as formulas. Fields that the lead reader
of fees knows are tried one by one; a fee by numbers in the code shows as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.screening.bytecode.consents import bare
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.fees import PPM, Fee, fees
from tarazy.screening.bytecode.layout import TRANSFER
from tarazy.screening.bytecode.locations import Field
from tarazy.screening.bytecode.movements import Movement, PathSum
from tarazy.screening.bytecode.restrictions import ordinary
from tarazy.screening.bytecode.terms import WORD, Term
from tarazy.screening.bytecode.trial import evaluate
from tarazy.screening.checks._kept import kept

ROUNDING_PPM = 10  # less than this is the rounding of shares, no fee
SHARES = 10**60  # where balances are shares of a total, the total
WRAPPED = 200  # a rise of more bits than this wrapped around


@dataclass(frozen=True)
class Taken:
    """One way of a transfer on which less arrives than was sent.

    Units: `share_ppm` parts per million of the debit that are credited.
    """

    entry: str
    credit: Movement
    share_ppm: int


@kept
def fee_fields(facts: ContractFacts) -> tuple[Fee, ...]:
    """Return the fields that take part of a transfer."""
    return tuple(fees(facts))


@kept
def takings(facts: ContractFacts) -> tuple[Taken, ...]:
    """Return the ways of the standard transfers on which less arrives than was sent."""
    found: dict[tuple[str, int], Taken] = {}
    for name in facts.transfers:
        for path in facts.sums[name][0]:
            taken = taken_on(facts, name, path)
            if taken is not None:
                known = found.get((name, taken.credit.change.offset))
                if known is None or taken.share_ppm < known.share_ppm:
                    found[name, taken.credit.change.offset] = taken
    return tuple(found.values())


def taken_on(facts: ContractFacts, name: str, path: PathSum) -> Taken | None:
    """Return what one way takes, or None where all arrives or nothing can be told."""
    short = name == f"0x{TRANSFER:08x}"
    sender = facts.pool.term("caller") if short else facts.pool.term("arg", 0x4)
    receiver = facts.pool.term("arg", 0x4 if short else 0x24)
    credits = [m for m in path.movements if bare(m.holder) is receiver and m.raises]
    debits = [m for m in path.movements if bare(m.holder) is sender]
    if len(credits) != 1 or not debits:
        return None
    for total in (1, SHARES):
        sent = -sum(change_of(facts, name, movement, total) for movement in debits)
        rise = change_of(facts, name, credits[0], total)
        if sent > 0 and rise >= 0:
            share = rise * PPM // sent
            return Taken(name, credits[0], share) if share < PPM - ROUNDING_PPM else None
    return None


def change_of(facts: ContractFacts, entry: str, movement: Movement, total: int) -> int:
    """Return by how much a balance changes for an ordinary amount; `total` is what fields that scale it hold."""
    scales: dict[Field, int] = {}
    if total != 1:
        scales = {f: total for f in facts.layout.balance_scales if f not in facts.layout.supply_fields}
    leaf = ordinary(facts, entry, scales)
    value, before = movement.change.value, movement.change.before
    known: dict[Term, int] = {}
    change = (evaluate(value, leaf, known) - evaluate(before, leaf, known)) & WORD
    return change - (WORD + 1) if change >> WRAPPED else change
