"""Questions to one entry point's graph: which conditions every path met, who could get here, what can still succeed.

Sets of conditions are numbers with a bit for each condition: joining and comparing them is most of the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, reduce
from operator import and_

from tarazy.screening.bytecode.graph import Call, Edge, Graph, GraphNode

SUCCESS = frozenset({"stop", "return", "selfdestruct", "cut", "unresolved"})
ALTERNATIVES_MAX = 24


class ValueFlow:
    """One graph with what follows from its edges."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes = graph.nodes
        self.bits: dict[Edge, int] = {}  # each condition's bit
        self.after: list[list[tuple[int, int]]] = [[] for _ in graph.nodes]  # (target, bit of the condition)
        self.before: list[list[tuple[int, int]]] = [[] for _ in graph.nodes]  # (origin, bit of the condition)
        for node in graph.nodes:
            for target, edge in successors(node):
                bit = self.bits.setdefault(edge, 1 << len(self.bits))
                self.after[node.number].append((target, bit))
                self.before[target].append((node.number, bit))

        self.known_conditions: dict[int, frozenset[Edge]] = {}
        self.known_alternatives: dict[int, dict[int, frozenset[int]]] = {}

    @cached_property
    def edges(self) -> list[Edge]:
        """Return the conditions in the order of their bits."""
        return list(self.bits)

    def conditions(self, bits: int) -> frozenset[Edge]:
        """Return the conditions that a set of bits stands for."""
        if bits not in self.known_conditions:
            found, rest = [], bits
            while rest:
                low = rest & -rest
                found.append(self.edges[low.bit_length() - 1])
                rest ^= low
            self.known_conditions[bits] = frozenset(found)
        return self.known_conditions[bits]

    @cached_property
    def order(self) -> list[int]:
        """Return the nodes reachable from the entry, each after those that lead to it but for loops."""
        seen, done = {1}, list[int]()
        stack = [(1, iter(self.after[1]))]
        while stack:
            number, rest = stack[-1]
            for target, _ in rest:
                if target not in seen:
                    seen.add(target)
                    stack.append((target, iter(self.after[target])))
                    break
            else:
                stack.pop()
                done.append(number)
        return done[::-1]

    @cached_property
    def place(self) -> dict[int, int]:
        """Return each node's place in the order: an edge to an earlier place closes a loop."""
        return {number: place for place, number in enumerate(self.order)}

    @cached_property
    def dominating(self) -> DominatingConditions:
        """Return for each node the conditions that hold on every path to it."""
        found = {1: 0}
        changed = True
        while changed:
            changed = False
            for number in self.order[1:]:
                common = -1
                for origin, bit in self.before[number]:
                    if origin in found:
                        common &= found[origin] | bit
                if common >= 0 and found.get(number) != common:
                    found[number] = common
                    changed = True
        return DominatingConditions(self, found)

    @cached_property
    def required(self) -> dict[int, frozenset[Edge]]:
        """Return for each node the conditions that hold on every path on from it that succeeds."""
        found: dict[int, frozenset[Edge]] = {}
        for _ in range(3):  # loops add nothing after the second round
            before = dict(found)
            for number in reversed(self.order):
                paths = [
                    found.get(target, frozenset[Edge]()) | {edge}
                    for target, edge in successors(self.nodes[number])
                    if target in self.can_succeed
                ]
                found[number] = frozenset.intersection(*paths) if paths else frozenset()
            if found == before:
                break
        return found

    def path_conditions(self, number: int) -> frozenset[Edge]:
        """Return the conditions that hold on every path through a node that succeeds."""
        return self.dominating.get(number, frozenset()) | self.required.get(number, frozenset())

    @cached_property
    def can_succeed(self) -> frozenset[int]:
        """Return the nodes from which some path ends without a revert."""
        found = {node.number for node in self.nodes if node.end in SUCCESS and node.number != 0}
        work = list(found)
        while work:
            for origin, _ in self.before[work.pop()]:
                if origin not in found:
                    found.add(origin)
                    work.append(origin)
        return frozenset(found)

    def alternatives(self, relevant: Callable[[Edge], bool]) -> dict[int, frozenset[int]]:
        """Return for each node the least sets of relevant conditions, as bits, under which it is reached.

        The empty set among them says that it is reached without any, and so are all where nothing is returned. Beyond
        `ALTERNATIVES_MAX` sets only what they have in common is kept, which never claims a condition that does not
        hold.
        """
        asked = sum([bit for edge, bit in self.bits.items() if relevant(edge)])
        if asked and asked not in self.known_alternatives:
            self.known_alternatives[asked] = self.find_alternatives(asked)
        return self.known_alternatives.get(asked, {})

    def find_alternatives(self, asked: int) -> dict[int, frozenset[int]]:
        """Work out `alternatives`."""
        found: dict[int, frozenset[int]] = {1: frozenset({0})}
        for _ in range(3):  # loops add nothing after the second round
            changed = False
            for number in self.order[1:]:
                sets = {one | bit & asked for origin, bit in self.before[number] for one in found.get(origin, ())}
                least = minimal(sets)
                if found.get(number) != least:
                    found[number] = least
                    changed = True
            if not changed:
                break
        return found

    @cached_property
    def calls(self) -> dict[int, list[Call]]:
        """Return the calls by their ordinal on a path, as `ret` and `returndatasize` name them."""
        found: dict[int, list[Call]] = {}
        for node in self.nodes:
            for call in node.calls:
                ordinal = call.result.args[1] if not isinstance(call.result, int) else -1
                if isinstance(ordinal, int):
                    found.setdefault(ordinal, []).append(call)
        return found


class DominatingConditions(Mapping[int, frozenset[Edge]]):
    """The conditions met on every path to each node, told from their bits when they are asked for."""

    def __init__(self, flow: ValueFlow, bits: dict[int, int]) -> None:
        self.flow = flow
        self.bits = bits

    def __getitem__(self, number: int) -> frozenset[Edge]:
        return self.flow.conditions(self.bits[number])

    def __iter__(self) -> Iterator[int]:
        return iter(self.bits)

    def __len__(self) -> int:
        return len(self.bits)


def successors(node: GraphNode) -> tuple[tuple[int, Edge], ...]:
    """Return the two sides of a branch, or nothing."""
    if node.end != "branch" or node.condition is None:
        return ()
    if node.sides is None:
        node.sides = (node.if_true, Edge(node.condition, True)), (node.if_false, Edge(node.condition, False))
    return node.sides


def minimal(sets: set[int]) -> frozenset[int]:
    """Return the sets that contain no other, or what all have in common where there are too many."""
    if 0 in sets or len(sets) < 2:
        return frozenset({0} if 0 in sets else sets)
    least = frozenset(one for one in sets if not any(other & one == other != one for other in sets))
    if len(least) > ALTERNATIVES_MAX:
        return frozenset({reduce(and_, least)})
    return least
