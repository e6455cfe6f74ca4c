"""What a caller chooses: the word of calldata from which a stored value is made, and what numbers for it leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tarazy.screening.bytecode.bits import WORD
from tarazy.screening.bytecode.evaluation import NOW_S, RECEIVER, SENDER, Leaf, evaluate
from tarazy.screening.bytecode.term import Term, Word
from tarazy.screening.bytecode.terms import ADDRESS

# Values of words, what was worked out from them so far, and what a stored value must be above to count.
Evaluation = tuple[Leaf, dict[Term, int], int]

# What is chosen for an argument whose meaning is not known.
CHOSEN = frozenset({
    0, 1, 2, 99, 100, 101, 1000, 10_000, ADDRESS, WORD >> 1, WORD, SENDER, RECEIVER, NOW_S + 10**9,
})  # fmt: skip

STEPS = frozenset({0, 2, 99, 100, 999, 1000, 9_999, 10_000})  # what a field may hold before it is raised further


class Choice:
    """What a write stores for each number that its caller may choose.

    `conditions` are those of the write that look at the chosen word, `numbers` are worth trying beside the usual ones.
    `evaluations` gives the values of all other words for a number. `is_called` says that the
    entry point calls the address that is chosen.
    """

    def __init__(
        self,
        value: Term,
        conditions: list[tuple[Term, bool]],
        numbers: Iterable[int],
        evaluations: Callable[[int], Iterable[Evaluation]],
        is_called: bool,
    ) -> None:
        self.value = value
        self.conditions = conditions
        self.numbers = CHOSEN.union(numbers)
        self.evaluations = evaluations
        self.is_called = is_called
        self.known: dict[int, frozenset[int]] = {}

    def stored_of(self, more: Iterable[int]) -> Iterator[int]:
        """Yield what is stored of the numbers worth trying, and of some more, where the conditions let them pass."""
        for number in self.numbers.union(more):
            if number not in self.known:
                self.known[number] = frozenset(self.stored(number))
            yield from self.known[number]

    def stored(self, number: int) -> Iterator[int]:
        """Yield what is stored where a number is chosen, nothing where a condition forbids it."""
        if self.is_called and number & ADDRESS == 0:
            return  # nobody answers at address zero
        for leaf, known, above in self.evaluations(number):
            if all(bool(evaluate(term, leaf, known)) is holds for term, holds in self.conditions):
                value = evaluate(self.value, leaf, known)
                if value > above:
                    yield value


def near(numbers: Iterable[int]) -> set[int]:
    """Return numbers with their neighbours."""
    return {found for number in numbers for found in (max(number - 1, 0), number, number + 1)}


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
