"""What can stop a transfer: the conditions of the standard transfers whose other side moves nothing.

A way is productive where it ends without a revert and moved a balance. A condition restricts where a productive way
goes through one of its sides only. What the condition reads are its gates: fields of storage, answers of other
contracts, the clock. A gate that somebody can turn after launch, in the direction that blocks, is a power to restrict.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from tarazy.screening.bytecode.facts import ContractFacts, Writer
from tarazy.screening.bytecode.flow import Flow, successors
from tarazy.screening.bytecode.graph import Call, Edge
from tarazy.screening.bytecode.layout import fields_in
from tarazy.screening.bytecode.locations import Field
from tarazy.screening.bytecode.terms import Term, Word, walk

PARTIES = ("caller", "origin", "arg", "calldata")
CLOCK = ("timestamp", "number", "blockhash", "prevrandao", "coinbase", "gasprice", "gas", "basefee")


@dataclass(frozen=True)
class Restriction:
    """One condition that a transfer must meet, and the conditions that were met before it."""

    entry: str
    node: int
    offset: int
    needed: Edge
    context: frozenset[Edge]

    @property
    def term(self) -> Term:
        """Return the condition."""
        return self.needed.term

    @cached_property
    def gates(self) -> tuple[Field, ...]:
        """Return the fields that the condition reads."""
        return tuple(fields_in(self.term))


def restrictions(facts: ContractFacts) -> list[Restriction]:
    """Return the restrictions of every standard transfer, in the order of the code's ways."""
    return [found for name in facts.transfers for found in restrictions_of(facts, name)]


def restrictions_of(facts: ContractFacts, name: str) -> list[Restriction]:
    """Return the restrictions of one entry point."""
    flow = facts.flows[name]
    productive = productive_states(facts, name)
    found = []
    for number in flow.order:
        node = flow.nodes[number]
        for moved in (False, True):
            if (number, moved) not in productive or node.condition is None:
                continue
            after = moved or moves(facts, name, number)
            sides = [edge for target, edge in successors(node) if (target, after) in productive]
            if len(sides) == 1:
                context = flow.met.get(number, frozenset())
                found.append(Restriction(name, number, node.end_offset, sides[0], context))
                break
    return found


def moves(facts: ContractFacts, name: str, number: int) -> bool:
    """Return whether a node moves a balance."""
    return bool(facts.movements[name].get(number))


def productive_states(facts: ContractFacts, name: str) -> frozenset[tuple[int, bool]]:
    """Return the (node, moved before) from which, and to which, a way leads that moves a balance and succeeds."""
    flow: Flow = facts.flows[name]
    start = (1, False)
    reached = {start}
    before: dict[tuple[int, bool], list[tuple[int, bool]]] = {}
    work = [start]
    good: list[tuple[int, bool]] = []
    while work:
        number, moved = state = work.pop()
        node = flow.nodes[number]
        after = moved or moves(facts, name, number)
        if node.end in ("stop", "return", "cut", "unresolved") and after and not says_no(node.returned):
            good.append(state)
        for target, _ in successors(node):
            if target == 0:
                continue
            following = (target, after)
            before.setdefault(following, []).append(state)
            if following not in reached:
                reached.add(following)
                work.append(following)
    found = set(good)
    while good:
        for origin in before.get(good.pop(), ()):
            if origin not in found:
                found.add(origin)
                good.append(origin)
    return frozenset(found)


def says_no(returned: tuple[Word, ...]) -> bool:
    """Return whether a transfer answers false."""
    return bool(returned) and returned[0] == 0


def names_parties(term: Word) -> bool:
    """Return whether a word contains somebody who takes part in the transfer."""
    return type(term) is Term and any(inner.op in PARTIES for inner in walk(term))


def is_housekeeping(facts: ContractFacts, restriction: Restriction) -> bool:
    """Return whether a condition only keeps the books: enough balance or allowance, no overflow, a proper address."""
    layout, term = facts.layout, restriction.term
    kept = layout.balance_roots | layout.allowance_roots
    if all(field.root in kept or field in layout.supply_fields for field in fields_in(term)):
        return not any(inner.op in ("ret", "call", *CLOCK) for inner in walk(term))
    if term.op == "extcodesize":
        return True  # the call that follows is what counts
    if term.op == "lt":  # a balance that was just written, compared with an amount
        written = [m.change.value for made in facts.movements[restriction.entry].values() for m in made]
        return any(side is value for side in term.args for value in written)
    return False


def blocks(facts: ContractFacts, writer: Writer, needed: Edge, gate: Field) -> bool:
    """Return whether a write can make a condition fail.

    A flag that is only ever set to the value that opens the transfer cannot be used to close it, and a lock that the
    same call opens again closes nothing.
    """
    value = writer.change.value
    if type(value) is not int:
        return True
    passes = opening_values(needed, gate)
    if passes is None:
        return not restores(facts, writer, None)
    return not passes(value) and not restores(facts, writer, passes)


def restores(facts: ContractFacts, writer: Writer, passes: Callable[[int], bool] | None) -> bool:
    """Return whether the same entry point later writes the field back to a constant that opens."""
    flow = facts.flows[writer.entry]
    own = flow.place.get(writer.node, 0)
    for number, made in facts.changes[writer.entry].items():
        for change in made:
            if change is writer.change or not change.field.overlaps(writer.change.field):
                continue
            if flow.place.get(number, 0) < own or type(change.value) is not int or change.value == writer.change.value:
                continue
            if passes is None or passes(change.value):
                return True
    return False


def opening_values(needed: Edge, gate: Field) -> Callable[[int], bool] | None:
    """Return a test for values of a gate that let the transfer pass, or None where it cannot be told."""
    term, holds = needed
    if is_field(term, gate):
        return lambda value: bool(value) is holds
    if term.op not in ("eq", "lt"):
        return None
    left, right = term.args
    if type(left) is Term and is_field(left, gate) and type(right) is int:
        return lambda value: (value < right if term.op == "lt" else value == right) is holds
    if type(right) is Term and is_field(right, gate) and type(left) is int:
        return lambda value: (left < value if term.op == "lt" else value == left) is holds
    return None


def is_field(term: Term, gate: Field) -> bool:
    """Return whether a term is just a read of a gate."""
    fields = fields_in(term)
    return term.op in ("field", "sload") and len(fields) >= 1 and fields[0] == gate


def asked(flow: Flow, term: Term) -> list[Call]:
    """Return the calls to other contracts on whose answers a condition depends."""
    found = []
    for inner in walk(term):
        if inner.op in ("ret", "returndatasize") and type(inner.args[0]) is int:
            found += flow.calls.get(inner.args[0], [])
        if inner.op == "call":
            found += [call for calls in flow.calls.values() for call in calls if call.result is inner]
    return found


def about_parties(call: Call) -> bool:
    """Return whether a call asks somebody else about those who take part in the transfer.

    A party that is told of the transfer, as receivers of some standards are, agrees for itself.
    """
    if type(call.target) is int or names_parties(call.target):
        return type(call.target) is int and call.target > 0xFFFF and any(map(names_parties, call.arguments))
    return any(map(names_parties, call.arguments))


def is_party(facts: ContractFacts, word: Word, context: frozenset[Edge]) -> bool:
    """Return whether the conditions met say that a word is somebody who takes part in the transfer."""
    for edge in context:
        if edge.holds and edge.term.op == "eq" and any(side is word for side in edge.term.args):
            return any(names_parties(side) for side in edge.term.args)
    return False
