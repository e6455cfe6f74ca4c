"""What exploring one entry point leaves: nodes of straight-line effects connected by conditions.

A node is what runs between two undecided branches. Its effects and its words come from the first path that reached it;
the edges come from all. Two paths share a node where they are at the same place, would return to the same places and
have written and called the same sites, so effects are never merged away while the graph stays small.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tarazy.screening.bytecode.term import Term, Word

DEAD = 0  # every graph's node 0: a branch that ends in REVERT or INVALID without a further choice


class Write(NamedTuple):
    """One SSTORE. `before` is what the place held on this path just before."""

    offset: int
    key: Word
    value: Word
    before: Word


class Call(NamedTuple):
    """One call to another contract, or a creation. `arguments` are the words after the selector, as far as known."""

    offset: int
    kind: str  # CALL STATICCALL DELEGATECALL CALLCODE CREATE CREATE2
    target: Word
    value: Word
    selector: int | None
    arguments: tuple[Word, ...]
    result: Word


class LogOperation(NamedTuple):
    """One event. `topics` and the first data words."""

    offset: int
    topics: tuple[Word, ...]
    data: tuple[Word, ...]


class Edge(NamedTuple):
    """A condition that held: the term was non-zero where `holds`, zero otherwise."""

    term: Term
    holds: bool


def edge_order(edge: Edge) -> tuple[int, bool]:
    """Return a key that sorts conditions in one fixed order."""
    return edge.term.number, edge.holds


@dataclass(slots=True)
class GraphNode:
    """Straight-line effects and how they end.

    `end` is branch, stop, return, revert, invalid, selfdestruct, cut (a limit) or unresolved (an unknown jump).
    """

    number: int
    offset: int
    end: str = "cut"
    end_offset: int = 0
    condition: Term | None = None
    if_true: int = DEAD
    if_false: int = DEAD
    writes: list[Write] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    logs: list[LogOperation] = field(default_factory=list)
    transient: list[tuple[Word, Word]] = field(default_factory=list)  # TSTORE: key and value
    returned: tuple[Word, ...] = ()
    beneficiary: Word = 0
    sides: tuple[tuple[int, Edge], ...] | None = field(default=None, init=False, repr=False)  # kept by flow.successors


@dataclass(slots=True)
class Graph:
    """One entry point explored. `selector` is None for what runs when no selector matches (receive and fallback)."""

    selector: int | None
    nodes: list[GraphNode]
    complete: bool = True
    payable: bool = True

    @property
    def name(self) -> str:
        """Return the selector as hex, or `fallback`."""
        return "fallback" if self.selector is None else f"0x{self.selector:08x}"
