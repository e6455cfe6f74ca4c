"""Quotas: what somebody privileged allows a caller to make, which making tokens uses up.

A minter's allowance is one: whoever has none makes nothing. So it is guard and bound at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.screening.bytecode.consents import bare
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.flow import ValueFlow, successors
from tarazy.screening.bytecode.graph import edge_order
from tarazy.screening.bytecode.guards import Guards, is_caller
from tarazy.screening.bytecode.locations import Field, locate
from tarazy.screening.bytecode.movements import PathSum, linear, positive
from tarazy.screening.bytecode.term import Term, Word, loads, walk
from tarazy.screening.bytecode.writer import Writer
from tarazy.screening.model import Holder, HolderKind

SETTERS_MAX = 3
FIRST_NODE = 1


@dataclass(frozen=True)
class Quota:
    """What a caller may still make: where it is kept, who sets it, and who needs none."""

    field: Field
    setters: tuple[Writer, ...]
    exempt: tuple[Holder, ...]

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Return who may make tokens: those who have a quota, and those who need none."""
        of_all = Field(self.field.root, self.field.depth, 0, 0, 256)
        return (Holder(HolderKind.ROLE, f"mapping {of_all}"), *self.exempt)

    @property
    def bound(self) -> str:
        """Return the quota in words."""
        entries = tuple(dict.fromkeys(writer.entry for writer in self.setters))[:SETTERS_MAX]
        bound = f"the caller's own allowance, set by {', '.join(entries)}"
        return bound if not self.exempt else f"{bound}; others need none"


def quota_of(facts: ContractFacts, name: str, paths: list[PathSum]) -> Quota | None:
    """Return the quota of the caller that every way to a credit in an entry point uses up, None where there is none.

    It falls by what is made, is held against it, and only somebody privileged raises it. A way that a guard keeps for
    others needs no quota.
    """
    flow = facts.flows[name]
    made = {term for path in paths for term, factor in positive(path.total) if term is not None and factor == 1}
    spending: dict[int, Field] = {}
    for number, changed in facts.changes[name].items():
        for change in changed:
            root, keys = change.place.root, change.place.keys
            if root is None or len(keys) != 1 or not is_caller(bare(keys[0])):
                continue
            if not facts.layout.keeps_books(change.field) and falls_by(change.value, made, flow, root):
                spending[number] = change.field
    field = next(iter(spending.values()), None)
    credits = frozenset(n for n, moved in facts.movements[name].items() if any(m.raises for m in moved))
    closed = frozenset(spending)
    if field is None or passes(flow, credits, closed, facts.guards):
        return None
    setters = tuple(w for w in facts.writers if w.change.field.overlaps(field) and w.entry != name)
    raising = tuple(writer for writer in setters if writer.change.value != 0)
    if not raising or any(writer.open for writer in raising):
        return None
    others = exempt(facts, flow, paths) if passes(flow, credits, closed) else ()
    return Quota(field, raising, others)


def falls_by(value: Word, made: set[Term], flow: ValueFlow, root: int) -> bool:
    """Return whether a written value is one less what is made, and some condition compares that with the mapping."""
    parts = value.args if type(value) is Term and value.op == "phi" else (value,)
    amounts = [term for term in made if all(linear(part).get(term, 0) == -1 for part in parts)]
    conditions = [node.condition for node in flow.nodes if node.condition is not None and node.condition.op == "lt"]
    return any(
        amount in walk(term) and any(locate(load.args[0]).root == root for load in loads(term))
        for amount in amounts
        for term in conditions
    )


def passes(flow: ValueFlow, credits: frozenset[int], closed: frozenset[int], guards: Guards | None = None) -> bool:
    """Return whether a way credits and succeeds past closed nodes, and past every guard where they are given."""
    seen, work = {(FIRST_NODE, False)}, [(FIRST_NODE, False)]
    while work:
        number, credited = work.pop()
        node = flow.nodes[number]
        if number in closed:
            continue
        credited = credited or number in credits
        if credited and node.end not in ("branch", "revert"):
            return True
        for following, edge in successors(node):
            state = (following, credited)
            is_open = guards is None or guards.holder(edge, flow) is None
            if is_open and following in flow.can_succeed and state not in seen:
                seen.add(state)
                work.append(state)
    return False


def exempt(facts: ContractFacts, flow: ValueFlow, paths: list[PathSum]) -> tuple[Holder, ...]:
    """Return whom guards on the ways name."""
    edges = sorted({edge for path in paths for edge in path.conditions}, key=edge_order)
    named = (facts.guards.holder(edge, flow) for edge in edges)
    return tuple(dict.fromkeys(holder for holder in named if holder is not None))
