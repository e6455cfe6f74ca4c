"""What small amounts pay that large ones do not: a transfer is read again just below each number it compares with.

Transfers are tried with one large amount (`_fee_shares`), on which a way that only small amounts go is never seen. Here
each number that the code compares the amount with gives a smaller amount to try. Accused is a way that this amount
goes and the large one does not, on which less arrives, or nothing and nobody else is the receiver either.

Known limits: a transfer of more than `PATHS_MAX` ways is not read again; a number in storage that nobody writes and
that was not read is taken for one: nothing lies below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tarazy.screening.bytecode.allowed import baseline
from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.consents import bare
from tarazy.screening.bytecode.evaluation import evaluate
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.fees import PPM
from tarazy.screening.bytecode.layout import TRANSFER, fields_in
from tarazy.screening.bytecode.locations import Field
from tarazy.screening.bytecode.movements import Movement, PathSum
from tarazy.screening.bytecode.term import Term, Word, walk
from tarazy.screening.bytecode.written import amounts
from tarazy.screening.checks._amounts import is_about_amount
from tarazy.screening.checks._fee_shares import ROUNDING_PPM, ROUNDING_UNITS, FeeEvaluation, sender_of

COMPARING = ("lt", "gt", "slt", "sgt")
NUMBERS_MAX = 4  # that a transfer compares with; the largest are tried
PATHS_MAX = 48  # a transfer of more ways is not read again


@dataclass(frozen=True)
class SmallTaking:
    """One way on which a transfer below a number delivers less than was sent.

    Units: `below` in minor units of the token; `share_ppm` parts per million that arrive just below it.
    """

    entry: str
    debit: Movement
    below: int
    share_ppm: int
    fields: tuple[Field, ...]  # that hold the number, where somebody writes it


@cached
def small_takings(facts: ContractFacts) -> tuple[SmallTaking, ...]:
    """Return the ways that only small transfers go and on which less arrives than was sent, of each entry the worst."""
    found = []
    for name in facts.transfers:
        if len(facts.sums[name][0]) > PATHS_MAX:
            continue
        takings = [
            taking
            for below, setting in numbers_of(facts, name)
            for taking in takings_below(facts, name, below, setting)
        ]
        found += sorted(takings, key=lambda taking: (taking.share_ppm, -taking.below))[:1]
    return tuple(found)


def numbers_of(facts: ContractFacts, name: str) -> list[tuple[int, dict[Field, int]]]:
    """Return the numbers with which a transfer compares its amount, and what fields hold for it.

    They lie below the amount that is tried otherwise. A field that somebody writes is given half of that amount.
    """
    large, found = amounts(facts)[2], dict[int, dict[Field, int]]()
    for side in compared_with(name, words_of(facts, name)):
        fields = fields_in(side)
        written = any(w.entry not in facts.transfers for field in fields for w in facts.writers_of(field))
        plain = written and not any(field.depth for field in fields)
        settings = [dict.fromkeys(fields, large // 2)] if plain else []
        for setting in (dict[Field, int](), *settings):
            found.setdefault(evaluate(side, baseline(facts, name, setting), {}), setting)
    numbers = [(number, setting) for number, setting in found.items() if 2 < number <= large]
    return sorted(numbers, key=lambda each: -each[0])[:NUMBERS_MAX]


def words_of(facts: ContractFacts, name: str) -> Iterator[Word]:
    """Yield the conditions of a transfer's ways, and the values that it gives to balances."""
    paths = facts.sums[name][0]
    yield from {edge.term: None for path in paths for edge in path.conditions}
    yield from {movement.change.value: None for path in paths for movement in path.movements}


def compared_with(name: str, words: Iterable[Word]) -> Iterator[Word]:
    """Yield what the amount is compared with."""
    seen = set[Term]()
    for word in words:
        for term in walk(word) if type(word) is Term else ():
            if term.op in COMPARING and term not in seen:
                seen.add(term)
                about = [side for side in term.args if is_about(name, side)]
                if len(about) == 1:
                    yield from (side for side in term.args if not is_about(name, side))


def is_about(name: str, side: Word) -> bool:
    """Return whether one side of a comparison contains the amount."""
    return type(side) is Term and is_about_amount(name, side)


def takings_below(facts: ContractFacts, name: str, below: int, setting: dict[Field, int]) -> Iterator[SmallTaking]:
    """Yield the ways on which an amount just below a number loses, where it loses on all and a large one arrives.

    Conditions that some of the joined ways do not share are not known here; so one way on which all arrives is enough.
    """
    small, large = (FeeEvaluation(facts, name, setting, amount=amount) for amount in (below - 1, None))
    if arrives(facts, name, small) or not arrives(facts, name, large):
        return
    for path in facts.sums[name][0]:
        credits = credits_of(facts, name, path)
        if not all(map(small.holds, path.conditions)) or (not credits and credited_elsewhere(facts, name, path)):
            continue
        debits = debits_of(facts, name, path)
        sent, arrived = -sum(map(small.change_of, debits)), sum(map(small.change_of, credits))
        if sent == below - 1 and arrived >= 0:
            yield SmallTaking(name, debits[0], below, arrived * PPM // sent, tuple(setting))


def arrives(facts: ContractFacts, name: str, tried: FeeEvaluation) -> bool:
    """Return whether an amount goes some way on which all of it arrives."""
    for path in facts.sums[name][0]:
        credits = credits_of(facts, name, path)
        if credits and all(map(tried.holds, path.conditions)):
            sent = -sum(map(tried.change_of, debits_of(facts, name, path)))
            if sent > 0 and not loses(sent, sum(map(tried.change_of, credits))):
                return True
    return False


def loses(sent: int, arrived: int) -> bool:
    """Return whether less arrives, by more than what rounding costs."""
    lost = sent - arrived
    return lost * PPM > sent * ROUNDING_PPM and (lost > ROUNDING_UNITS or arrived == 0)


def debits_of(facts: ContractFacts, name: str, path: PathSum) -> list[Movement]:
    """Return what a way takes from the sender because of the amount."""
    sender = sender_of(facts, name)
    return [m for m in path.movements if bare(m.holder) is sender and is_about(name, m.change.value)]


def credits_of(facts: ContractFacts, name: str, path: PathSum) -> list[Movement]:
    """Return what a way gives to the receiver."""
    receiver = facts.pool.term("arg", 0x4 if name == f"0x{TRANSFER:08x}" else 0x24)
    return [m for m in path.movements if bare(m.holder) is receiver]


def credited_elsewhere(facts: ContractFacts, name: str, path: PathSum) -> bool:
    """Return whether the same way gives the receiver something by another record."""
    return any(
        other.conditions == path.conditions and other.root != path.root and credits_of(facts, name, other)
        for other in facts.sums[name][0]
    )
