"""What entry points do to balances and allowances: the sum of every path, debits of others, approvals given.

Amounts are linear sums over words: {word: factor}. A transfer sums to zero, a burn below it, a mint above it. What is
not linear is one word of its own, so equal fees cancel and unequal ones show.

Known limits: a word that is one of several, where paths join, is one word of its own; the sums of a path are kept up to
`SUMS_MAX` a node, beyond which the entry point says that it was not read to the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from tarazy.screening.bytecode.bits import WORD, signed
from tarazy.screening.bytecode.flow import ValueFlow, successors
from tarazy.screening.bytecode.graph import Edge
from tarazy.screening.bytecode.locations import StorageChange
from tarazy.screening.bytecode.term import Term, Word, order, walk
from tarazy.screening.bytecode.terms import TermPool

Sum = frozenset[tuple[Term | None, int]]  # None stands for one: the constant part

SUMS_MAX = 400
TERMS_MAX = 24


@dataclass(frozen=True)
class Movement:
    """A change of one balance: by how much, whose, where, and whether it was overwritten without regard to before."""

    node: int
    change: StorageChange
    delta: Sum
    overwrites: bool

    @property
    def holder(self) -> Word:
        """Return whose balance it is: the first mapping key."""
        return self.change.place.keys[0]

    @cached_property
    def lowers(self) -> bool:
        """Return whether no part of the change is above zero."""
        return bool(self.delta) and all(factor < 0 for _, factor in self.delta)

    @cached_property
    def raises(self) -> bool:
        """Return whether some part of the change is above zero."""
        return any(factor > 0 for _, factor in self.delta)


class PathSum(NamedTuple):
    """What one way through an entry point did to one balance mapping, and which movements made it up."""

    root: int
    total: Sum
    movements: tuple[Movement, ...]
    conditions: frozenset[Edge]
    consents: frozenset[Word]


Path = tuple[tuple[int, ...], frozenset[Word]]  # the nodes passed that move a balance, and the holders who agreed


class Consents(Protocol):
    """Tells whose consent a condition or a node shows: the holders, as words."""

    def of_edge(self, edge: Edge) -> frozenset[Word]:
        """Return the holders who agreed where a condition held."""


def linear(word: Word) -> dict[Term | None, int]:
    """Return a word as a sum; truncation to a field of 64 bits or more is seen through."""
    if type(word) is int:
        return {None: signed(word)} if word else {}
    assert type(word) is Term
    op, args = word.op, word.args
    if op == "add":
        return combine(linear(args[0]), linear(args[1]), 1)
    if op == "sub":
        return combine(linear(args[0]), linear(args[1]), -1)
    if op == "mul" and type(args[0]) is int and args[0] < 1 << 128:
        return {term: factor * args[0] for term, factor in linear(args[1]).items()}
    if op == "field" and type(args[2]) is int and args[2] >= 64 and type(args[0]) is Term and args[1] == 0:
        inner = args[0]
        if inner.op in ("add", "sub", "field", "sload", "or"):
            return linear(inner)
        if inner.op in ("arg", "calldata"):
            return {inner: 1}
    if op == "or":  # parts of a packed word do not overlap
        return combine(linear(args[0]), linear(args[1]), 1)
    if op == "not":
        return combine({None: -1}, linear(args[0]), -1)
    return {word: 1}


def combine(left: dict[Term | None, int], right: dict[Term | None, int], sign: int) -> dict[Term | None, int]:
    """Return left + sign * right without zero factors."""
    found = dict(left)
    for term, factor in right.items():
        total = found.get(term, 0) + sign * factor
        if total:
            found[term] = total
        else:
            found.pop(term, None)
    return found


def frozen(found: dict[Term | None, int]) -> Sum:
    """Return a sum that can be a key."""
    return frozenset(found.items())


def movement_of(
    node: int, change: StorageChange, part: tuple[int, int] = (0, 256), pool: TermPool | None = None
) -> Movement:
    """Return the movement that a change of a balance field is; `part` is where in its word the balance stands."""
    field = change.field
    low, bits = part
    if pool is not None and part != (0, 256) and field.low <= low and low + bits <= field.low + field.bits:
        value = pool.extract(change.value, low - field.low, bits)
        change = change._replace(value=value, before=pool.extract(change.before, low - field.low, bits))
    after, prior = linear(change.value), linear(change.before)
    overwrites = not any(term in after for term in prior if term is not None)
    return Movement(node, change, frozen(combine(after, prior, -1)), overwrites)


def path_sums(flow: ValueFlow, movements: dict[int, list[Movement]], consents: Consents) -> tuple[list[PathSum], bool]:
    """Return what every successful path does to each balance mapping, and whether all paths were followed.

    Paths that do the same with the same consents are told once, with the conditions that all of them share.
    """
    states: dict[int, dict[Path, int]] = {1: {((), frozenset()): 0}}  # with the bits of the conditions met
    complete = True
    ends: dict[Path, int] = {}
    for number in flow.order:
        here = states.pop(number, None)
        if not here or number not in flow.can_succeed:
            continue
        if movements.get(number):
            here = {((*moved, number), agreed): conditions for (moved, agreed), conditions in here.items()}
        end = flow.nodes[number].end
        if end != "branch":
            complete = complete and end not in ("cut", "unresolved")
            for path, conditions in here.items():
                join(ends, path, conditions)
            continue
        sides = [
            (ends if closes_loop(flow, number, target) else states.setdefault(target, {}), bit, consents.of_edge(edge))
            for (target, bit), (_, edge) in zip(flow.after[number], successors(flow.nodes[number]), strict=True)
            if target in flow.can_succeed
        ]
        for (moved, agreed), conditions in here.items():
            for waiting, bit, given in sides:
                following = (moved, agreed | given if given else agreed)
                if waiting is ends:  # what the loop did once stands for what it does
                    join(ends, following, conditions)
                elif following in waiting or len(waiting) < SUMS_MAX:
                    join(waiting, following, conditions | bit)
                else:
                    complete = False
    known: dict[tuple[int, ...], list[tuple[int, Sum, tuple[Movement, ...]]]] = {}
    found = []
    for (moved, agreed), conditions in ends.items():
        if moved not in known:
            known[moved] = sums_of([movement for number in moved for movement in movements[number]])
        for root, total, chosen in known[moved]:
            found.append(PathSum(root, total, chosen, flow.conditions(conditions), agreed))
    return found, complete


def closes_loop(flow: ValueFlow, number: int, target: int) -> bool:
    """Return whether an edge leads back to where its path came from."""
    return flow.place.get(target, -1) <= flow.place[number]


def join(paths: dict[Path, int], path: Path, conditions: int) -> None:
    """Add a path, or keep what it shares with one that did the same."""
    paths[path] = paths[path] & conditions if path in paths else conditions


def sums_of(made: list[Movement]) -> list[tuple[int, Sum, tuple[Movement, ...]]]:
    """Return what some movements together do to each balance mapping: root, sum, and those that made it up."""
    found = []
    for root in sorted({m.change.place.root for m in made if m.change.place.root is not None}):
        total: dict[Term | None, int] = {}
        chosen = tuple(m for m in made if m.change.place.root == root)
        for movement in chosen:
            total = combine(total, dict(movement.delta), 1)
        found.append((root, frozen(total), chosen))
    return found


def positive(total: Sum) -> list[tuple[Term | None, int]]:
    """Return the parts above zero, in a fixed order."""
    return sorted(((t, factor) for t, factor in total if factor > 0), key=lambda part: order(part[0]))


def negative(total: Sum) -> list[tuple[Term | None, int]]:
    """Return the parts below zero, in a fixed order."""
    return sorted(((t, factor) for t, factor in total if factor < 0), key=lambda part: order(part[0]))


def mentions(word: Word | None, atoms: frozenset[Term]) -> bool:
    """Return whether a word contains one of the given terms."""
    return type(word) is Term and any(term in atoms for term in walk(word))


def constant(word: Word) -> int | None:
    """Return a word's value where it is known."""
    return word & WORD if type(word) is int else None
