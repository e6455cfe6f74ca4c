"""What part of a transfer arrives: every path is tried with the baseline amount.

The credit of the receiver is compared with the debit of the sender, both read as formulas.
"""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.screening.bytecode.allowed import baseline
from tarazy.screening.bytecode.bits import WORD
from tarazy.screening.bytecode.cached import CacheTable, cached
from tarazy.screening.bytecode.consents import bare
from tarazy.screening.bytecode.evaluation import Leaf, evaluate
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.fees import PPM
from tarazy.screening.bytecode.graph import Edge
from tarazy.screening.bytecode.layout import TRANSFER
from tarazy.screening.bytecode.locations import Field
from tarazy.screening.bytecode.movements import Movement, PathSum, combine
from tarazy.screening.bytecode.term import Term, Word, walk
from tarazy.screening.checks._amounts import AMOUNT_PLACE, AMOUNT_PLACE_LATER, is_about_amount
from tarazy.screening.checks._switches import TIME

ROUNDING_PPM = 10  # less than this is the rounding of shares, no fee
ROUNDING_UNITS = 1_000  # no more than dust
SHARES = 10**60  # where balances are shares of a total, the total
TIMES_S = (10**9, 10**11)  # numbers between are times
SHARES_OF_PATHS: CacheTable[str, list[tuple[PathSum, int]]] = CacheTable()
WRAPPED = 200  # a rise of more bits than this wrapped around


@dataclass(frozen=True)
class Taken:
    """One way of a transfer on which less arrives than was sent.

    Units: `share_ppm` parts per million of the debit that are credited; `flat` units of the token that are kept back
    whatever is sent, zero where the fee follows the amount.
    """

    entry: str
    credit: Movement
    share_ppm: int
    flat: int = 0


@cached
def takings(facts: ContractFacts) -> tuple[Taken, ...]:
    """Return the paths of the standard transfers on which less arrives than was sent."""
    return tuple(taken for name in facts.transfers for taken in takings_of(facts, name))


def takings_of(facts: ContractFacts, name: str) -> list[Taken]:
    """Return the paths of one entry point on which less arrives, of those with the same credit the least."""
    sender = sender_of(facts, name)
    found: dict[int, Taken] = {}
    for path, share in path_shares(facts, name):
        credit = credit_of(facts, name, path)
        if credit is None:
            continue
        known = found.get(credit.node)
        flat = flat_fee(credit, [m for m in path.movements if bare(m.holder) is sender])
        if flat and (known is None or known.flat < flat):
            found[credit.node] = Taken(name, credit, 0, flat)
        elif not flat and share < PPM - ROUNDING_PPM and (known is None or share < known.share_ppm):
            found[credit.node] = Taken(name, credit, share)
    return list(found.values())


def path_shares(facts: ContractFacts, name: str) -> list[tuple[PathSum, int]]:
    """Return the paths of one entry point that credit the receiver, with the part of the debit that is credited.

    Units: parts per million.
    """
    known = facts.cache.table(SHARES_OF_PATHS)
    if name not in known:
        known[name] = find_shares(facts, name)
    return known[name]


def find_shares(facts: ContractFacts, name: str) -> list[tuple[PathSum, int]]:
    """Work out `path_shares`: of what is one of several words, where ways join, each is tried."""
    sender = sender_of(facts, name)
    scales = {field: SHARES for field in facts.layout.balance_scales if field not in facts.layout.supply_fields}
    evaluations = [FeeEvaluation(facts, name, {}), FeeEvaluation(facts, name, scales)]
    others: dict[tuple[int | None, int], FeeEvaluation] = {}
    shares: dict[tuple[int, ...], int] = {}
    found = []
    for path in facts.sums[name][0]:
        credit = credit_of(facts, name, path)
        debits = [m for m in path.movements if bare(m.holder) is sender and is_about_amount(name, m.change.value)]
        if credit is None or not debits:
            continue
        same = tuple(map(id, (credit, *debits)))
        if same not in shares:
            share = share_of(credit, debits, evaluations)
            value = credit.change.value
            for moment, choice in [(t, -1) for t in moments(value)] + [(None, n) for n in range(choices_in(value))]:
                other = others.setdefault((moment, choice), FeeEvaluation(facts, name, {}, moment, choice))
                share = min(share, share_of(credit, debits, [other]))
            shares[same] = share
        found.append((path, shares[same]))
    return found


def sender_of(facts: ContractFacts, name: str) -> Term:
    """Return who sends in one entry point."""
    return facts.pool.term("caller") if name == f"0x{TRANSFER:08x}" else facts.pool.term("arg", 0x4)


def credit_of(facts: ContractFacts, name: str, path: PathSum) -> Movement | None:
    """Return the one credit of the receiver on a path, and no length of a history; None where there are several."""
    receiver = facts.pool.term("arg", 0x4 if name == f"0x{TRANSFER:08x}" else 0x24)
    credits = [
        m for m in path.movements if m.raises and bare(m.holder) is receiver and is_about_amount(name, m.change.value)
    ]
    return credits[0] if len(credits) == 1 else None


def choices_in(value: Word) -> int:
    """Return how many words the largest choice in a formula is between, none where there is none."""
    return max((len(term.args) for term in walk(value) if term.op == "phi"), default=0)


def flat_fee(credit: Movement, debits: list[Movement]) -> int:
    """Return the number of units by which a credit is less than the debit, zero where the difference is no number."""
    moved: dict[Term | None, int] = {}
    for movement in (credit, *debits):
        moved = combine(moved, dict(movement.delta), 1)
    return -moved[None] if set(moved) == {None} and moved[None] < -ROUNDING_UNITS else 0


def share_of(credit: Movement, debits: list[Movement], evaluations: list[FeeEvaluation]) -> int:
    """Return which part of a debit is credited, all of it where nothing can be told.

    Units: parts per million.
    """
    for evaluation in evaluations:
        sent, rise = -sum(map(evaluation.change_of, debits)), evaluation.change_of(credit)
        if sent > 0 and rise >= 0:
            return rise * PPM // sent
    return PPM


def moments(value: Word) -> list[int]:
    """Return the times that a formula on the clock has as numbers: a fee that falls is at its height at one of them."""
    terms = list(walk(value))
    if not any(term.op in TIME for term in terms):
        return []
    numbers = [argument for term in terms for argument in term.args if type(argument) is int]
    return sorted({t for number in numbers for t in (number, -number & WORD) if TIMES_S[0] < t < TIMES_S[1]})


def amount_word(facts: ContractFacts, name: str) -> Term:
    """Return the amount of one entry point as a word."""
    return facts.pool.term("arg", AMOUNT_PLACE.get(name, AMOUNT_PLACE_LATER))


class FeeEvaluation:
    """One choice of values, under which every movement is worked out once: with the amount, and with nothing.

    What a balance changes by is the difference, so that it does not matter what was there before, or whether that was
    understood.
    """

    def __init__(
        self,
        facts: ContractFacts,
        entry: str,
        scales: dict[Field, int],
        moment: int | None = None,
        choice: int = -1,
        amount: int | None = None,
    ) -> None:
        now = {} if moment is None else {facts.pool.term("timestamp"): moment}
        word = amount_word(facts, entry)
        full = now if amount is None else {**now, word: amount}
        self.known: list[dict[Term, int]] = [{}, {}]
        plain = [baseline(facts, entry, scales, full), baseline(facts, entry, scales, {**now, word: 0})]
        self.leaves = [choosing(leaf, known, choice) for leaf, known in zip(plain, self.known, strict=True)]

    def holds(self, edge: Edge) -> bool:
        """Return whether a condition is met with the amount."""
        return bool(evaluate(edge.term, self.leaves[0], self.known[0])) == edge.holds

    def change_of(self, movement: Movement) -> int:
        """Return by how much a balance changes because of the amount."""
        value, before = movement.change.value, movement.change.before
        full, none = (
            evaluate(value, leaf, known) - evaluate(before, leaf, known)
            for leaf, known in zip(self.leaves, self.known, strict=True)
        )
        change = (full - none) & WORD
        return change - (WORD + 1) if change >> WRAPPED else change


def choosing(plain: Leaf, known: dict[Term, int], choice: int) -> Leaf:
    """Return the values of words with one way taken of several that join; as they are where none is named."""
    if choice < 0:
        return plain

    def leaf(term: Term) -> int | None:
        if term.op == "phi":
            return evaluate(term.args[choice % len(term.args)], leaf, known)
        return plain(term)

    return leaf
