"""Somebody other than the holder, and without an allowance, can take a holder's tokens."""

from __future__ import annotations

from typing import NamedTuple

from tarazy.screening.bytecode.facts import ContractFacts, names_address
from tarazy.screening.bytecode.flow import Flow
from tarazy.screening.bytecode.graph import Edge
from tarazy.screening.bytecode.guards import ANYONE, is_caller, recovered
from tarazy.screening.bytecode.layout import fields_in
from tarazy.screening.bytecode.locations import Field, Location, locate, say
from tarazy.screening.bytecode.movements import Movement, combine, linear
from tarazy.screening.bytecode.terms import Term, Word, loads, walk
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Evidence, Holder


class Leak(Check):
    """Look for debits that the holder did not agree to."""

    name = "leak"
    title = "Funds of others can be taken"
    sees = (
        "Every debit of a balance and every allowance given. A debit is agreed to where the holder is the caller, "
        "where the way reads or spends an allowance from the holder to the caller, or where the holder's signature was "
        "checked; an allowance where the holder is the caller or signed."
    )
    cannot_see = "Balances kept in another contract, or agreed to through another contract's answer: unknown."
    impact = "high"
    confidence = "high"
    goplus = ("owner_change_balance",)
    fires = "owner_transfer_from/trap"
    must_not_fire = "owner_transfer_from/twin"

    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found, unclear = takings(facts)
        if found:
            return self.yes(
                f"{found[0].entry} takes what the holder did not give",
                *(taking.evidence for taking in found[:6]),
                holders=tuple(dict.fromkeys(holder for taking in found for holder in taking.holders)),
            )
        if not facts.layout.balance_roots:
            return self.unknown("where balances are kept was not found in the code")
        if unclear or not facts.complete:
            return self.unknown(unclear or "the code was not read to the end")
        return self.no("every debit is by the holder, by an allowance or by the holder's signature")


class Taking(NamedTuple):
    """One way to take what is another's."""

    entry: str
    holders: tuple[Holder, ...]
    evidence: Evidence


def takings(facts: ContractFacts) -> tuple[list[Taking], str]:
    """Return the ways to take what is another's, and why something stayed unclear."""
    found: list[Taking] = []
    unclear = ""
    for name, flow in facts.flows.items():
        taken = debit_taken(facts, name, flow) or allowance_taken(facts, name, flow)
        if taken is not None:
            found.append(taken)
        elif not facts.sums[name][1]:
            unclear = f"{name} has more ways than were followed"
    return found + withdrawals(facts), unclear


def withdrawals(facts: ContractFacts) -> list[Taking]:
    """Return the ways by which somebody takes out coins or tokens that others paid in on the record of the contract."""
    coins, tokens = deposits(facts)
    found: dict[str, Taking] = {}
    if not coins and not tokens:
        return []
    for name, number, call in facts.calls:
        holders = facts.guards.holders(facts.flows[name], number)
        value = call.value
        if coins and call.kind == "CALL" and type(value) is Term and not mentions(value, ("callvalue",)):
            if ANYONE in holders:
                priced = [f for f in fields_in(value) if f.depth == 0 and set_by_few(facts, f)]
                if not priced or not is_caller(call.target) or not mentions(value, ("arg",)):
                    continue
                detail = f"{name} pays out at a price in storage {priced[0]} that its setter can choose"
                holders = priced_by(facts, priced[0])
            elif on_record(value, call.target):
                continue
            else:
                detail = f"{name} sends {say(value)} to {say(call.target)}: coins that others paid in"
        elif tokens and ANYONE not in holders and call.kind == "CALL" and call.selector in OUTGOING:
            amount = call.arguments[-1] if call.arguments else 0
            if on_record(amount, call.arguments[0] if call.arguments else 0) or is_caller(call.arguments[0]):
                continue
            detail = f"{name} moves tokens that others paid in"
        else:
            continue
        found.setdefault(name, Taking(name, holders, Evidence("code", detail, offset=call.offset, selector=name)))
    for name, flow in facts.flows.items():
        for number in flow.order if coins else ():
            if flow.nodes[number].end == "selfdestruct":
                holders = facts.guards.holders(flow, number)
                detail = f"{name} ends the contract and sends its coins to {say(flow.nodes[number].beneficiary)}"
                evidence = Evidence("code", detail, offset=flow.nodes[number].end_offset, selector=name)
                found.setdefault(name, Taking(name, holders, evidence))
    return list(found.values())


OUTGOING = frozenset({0xA9059CBB, 0x095EA7B3})  # transfer, approve


def deposits(facts: ContractFacts) -> tuple[bool, bool]:
    """Return whether anyone can pay in coins, or tokens, and has it recorded under an address."""
    coins = tokens = False
    for name, per_node in facts.changes.items():
        flow = facts.flows[name]
        opened = [
            (number, change)
            for number, made in per_node.items()
            for change in made
            if facts.guards.holders(flow, number) == (ANYONE,)
        ]
        recorded = [(n, c) for n, c in opened if any(names_address(key) for key in c.place.keys)]
        if any(mentions(change.value, ("callvalue",)) for _, change in opened):
            coins = True
        if flow.graph.payable and any(
            movement.raises and is_caller(movement.holder)
            for number, _ in recorded
            for movement in facts.movements[name].get(number, ())
        ):
            coins = True
        fetched = [
            call
            for entry, _, call in facts.calls
            if entry == name and call.selector == 0x23B872DD and call.arguments and is_caller(call.arguments[0])
        ]
        if fetched and any(mentions(change.value, ("arg", "ret", "calldata")) for _, change in recorded):
            tokens = True
    return coins, tokens


def on_record(amount: Word, target: Word) -> bool:
    """Return whether an amount is what the record of the one who receives it, or of the caller, says."""
    for load in loads(amount):
        keys = locate(load.args[0]).keys
        if any(bare(key) is bare(target) or is_caller(key) for key in keys):
            return True
    return False


def set_by_few(facts: ContractFacts, field: Field) -> bool:
    """Return whether a field is written, and not by anyone."""
    writers = facts.writers_of(field)
    return bool(writers) and any(not writer.open and type(writer.change.value) is Term for writer in writers)


def priced_by(facts: ContractFacts, field: Field) -> tuple[Holder, ...]:
    """Return who writes a field."""
    found: dict[Holder, None] = {}
    for writer in facts.writers_of(field):
        if not writer.open:
            for holder in writer.holders:
                found[holder] = None
    return tuple(found)


def mentions(word: Word, operators: tuple[str, ...]) -> bool:
    """Return whether a word contains one of the given operators."""
    return type(word) is Term and any(term.op in operators for term in walk(word))


def debit_taken(facts: ContractFacts, name: str, flow: Flow) -> Taking | None:
    """Return the first way on which a holder loses a balance that it did not give."""
    for path in facts.sums[name][0]:
        if not any(movement.raises for movement in path.movements):
            continue
        for movement in path.movements:
            if not takes(movement) or own(movement.holder, path.conditions):
                continue
            if agreed(facts, flow, movement, path.nodes, path.conditions):
                continue
            holders = facts.guards.holders(flow, movement.node)
            detail = f"the balance of {say(movement.holder)} falls without an allowance and another rises"
            return Taking(name, holders, Evidence("code", detail, offset=movement.change.offset, selector=name))
    return None


def takes(movement: Movement) -> bool:
    """Return whether a movement lowers a balance, or empties it."""
    return movement.lowers or (movement.overwrites and movement.change.value == 0)


def own(holder: Word, conditions: frozenset[Edge]) -> bool:
    """Return whether a holder is the caller, the contract itself, nobody, or is named by storage or the code."""
    if type(holder) is int:
        return True
    assert type(holder) is Term  # noqa: S101 - a word is a number or a term
    if holder.op in ("caller", "address", "origin"):
        return True
    for edge in conditions:
        sides = [bare(side) for side in edge.term.args]
        if edge.holds and edge.term.op == "eq" and holder in sides and any(map(is_caller, sides)):
            return True
    return not any(term.op in ("arg", "calldata", "memory", "ret") for term in walk(holder)) and not from_mapping(
        holder
    )


def from_mapping(holder: Word) -> bool:
    """Return whether a holder is read from a list or a mapping: one of many."""
    return any(locate(load.args[0]).keys for load in loads(holder))


def bare(word: Word) -> Word:
    """Return a word without a mask to twenty bytes."""
    if type(word) is Term and word.op == "field" and word.args[1] == 0 and word.args[2] == 160:
        return word.args[0]
    return word


def agreed(
    facts: ContractFacts, flow: Flow, movement: Movement, nodes: tuple[int, ...], conditions: frozenset[Edge]
) -> bool:
    """Return whether the way reads or spends an allowance to the caller, or checks the holder's signature."""
    holder = movement.holder
    for edge in conditions:
        if any(is_allowance(facts, locate(load.args[0]), holder) for load in loads(edge.term)):
            return True
        if edge.term.op == "eq" and edge.holds and signed_by(edge.term, holder, flow):
            return True
    met = flow.met.get(movement.node, frozenset())
    for edge in met:
        if any(is_allowance(facts, locate(load.args[0]), holder) for load in loads(edge.term)):
            return True
    writes = [c for made in facts.changes[flow.graph.name].values() for c in made]
    spends = [c for c in writes if is_allowance(facts, c.place, holder)]
    reaching = flow.place.get(movement.node, 0)
    return any(
        c in facts.changes[flow.graph.name].get(number, ())
        for c in spends
        for number in (*nodes, *(n for n in facts.changes[flow.graph.name] if flow.place.get(n, 0) >= reaching))
    )


def is_allowance(facts: ContractFacts, place: Location, holder: Word) -> bool:
    """Return whether a place is the holder's allowance to the caller."""
    if len(place.keys) < 2 or place.root in facts.layout.balance_roots:
        return False
    if facts.layout.allowance_roots and place.root not in facts.layout.allowance_roots:
        return False
    keys = [bare(key) for key in place.keys]
    return keys[0] is bare(holder) and any(isinstance(key, Term) and key.op in ("caller", "origin") for key in keys[1:])


def signed_by(term: Term, holder: Word, flow: Flow) -> bool:
    """Return whether a condition says that the holder signed."""
    sides = [bare(side) for side in term.args]
    return any(side is bare(holder) for side in sides) and any(
        isinstance(side, Term) and recovered(side, flow) for side in sides
    )


def allowance_taken(facts: ContractFacts, name: str, flow: Flow) -> Taking | None:
    """Return the first way on which somebody gives an allowance over what is another's."""
    for number, made in facts.changes[name].items():
        for change in made:
            place = change.place
            if place.root not in facts.layout.allowance_roots or len(place.keys) < 2 or change.value == 0:
                continue
            holder = place.keys[0]
            conditions = flow.met.get(number, frozenset())
            if own(holder, conditions) or lowers(change.value, change.before):
                continue
            if any(e.term.op == "eq" and e.holds and signed_by(e.term, holder, flow) for e in conditions):
                continue
            holders = facts.guards.holders(flow, number)
            detail = f"an allowance of {say(holder)} to {say(place.keys[1])} is written without the holder"
            return Taking(name, holders, Evidence("code", detail, offset=change.offset, selector=name))
    return None


def lowers(value: Word, before: Word) -> bool:
    """Return whether a written value is the old one less something."""
    delta = combine(linear(value), linear(before), -1)
    return bool(delta) and all(factor < 0 for factor in delta.values())
