"""What can stop a transfer: the conditions of the standard transfers whose other side moves nothing.

A path is productive where it ends without a revert and moved a balance. A condition restricts where a productive path
goes through one of its sides only. What the condition reads are its guards: fields of storage, answers of other
contracts, the clock. A guard that somebody can turn after launch, in the direction that blocks, is a privilege.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from tarazy.screening.bytecode.allowed import allowed_values, baseline
from tarazy.screening.bytecode.bits import WORD
from tarazy.screening.bytecode.cached import CacheTable, cached
from tarazy.screening.bytecode.consents import bare
from tarazy.screening.bytecode.environment import asks_environment, environment_on_path
from tarazy.screening.bytecode.evaluation import evaluate
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.flow import ValueFlow, successors
from tarazy.screening.bytecode.graph import Call, Edge
from tarazy.screening.bytecode.layout import APPROVE, TRANSFER_FROM, fields_in
from tarazy.screening.bytecode.locations import Field, field_of
from tarazy.screening.bytecode.term import Term, Word, operators, walk
from tarazy.screening.bytecode.writer import Writer
from tarazy.screening.bytecode.written import amounts

PARTIES = ("caller", "origin", "arg", "calldata")
FAILING: CacheTable[tuple[object, ...], bool] = CacheTable()
CLOCK = ("timestamp", "number")
SMALL_ACCOUNT = 0xFFFF  # precompiled contracts and burn addresses: nobody's


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
    def guards(self) -> tuple[Field, ...]:
        """Return the fields that the condition reads."""
        return tuple(fields_in(self.term))


@cached
def restrictions(facts: ContractFacts) -> tuple[Restriction, ...]:
    """Return the restrictions of every standard transfer, and of approve, without which no pool can be sold to."""
    names = [*facts.transfers, *(name for name in (f"0x{APPROVE:08x}",) if name in facts.flows)]
    return tuple(found for name in names for found in restrictions_of(facts, name))


def restrictions_of(facts: ContractFacts, name: str) -> list[Restriction]:
    """Return the restrictions of one entry point."""
    flow, found = facts.flows[name], list[Restriction]()
    productive = productive_states(facts, name)
    for number in flow.order:
        node = flow.nodes[number]
        for moved in (False, True):
            if (number, moved) not in productive or node.condition is None:
                continue
            after = moved or moves(facts, name, number)
            sides = [
                edge for target, edge in successors(node) if (target, after) in productive and not is_of_nothing(edge)
            ]
            if len(sides) == 1:
                context = flow.dominating.get(number, frozenset())
                found.append(Restriction(name, number, node.end_offset, sides[0], context))
                break
    return found


def moves(facts: ContractFacts, name: str, number: int) -> bool:
    """Return whether a node moves a balance; in approve, whether it gives an allowance."""
    if name == f"0x{APPROVE:08x}":
        made, roots = facts.changes[name].get(number, ()), facts.layout.allowance_roots
        return any(change.place.root in roots and change.value != 0 for change in made)
    return bool(facts.movements[name].get(number))


def productive_states(facts: ContractFacts, name: str) -> frozenset[tuple[int, bool]]:
    """Return the (node, moved before) from which, and to which, a path leads that moves a balance and succeeds."""
    flow: ValueFlow = facts.flows[name]
    start = (1, False)
    reached = {start}
    before: dict[tuple[int, bool], list[tuple[int, bool]]] = {}
    work = [start]
    good: list[tuple[int, bool]] = []
    while work:
        number, moved = state = work.pop()
        node = flow.nodes[number]
        after = moved or moves(facts, name, number)
        moved_on = node.end in ("stop", "return") and after and not answers_false(node.returned)
        if moved_on or node.end in ("cut", "unresolved"):  # what was not read may move one
            good.append(state)
        for target, edge in successors(node):
            if target == 0 or is_of_nothing(edge):
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


def is_of_nothing(edge: Edge) -> bool:
    """Return whether a side is that of a transfer from or to address zero, or of no amount: nobody's transfer."""
    return not edge.holds and edge.term.op == "arg"


def answers_false(returned: tuple[Word, ...]) -> bool:
    """Return whether a transfer answers false."""
    return bool(returned) and returned[0] == 0


def names_parties(term: Word) -> bool:
    """Return whether a word contains somebody who takes part in the transfer."""
    return not operators(term).isdisjoint(PARTIES)


def is_bookkeeping(facts: ContractFacts, restriction: Restriction) -> bool:
    """Return whether a condition only keeps the books: enough balance or allowance, no overflow, a proper address."""
    if asks_environment(restriction.needed) or names_one(restriction.needed):
        return False
    term = restriction.term
    if term.op == "extcodesize" and environment_on_path(restriction.context):
        return False
    if all(map(facts.layout.keeps_books, fields_in(term))):
        return operators(term).isdisjoint(("ret", "call", *CLOCK))
    if term.op == "extcodesize" or is_index_test(facts, term):
        return True  # the call that follows is what counts
    if term.op == "lt" and any(is_given(side) for side in term.args):
        # A balance that was just written, compared with an amount.
        written = [m.change.value for made in facts.movements[restriction.entry].values() for m in made]
        return any(side is value for side in term.args for value in written)
    return is_overflow_test(term)


def names_one(needed: Edge) -> bool:
    """Return whether a party must be one account that the code names."""
    sides = [bare(side) for side in needed.term.args] if needed.term.op == "eq" and needed.holds else []
    named = any(type(side) is int and SMALL_ACCOUNT < side < 1 << 160 for side in sides)
    return named and any(type(side) is Term and side.op in ("caller", "origin", "arg") for side in sides)


def is_index_test(facts: ContractFacts, term: Term) -> bool:
    """Return whether a condition asks whether a list has an entry: its length stands at the list's own slot."""
    length = field_of(term.args[1]) if term.op == "lt" and type(term.args[1]) is Term else None
    return length is not None and not length.depth and (length.root, 1, 0) in facts.writers_at


def is_given(word: Word) -> bool:
    """Return whether a word is just what the caller gave."""
    return type(word := bare(word)) is Term and word.op in ("arg", "calldata")


def is_overflow_test(term: Term) -> bool:
    """Return whether a condition only asks whether a sum, a difference or a product wrapped around."""
    if term.op == "eq":
        return any(type(side) is Term and side.op == "div" and is_product(side.args[0]) for side in term.args)
    if term.op != "lt":
        return False
    left, right = term.args
    return (type(left) is Term and left.op == "add" and any(part is right for part in left.args)) or (
        type(right) is Term and right.op == "sub" and right.args[0] is left
    )


def is_product(word: Word) -> bool:
    """Return whether a word is a product, on every path by which it was reached."""
    parts = word.args if type(word) is Term and word.op == "phi" else (word,)
    return all(type(part) is Term and part.op == "mul" for part in parts)


def blocks(facts: ContractFacts, entry: str, writer: Writer, needed: Edge, guard: Field) -> bool:
    """Return whether a write can make a condition fail for a baseline transfer.

    Values that the writer's own conditions allow are tried. A flag that is only ever set to the value that opens
    cannot close, a cap that must stay above a share of the supply does not bind, and a lock that the same call opens
    again closes nothing.
    """
    values = allowed_values(facts, entry, writer, needed, guard)
    if not values or launches(facts, writer, guard):
        return False
    failing = [value for value in values if fails(facts, entry, needed, guard, value)]
    if not failing:
        return False
    if len(failing) == len(values) and type(writer.change.value) is not int:
        supply, _, amount = amounts(facts)
        ever = any(not fails(facts, entry, needed, guard, value) for value in (0, 1, amount, supply, WORD))
        if not ever and numeric(needed.term):
            return False  # an amount's arithmetic, on which the guard has no say
    return not restores(facts, writer, opening_values(needed, guard))


def launches(facts: ContractFacts, writer: Writer, guard: Field | None = None) -> bool:
    """Return whether a write happens once: its path asks that a flag, other than the guard, is unset, and sets it."""
    return facts.happens_once(writer.entry, writer.node, guard)


def numeric(term: Term) -> bool:
    """Return whether a condition is arithmetic: a product, a quotient or a sum is compared."""
    return not operators(term).isdisjoint(("mul", "div", "add", "sub"))


def fails(facts: ContractFacts, entry: str, needed: Edge, guard: Field, value: int) -> bool:
    """Return whether a condition fails for a baseline transfer where a guard holds a value."""
    known = facts.cache.table(FAILING)
    key = (entry, needed.term, guard, value)
    if key not in known:
        known[key] = bool(evaluate(needed.term, baseline(facts, entry, {guard: value})))
    return known[key] is not needed.holds


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


def opening_values(needed: Edge, guard: Field) -> Callable[[int], bool] | None:
    """Return a test for values of a guard that let the transfer pass, or None where it cannot be told."""
    term, holds = needed
    if is_field(term, guard):
        return lambda value: bool(value) is holds
    if term.op not in ("eq", "lt"):
        return None
    left, right = term.args
    if type(left) is Term and is_field(left, guard) and type(right) is int:
        return lambda value: (value < right if term.op == "lt" else value == right) is holds
    if type(right) is Term and is_field(right, guard) and type(left) is int:
        return lambda value: (left < value if term.op == "lt" else value == left) is holds
    return None


def is_field(term: Term, guard: Field) -> bool:
    """Return whether a term is just a read of a guard."""
    return term.op in ("field", "sload") and fields_in(term)[:1] == (guard,)


def asked(flow: ValueFlow, term: Term) -> list[Call]:
    """Return the calls to other contracts on whose answers a condition depends."""
    found = []
    for inner in walk(term):
        if inner.op in ("ret", "returndatasize") and type(inner.args[0]) is int:
            found += flow.calls.get(inner.args[0], [])
        if inner.op == "call":
            found += [call for calls in flow.calls.values() for call in calls if call.result is inner]
    return found


def about_parties(call: Call, entry: str = "") -> bool:
    """Return whether a call asks somebody else about those who take part in the transfer.

    A party that is told of the transfer, as receivers of some standards are, agrees for itself.
    """
    if type(call.target) is int or names_parties(call.target):
        return type(call.target) is int and call.target > 0xFFFF and any(map(names_parties, call.arguments))
    amount = 0x44 if entry == f"0x{TRANSFER_FROM:08x}" else 0x24
    return any(names_parties(word) and not is_from_amount(word, amount) for word in call.arguments)


def is_from_amount(word: Word, amount: int) -> bool:
    """Return whether a word names no party: of what the caller gave it has the amount alone."""
    named = [inner for inner in walk(word) if inner.op in PARTIES]
    return all(inner.op == "arg" and inner.args[0] == amount for inner in named)


def is_party(facts: ContractFacts, word: Word, context: frozenset[Edge]) -> bool:
    """Return whether the conditions met say that a word is somebody who takes part in the transfer."""
    for edge in context:
        if edge.holds and edge.term.op == "eq" and any(side is word for side in edge.term.args):
            return any(names_parties(side) for side in edge.term.args)
    return False
