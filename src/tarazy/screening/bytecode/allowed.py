"""The values that a write can leave in a field, tried with numbers: what its own conditions let pass.

A condition that reads another field is met with what that field may hold: what the state at hand holds, and what its
own writers can put there. A write that raises what is there is tried from several values, since it can be repeated.

Known limits: no solver (see `evaluation`); of the fields that bound a write each is moved alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from tarazy.screening.bytecode.bits import WORD
from tarazy.screening.bytecode.cached import CacheTable
from tarazy.screening.bytecode.choices import (
    STEPS,
    Choice,
    Evaluation,
    bare_truth,
    chosen_word,
    near,
    only_lowers,
)
from tarazy.screening.bytecode.evaluation import RECEIVER, SENDER, TOKEN, Leaf, evaluate
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.graph import Edge
from tarazy.screening.bytecode.layout import TRANSFER_FROM, fields_in, keyed_by
from tarazy.screening.bytecode.locations import Field, field_of, load_of
from tarazy.screening.bytecode.term import Term, Word, operators, walk
from tarazy.screening.bytecode.writer import Writer
from tarazy.screening.bytecode.written import amounts, chosen_words, is_called, supplies_nothing

BASELINE: CacheTable[str, dict[Term, tuple[int | None, Field | None]]] = CacheTable()  # by entry point
ALLOWED_VALUES: CacheTable[tuple[object, ...], list[int]] = CacheTable()
CHOICES: CacheTable[tuple[object, ...], Choice] = CacheTable()
TRIED: CacheTable[tuple[object, ...], tuple[Leaf, dict[Term, int]]] = CacheTable()


def baseline(facts: ContractFacts, entry: str, set_to: dict[Field, int], words: dict[Term, int] | None = None) -> Leaf:
    """Return the values of a baseline transfer between two holders; guards as given, unknown storage one.

    What the state at hand holds in a field that bounds a write is known (`ContractFacts.stored`).
    """
    plain = facts.cache.table(BASELINE).setdefault(entry, {})

    def leaf(term: Term) -> int | None:
        if words and term in words:
            return words[term]
        if term not in plain:
            plain[term] = baseline_word(facts, entry, term)
        value, field = plain[term]
        if field is not None and set_to:
            if field in set_to:
                return set_to[field]
            if term.op == "field" and any(other.overlaps(field) for other in set_to):
                return None  # part of a guard: worked out from it
        return value

    return leaf


def baseline_word(facts: ContractFacts, entry: str, term: Term) -> tuple[int | None, Field | None]:
    """Return the value of a word in a baseline transfer, None where it is worked out, and the field that it reads."""
    layout = facts.layout
    supply, held, sent = amounts(facts)
    receiver, amount = (0x24, 0x44) if entry == f"0x{TRANSFER_FROM:08x}" else (0x4, 0x24)
    if term.op in ("sload", "field"):
        field = field_of(term)
        if field is None:
            return None, None
        if field in layout.supply_fields:
            return supply, field
        if layout.keeps_balance(field):
            return sent if keyed_by(load_of(term), receiver) else held, field
        if field.root in layout.allowance_roots:
            return WORD, field
        return facts.stored.get(field, 1), field
    if term.op in ("arg", "calldata"):
        return sent if term.args[0] == amount else RECEIVER if term.args[0] == receiver else SENDER, None
    if term.op in ("caller", "origin"):
        return SENDER, None
    return {"address": TOKEN, "callvalue": 0}.get(term.op), None


def allowed_values(facts: ContractFacts, entry: str, writer: Writer, needed: Edge, guard: Field) -> list[int]:
    """Return the values that a write can leave in a guard, out of those worth trying."""
    known = facts.cache.table(ALLOWED_VALUES)
    key = (entry, id(writer), needed, guard)
    if key not in known:
        known[key] = []  # a field that bounds itself by way of others ends here
        known[key] = try_values(facts, entry, writer, needed, guard)
    return known[key]


def try_values(facts: ContractFacts, entry: str, writer: Writer, needed: Edge, guard: Field) -> list[int]:
    """Work out `allowed_values`."""
    value, field = writer.change.value, writer.change.field
    value = facts.pool.extract(value, guard.low - field.low, guard.bits) if field.low <= guard.low else value
    if supplies_nothing(facts, writer):
        return []
    if type(value) is int:
        return [value]
    assert type(value) is Term
    atom = chosen_word(value)
    if atom is None:
        return computed_values(facts, entry, writer, guard, value)
    numbers = {argument for inner in walk(needed.term) for argument in inner.args if type(argument) is int}
    choice = choice_of(facts, entry, writer, guard, value, atom)
    found = {stored & ((1 << guard.bits) - 1) for stored in choice.stored_of(numbers)}
    unset = any(
        not edge.holds and bare_truth(edge.term) is writer.change.before
        for edge in facts.flows[writer.entry].dominating.get(writer.node, ())
    )
    return sorted(found - {0} if unset else found)  # zero over zero changes nothing


def computed_values(facts: ContractFacts, entry: str, writer: Writer, guard: Field, value: Term) -> list[int]:
    """Return the values of a write that its caller does not choose."""
    if only_lowers(value, writer.change.before):
        return []
    mask = (1 << guard.bits) - 1
    computed = evaluate(value, *tried_with(facts, entry, {})) & mask
    if not operators(value).isdisjoint(("top", "ret", "memory", "keccak")):
        return [0, 1, computed, mask]
    conditions = conditions_about(facts, writer, guard)
    steps = near(limits_of(facts, entry, conditions, fields_in(value))).union(STEPS)
    raised = Choice(value, conditions, (), partial(steps_from, facts, entry, guard, value, {}, steps), False)
    return sorted({computed, *(stored & mask for stored in raised.stored(0))})


def conditions_about(facts: ContractFacts, writer: Writer, field: Field) -> list[tuple[Term, bool]]:
    """Return the conditions of a write that read a field."""
    edges = facts.flows[writer.entry].path_conditions(writer.node)
    return [(edge.term, edge.holds) for edge in edges if any(read.overlaps(field) for read in fields_in(edge.term))]


def choice_of(facts: ContractFacts, entry: str, writer: Writer, guard: Field, value: Term, atom: Term) -> Choice:
    """Return what a write stores of what its caller chooses, within the writer's own conditions."""
    known = facts.cache.table(CHOICES)
    key = (entry, id(writer), guard, value)
    if key not in known:
        path_conditions = facts.flows[writer.entry].path_conditions(writer.node)
        about = {(edge.term, edge.holds): None for edge in path_conditions if atom in walk(edge.term)}
        if reads(value, guard):
            about |= dict.fromkeys(conditions_about(facts, writer, guard))
        conditions = list(about)
        bounds = bounding_values(facts, entry, writer, guard, conditions)
        limits = set(limits_of(facts, entry, conditions, (), atom))
        for setting in bounds:
            limits |= set(limits_of(facts, entry, conditions, (), atom, setting))
        others = dict.fromkeys(chosen_words(value, [term for term, _ in conditions]), 0)
        evaluations = partial(evaluations_with, facts, entry, guard, value, atom, others, bounds)
        numbers = near(limits) | {amounts(facts)[2]}
        known[key] = Choice(value, conditions, numbers, evaluations, is_called(facts, writer, atom))
    return known[key]


def reads(value: Word, field: Field) -> bool:
    """Return whether a word reads a field."""
    return any(read.overlaps(field) for read in fields_in(value))


def limits_of(
    facts: ContractFacts,
    entry: str,
    conditions: Iterable[tuple[Term, bool]],
    about: Iterable[Field],
    atom: Term | None = None,
    setting: dict[Field, int] | None = None,
) -> list[int]:
    """Return the numbers with which conditions compare a word, or what some fields hold."""
    fields = set(about)

    def is_about(side: Word) -> bool:
        return (atom is not None and atom in walk(side)) or not fields.isdisjoint(fields_in(side))

    return [
        evaluate(side, *tried_with(facts, entry, {}, setting))
        for term, _ in conditions
        if term.op in ("lt", "eq")
        for side in term.args
        if not is_about(side)
    ]


def bounding_fields(facts: ContractFacts, guard: Field, conditions: Iterable[tuple[Term, bool]]) -> list[Field]:
    """Return the fields, one for all, by which conditions bound what is written into another."""
    found = dict.fromkeys(
        field
        for term, _ in conditions
        if term.op in ("lt", "eq")
        for field in fields_in(term)
        if not field.depth and field.root is not None and not field.overlaps(guard)
    )
    return [field for field in found if not facts.layout.keeps_books(field)]


def bounding_values(
    facts: ContractFacts, entry: str, writer: Writer, guard: Field, conditions: list[tuple[Term, bool]]
) -> list[dict[Field, int]]:
    """Return what the fields that bound a write can be made to hold: of each the least and the largest."""
    found = []
    for field in bounding_fields(facts, guard, conditions):
        movers = [other for other in facts.writers_of(field) if other.entry not in facts.transfers and other != writer]
        for term, holds in conditions:
            if field in fields_in(term):
                allowed = [allowed_values(facts, entry, mover, Edge(term, holds), field) for mover in movers]
                values = set[int]().union(*allowed)
                found += [{field: value} for value in sorted({min(values), max(values)} if values else ())]
    return found


def evaluations_with(
    facts: ContractFacts,
    entry: str,
    guard: Field,
    value: Term,
    atom: Term,
    others: dict[Term, int],
    bounds: list[dict[Field, int]],
    number: int,
) -> Iterator[Evaluation]:
    """Yield the values of a baseline transfer where a word is a number, and the same with other words given too."""
    for given in ({}, others):
        words = {**given, atom: number}
        for setting in ({}, *bounds):
            yield (*tried_with(facts, entry, words, setting), -1)
    yield from steps_from(facts, entry, guard, value, {atom: number}, STEPS, 0)


def steps_from(
    facts: ContractFacts,
    entry: str,
    guard: Field,
    value: Term,
    words: dict[Term, int],
    steps: Iterable[int],
    number: int,
) -> Iterator[Evaluation]:
    """Yield the values where a field already holds something that the same write raises: it can be repeated."""
    if reads(value, guard):
        for before in sorted(steps):
            if before < 1 << guard.bits:
                yield (*tried_with(facts, entry, words, {guard: before}), before)


def tried_with(
    facts: ContractFacts, entry: str, words: dict[Term, int], setting: dict[Field, int] | None = None
) -> tuple[Leaf, dict[Term, int]]:
    """Return the values of a baseline transfer with words and fields given, and what was worked out so far."""
    tried = facts.cache.table(TRIED)
    key = (entry, *words.items(), *(setting or {}).items())
    if key not in tried:
        tried[key] = baseline(facts, entry, setting or {}, words or None), {}
    return tried[key]
