"""Questions to one entry point's graph: which conditions every path met, who could get here, what can still succeed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from tarazy.screening.bytecode.graph import Call, Edge, Graph, Node

SUCCESS = frozenset({"stop", "return", "selfdestruct", "cut", "unresolved"})
ALTERNATIVES_MAX = 24


class Flow:
    """One graph with what follows from its edges."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes = graph.nodes
        self.before: list[list[tuple[int, Edge]]] = [[] for _ in graph.nodes]
        for node in graph.nodes:
            for target, edge in successors(node):
                self.before[target].append((node.number, edge))

    @cached_property
    def order(self) -> list[int]:
        """Return the nodes reachable from the entry, each after those that lead to it but for loops."""
        seen, done = {1}, list[int]()
        stack = [(1, iter(successors(self.nodes[1])))]
        while stack:
            number, rest = stack[-1]
            for target, _ in rest:
                if target not in seen:
                    seen.add(target)
                    stack.append((target, iter(successors(self.nodes[target]))))
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
    def met(self) -> dict[int, frozenset[Edge]]:
        """Return for each node the conditions that hold on every path to it."""
        found: dict[int, frozenset[Edge]] = {1: frozenset()}
        changed = True
        while changed:
            changed = False
            for number in self.order:
                if number == 1:
                    continue
                sets = [found[origin] | {edge} for origin, edge in self.before[number] if origin in found]
                if not sets:
                    continue
                common = frozenset.intersection(*sets)
                if found.get(number) != common:
                    found[number] = common
                    changed = True
        return found

    @cached_property
    def required(self) -> dict[int, frozenset[Edge]]:
        """Return for each node the conditions that hold on every way on from it that succeeds."""
        found: dict[int, frozenset[Edge]] = {}
        for _ in range(3):  # loops add nothing after the second round
            before = dict(found)
            for number in reversed(self.order):
                ways = [
                    found.get(target, frozenset[Edge]()) | {edge}
                    for target, edge in successors(self.nodes[number])
                    if target in self.can_succeed
                ]
                found[number] = frozenset.intersection(*ways) if ways else frozenset()
            if found == before:
                break
        return found

    def around(self, number: int) -> frozenset[Edge]:
        """Return the conditions that hold on every way through a node that succeeds."""
        return self.met.get(number, frozenset()) | self.required.get(number, frozenset())

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

    def alternatives(self, relevant: Callable[[Edge], bool]) -> dict[int, frozenset[frozenset[Edge]]]:
        """Return for each node the least sets of relevant conditions under which it is reached.

        The empty set among them says that it is reached without any; beyond `ALTERNATIVES_MAX` sets only what they
        have in common is kept, which never claims a condition that does not hold.
        """
        found: dict[int, frozenset[frozenset[Edge]]] = {1: frozenset({frozenset()})}
        for _ in range(3):  # loops add nothing after the second round
            changed = False
            for number in self.order:
                if number == 1:
                    continue
                sets: set[frozenset[Edge]] = set()
                for origin, edge in self.before[number]:
                    for one in found.get(origin, ()):
                        sets.add(one | {edge} if relevant(edge) else one)
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


def successors(node: Node) -> tuple[tuple[int, Edge], ...]:
    """Return the two sides of a fork, or nothing."""
    if node.end != "fork" or node.condition is None:
        return ()
    return ((node.if_true, Edge(node.condition, True)), (node.if_false, Edge(node.condition, False)))


def minimal(sets: set[frozenset[Edge]]) -> frozenset[frozenset[Edge]]:
    """Return the sets that contain no other, or what all have in common where there are too many."""
    if frozenset() in sets:
        return frozenset({frozenset()})
    least = frozenset(one for one in sets if not any(other < one for other in sets))
    if len(least) > ALTERNATIVES_MAX:
        return frozenset({frozenset.intersection(*least)})
    return least
