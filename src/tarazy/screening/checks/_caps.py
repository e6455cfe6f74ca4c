"""Caps: conditions of a transfer that small amounts meet and large ones do not, though the sender has them.

Each is tried with amounts from nothing to the whole supply, the sender holding more than that and the receiver nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tarazy.screening.bytecode.allowed import allowed_values, baseline
from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.consents import bare
from tarazy.screening.bytecode.evaluation import SUPPLY, Leaf, evaluate
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.layout import fields_in
from tarazy.screening.bytecode.locations import Field, field_of, locate
from tarazy.screening.bytecode.restrictions import Restriction
from tarazy.screening.bytecode.term import Term, Word, walk
from tarazy.screening.bytecode.writer import Writer
from tarazy.screening.checks._amounts import AMOUNT_PLACE, AMOUNT_PLACE_LATER, is_about_amount
from tarazy.screening.checks._switches import all_conditions, is_privilege
from tarazy.screening.checks._tallies import keeps_tallies

PPM = 1_000_000
CAP_VALUES = (1, 100, 10_000, SUPPLY // 100)  # what a cap may hold: units, parts in a hundred or in ten thousand
UNCLEAR = ("ret", "memory", "top", "keccak")  # what is not known to be a number that somebody set
HELD = 1 << 150  # more than any supply, and no sum of it overflows


@dataclass(frozen=True)
class Cap:
    """One condition that caps amounts or holdings, the fields that it reads, and who writes them."""

    restriction: Restriction
    fields: tuple[Field, ...]
    writers: tuple[Writer, ...]

    @property
    def of_holdings(self) -> bool:
        """Return whether what the receiver would hold is capped, not what is sent."""
        receiver = AMOUNT_PLACE.get(self.restriction.entry, AMOUNT_PLACE_LATER) - 0x20
        return any(inner.op == "sload" and is_of(inner, receiver) for inner in walk(self.restriction.term))


def is_argument(key: Word, place: int) -> bool:
    """Return whether a key is the argument at a place of the calldata."""
    key = bare(key)
    return isinstance(key, Term) and key.op == "arg" and key.args[0] == place


@cached
def caps(facts: ContractFacts) -> tuple[Cap, ...]:
    """Return the caps of the standard transfers, by storage or by numbers in the code."""
    return tuple(cap_of(facts, each) for each in all_conditions(facts) if is_cap(facts, each))


def cap_of(facts: ContractFacts, restriction: Restriction) -> Cap:
    """Return the cap that a condition is."""
    fields = tuple(f for f in fields_in(restriction.term) if not facts.layout.keeps_books(f))
    writers = tuple(
        w for f in fields for w in facts.writers_of(f) if w.entry not in facts.transfers and is_privilege(facts, w)
    )
    return Cap(restriction, fields, writers)


def is_cap(facts: ContractFacts, restriction: Restriction) -> bool:
    """Return whether small amounts meet a condition and the whole supply does not."""
    if restriction.term.op != "lt" or is_range(restriction.term):
        return False
    if not separates(facts, restriction):
        return False
    fields = [field for field in fields_in(restriction.term) if not facts.layout.keeps_books(field)]
    if any(field in facts.layout.balance_scales for field in fields):
        return False
    for value in CAP_VALUES:
        passes = trying(facts, restriction, dict.fromkeys(fields, value))
        if (passes(0) or passes(1)) and not passes(SUPPLY):
            return True
    return False


def separates(facts: ContractFacts, restriction: Restriction) -> bool:
    """Return whether one side of a comparison has the amount, and the other neither it nor what the sender has."""
    with_amount = [side for side in restriction.term.args if is_about_amount(restriction.entry, side)]
    without = [side for side in restriction.term.args if not is_about_amount(restriction.entry, side)]
    layout = facts.layout
    if len(with_amount) != 1 or any(inner.op in UNCLEAR for inner in walk(without[0])):
        return False
    held = layout.balance_roots | layout.allowance_roots
    return not any(field.root in held or keeps_tallies(facts, field) for field in fields_in(without[0]))


def is_range(term: Term) -> bool:
    """Return whether a word is only held to a number of bits."""
    numbers = [side for side in term.args if type(side) is int]
    return any(number & (number + 1) == 0 or number & (number - 1) == 0 for number in numbers)


def trying(facts: ContractFacts, restriction: Restriction, values: dict[Field, int]) -> Callable[[int], bool]:
    """Return whether an amount meets a condition where fields have some values."""
    plain = baseline(facts, restriction.entry, values)
    place = AMOUNT_PLACE.get(restriction.entry, AMOUNT_PLACE_LATER)
    receiver = place - 0x20

    def with_amount(amount: int) -> Leaf:
        def leaf(term: Term) -> int | None:
            if term.op == "arg" and term.args[0] == place:
                return amount
            if term.op in ("sload", "field"):
                field = field_of(term)
                if field is not None and facts.layout.keeps_balance(field):
                    return 0 if is_of(term, receiver) else HELD
            return plain(term)

        return leaf

    def passes(amount: int) -> bool:
        return bool(evaluate(restriction.term, with_amount(amount))) is restriction.needed.holds

    return passes


def is_of(term: Term, place: int) -> bool:
    """Return whether a balance is that of the argument at a place of the calldata."""
    load = term.args[0] if term.op == "field" else term
    keys = locate(load.args[0]).keys if isinstance(load, Term) else ()
    return any(is_argument(key, place) for key in keys)


def least_cap(facts: ContractFacts, cap: Cap) -> int | None:
    """Return the least cap that its writers allow, in parts per million of the supply; None where there is no bound.

    A cap that can be brought below a millionth of the supply has no bound that means anything.
    """
    restriction, least = cap.restriction, PPM
    for field in cap.fields:
        writers = [writer for writer in facts.writers_of(field) if writer in cap.writers]
        allowed = (allowed_values(facts, restriction.entry, w, restriction.needed, field) for w in writers)
        for value in set[int]().union(*allowed):
            least = min(least, largest_passing(trying(facts, restriction, {field: value})))
    return least or None


def largest_passing(passes: Callable[[int], bool]) -> int:
    """Return the largest amount that passes, in parts per million of the supply."""
    low, high = 0, PPM
    if passes(SUPPLY):
        return PPM
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if passes(SUPPLY * middle // PPM) else (low, middle)
    return low
