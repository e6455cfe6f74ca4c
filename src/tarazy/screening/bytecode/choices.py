"""What a caller chooses: the word of calldata from which a stored value is made, and what numbers for it leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tarazy.screening.bytecode.terms import ADDRESS, WORD, Term, Word
from tarazy.screening.bytecode.trial import AMOUNT, NOW_S, RECEIVER, SENDER, Leaf, evaluate

Trial = tuple[Leaf, dict[Term, int]]  # values of words, and what was worked out from them so far

# What is chosen for an argument whose meaning is not known.
CHOSEN = frozenset({
    0, 1, 2, 99, 100, 101, 1000, 10_000, ADDRESS, WORD >> 1, WORD, SENDER, RECEIVER, AMOUNT, NOW_S + 10**9,
})  # fmt: skip


class Choice:
    """What a write stores for each number that its caller may choose.

    `conditions` are those of the write that look at the chosen word, `limits` the numbers with which they compare it.
    """

    def __init__(
        self,
        value: Term,
        conditions: list[tuple[Term, bool]],
        limits: list[int],
        tried_with: Callable[[int], Trial],
    ) -> None:
        self.value = value
        self.conditions = conditions
        self.numbers = CHOSEN | {near for limit in limits for near in (max(limit - 1, 0), limit, limit + 1)}
        self.tried_with = tried_with
        self.known: dict[int, int | None] = {}

    def stored_of(self, more: Iterable[int]) -> Iterator[int]:
        """Yield what is stored of the numbers worth trying, and of some more, where the conditions let them pass."""
        for number in self.numbers.union(more):
            if number not in self.known:
                self.known[number] = self.stored(number)
            stored = self.known[number]
            if stored is not None:
                yield stored

    def stored(self, number: int) -> int | None:
        """Return what is stored where a number is chosen, None where a condition forbids it."""
        leaf, known = self.tried_with(number)
        if all(bool(evaluate(term, leaf, known)) is holds for term, holds in self.conditions):
            return evaluate(self.value, leaf, known)
        return None


def chosen_word(value: Term) -> Term | None:
    """Return the word of calldata from which a value is made; what only says where to load from does not count."""
    if value.op in ("arg", "calldata"):
        return value
    if value.op == "sload":
        return None
    for argument in value.args:
        found = chosen_word(argument) if type(argument) is Term else None
        if found is not None:
            return found
    return None


def only_lowers(value: Word, before: Word) -> bool:
    """Return whether a value is the one before, as it is or as a truth value."""
    return bare_truth(value) is bare_truth(before)


def bare_truth(word: Word) -> Word:
    """Return a word without two negations around it."""
    while type(word) is Term and word.op == "iszero":
        inner = word.args[0]
        if type(inner) is not Term or inner.op != "iszero":
            break
        word = inner.args[0]
    return word
