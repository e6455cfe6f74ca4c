"""Where paths join: words that differ become one of several, and what was decided differently is open again."""

from __future__ import annotations

from typing import Any

from tarazy.screening.bytecode.memory import MachineState
from tarazy.screening.bytecode.term import Term, Word
from tarazy.screening.bytecode.terms import TermPool

FLAGS = (0, 1)


def widen(pool: TermPool, state: MachineState, other: MachineState, asked_again: set[Term]) -> bool:
    """Join the words of a path with those of another at the same place; False where the other's say it all already."""
    changed = False
    if len(state.stack) != len(other.stack):
        return False
    for place, word in enumerate(state.stack):
        known = other.stack[place]
        if word is known or (type(word) is int and type(known) is int and (word == known or word not in FLAGS)):
            continue
        state.stack[place] = merged = pool.phi(known, word)
        changed = changed or merged is not known
    untouched(pool, state.storage, other.storage)
    untouched(pool, other.storage, state.storage)
    for mine, theirs in ((state.storage, other.storage), (state.memory, other.memory)):
        changed = widen_words(pool, mine, theirs) or changed
    state.ordinal = max(state.ordinal, other.ordinal)
    lost = [term for term, truth in other.decided.items() if state.decided.get(term) is not truth]
    state.decided = {term: truth for term, truth in state.decided.items() if other.decided.get(term) is truth}
    return changed or not asked_again.isdisjoint(lost)


def untouched(pool: TermPool, mine: dict[Any, Word], theirs: dict[Any, Word]) -> None:
    """Note what storage holds as it was where only the other path wrote."""
    for place in [key for key in theirs if key not in mine]:
        mine[place] = 0 if type(place) is tuple else pool.term("sload", place)


def widen_words(pool: TermPool, mine: dict[Any, Word], theirs: dict[Any, Word]) -> bool:
    """Join the words of two stores place by place; False where the other's say it all already."""
    changed = False
    for place, word in mine.items():
        known = theirs.get(place)
        if known is None or word is known or (type(word) is int and word == known):
            continue
        mine[place] = merged = pool.phi(known, word)
        changed = changed or merged is not known
    return changed
