"""What the state at hand closes for good: paths that end at a field which nothing can change any more.

A field is final where no write that can still happen gives it another value. All fields that conditions read are taken
for final, and what their values rule out is left out; those that the rest can still change are dropped, and it begins
again. What remains in the end rules out its own change.

Known limits: only fields outside mappings. A time that has passed, a role without members and the answers of other
contracts close nothing. Code that runs code of others on its storage, writes to places that were not understood, or was
not read to the end can change anything: nothing is final there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tarazy.screening.bytecode.bits import WORD
from tarazy.screening.bytecode.evaluation import apply
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.flow import ValueFlow
from tarazy.screening.bytecode.graph import DEAD, GraphNode
from tarazy.screening.bytecode.guards import Guards, is_caller
from tarazy.screening.bytecode.locations import Field, field_of
from tarazy.screening.bytecode.term import Term, Word, walk

Read = Callable[[int], int | None]  # the word in a slot, None where it is not known
Values = Mapping[Field, int]

DECIDED = frozenset("add sub mul div mod exp and or xor not iszero eq lt slt shl shr field".split())


def closed(facts: ContractFacts, read: Read) -> ContractFacts:
    """Return the facts without the paths that state rules out for good; the same object where there are none.

    Cost: one read for each slot that conditions name.
    Raises: what `read` raises.
    """
    if not facts.complete or not contained(facts):
        return facts
    final = present_values(facts, read)
    while True:
        left = without(facts, final)
        unchanging = {field: value for field, value in final.items() if not can_change(left, field, value)}
        if len(unchanging) == len(final):
            return left
        final = unchanging


def contained(facts: ContractFacts) -> bool:
    """Return whether only this code writes its storage, and only to places that were understood."""
    foreign = any(call.kind in ("DELEGATECALL", "CALLCODE") for _, _, call in facts.calls)
    return not foreign and all(writer.change.place.root is not None for writer in facts.writers)


def present_values(facts: ContractFacts, read: Read) -> Values:
    """Return what the fields hold that conditions read."""
    fields: dict[Field, None] = {}
    for flow in facts.flows.values():
        for number in flow.order:
            for term in walk(flow.nodes[number].condition or 0):
                field = plain_field(term)
                if field is not None:
                    fields[field] = None
    found = {}
    words: dict[int | None, int | None] = {}
    for field in fields:
        if field.root not in words:
            words[field.root] = None if field.root is None else read(field.root)
        word = words[field.root]
        if word is not None:
            found[field] = word >> field.low & ((1 << field.bits) - 1)
    return found


def plain_field(term: Term) -> Field | None:
    """Return the field that a term reads at a slot known from the code, None where it is no such read."""
    load = term.args[0] if term.op == "field" else term
    if type(load) is not Term or load.op != "sload" or type(load.args[0]) is not int:
        return None
    return field_of(term)


def without(facts: ContractFacts, final: Values) -> ContractFacts:
    """Return the facts without what final values rule out."""
    flows = {name: cut(flow, final) for name, flow in facts.flows.items()}
    if all(flows[name] is flow for name, flow in facts.flows.items()):
        return facts
    return replace(
        facts,
        flows=flows,
        graphs=[flow.graph for flow in flows.values()],
        guards=Guards(facts.layout, facts.guards.open_roles),
    )


def cut(flow: ValueFlow, final: Values) -> ValueFlow:
    """Return an entry point without the sides of conditions that final values rule out."""
    nodes = [cut_node(node, final) for node in flow.nodes]
    if all(node is before for node, before in zip(nodes, flow.nodes, strict=True)):
        return flow
    return ValueFlow(replace(flow.graph, nodes=nodes))


def cut_node(node: GraphNode, final: Values) -> GraphNode:
    """Return a node whose condition is decided with its other side dead."""
    if node.end != "branch" or node.condition is None:
        return node
    holds = decided(node.condition, final)
    if holds is None or (node.if_false if holds else node.if_true) == DEAD:
        return node
    return replace(node, if_false=DEAD) if holds else replace(node, if_true=DEAD)


def decided(term: Term, final: Values) -> bool | None:
    """Return whether a condition holds, None where final values do not tell; nobody calls from address zero."""
    if term.op == "eq":
        for side, other in (term.args, term.args[::-1]):
            if is_caller(side) and value_of(other, final) == 0:
                return False
    value = value_of(term, final)
    return None if value is None else bool(value)


def value_of(word: Word, final: Values) -> int | None:
    """Return a word's value where it rests on numbers and final fields alone."""
    if type(word) is int:
        return word
    assert type(word) is Term
    field = plain_field(word)
    if field is not None and field in final:
        return final[field]
    if word.op not in DECIDED:
        return None
    values = []
    for argument in word.args:
        value = value_of(argument, final)
        if value is None:
            return None
        values.append(value)
    return apply(word.op, values) & WORD


def can_change(facts: ContractFacts, field: Field, value: int) -> bool:
    """Return whether some write that can happen gives a field another value."""
    for writer in facts.writers_of(field):
        change = writer.change
        if type(change.value) is not int:
            return True
        low = max(field.low, change.field.low)
        mask = (1 << (min(field.low + field.bits, change.field.low + change.field.bits) - low)) - 1
        if (change.value >> (low - change.field.low) ^ value >> (low - field.low)) & mask:
            return True
    return False
