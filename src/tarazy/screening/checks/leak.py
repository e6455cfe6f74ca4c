"""Somebody other than the holder, and without an allowance, can take a holder's tokens."""

from __future__ import annotations

from typing import NamedTuple

from tarazy.screening.bytecode.consents import agreed, asked, bare
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.flow import ValueFlow
from tarazy.screening.bytecode.guards import ANYONE, is_caller, recovered
from tarazy.screening.bytecode.layout import fields_in
from tarazy.screening.bytecode.locations import Field, StorageChange, field_of, format_word, locate
from tarazy.screening.bytecode.mappings import names_address
from tarazy.screening.bytecode.movements import Movement, PathSum, combine, linear, movement_of
from tarazy.screening.bytecode.term import Term, Word, loads, walk
from tarazy.screening.checks._given import given_allowances
from tarazy.screening.checks._pools import is_anothers, is_pool, named_alone
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.checks.mint import evidence_of_any_slot
from tarazy.screening.model import Capability, Evidence, Holder


class ArbitraryDebit(Check):
    """Look for debits that the holder did not agree to."""

    name = "leak"
    title = "Funds of others can be taken"
    sees = (
        "Every debit of a balance and every allowance given. A debit is agreed to where the holder is the caller, "
        "where the path reads or spends an allowance from the holder to the caller, or where the holder's signature "
        "was checked; an allowance where the holder is the caller or signed."
    )
    cannot_see = "Balances kept in another contract, or agreed to through another contract's answer: unknown."
    impact = "high"
    confidence = "high"
    goplus = ("owner_change_balance",)
    fires = "leak-transfer-from-owner/vulnerable"
    must_not_fire = "leak-transfer-from-owner/benign"

    @settled("gives_allowance", "drains_pool", "takes_balance/anyone", any_code=True)
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found, unclear = takings(facts)
        spenders, given = given_allowances(subject)
        if found or given:
            holders = [holder for taking in found for holder in taking.holders]
            return self.yes(
                f"{found[0].entry} takes what the holder did not give" if found else given[0].detail,
                *(taking.evidence for taking in found[:6]),
                *given,
                holders=tuple(dict.fromkeys([*holders, *(spenders if given else ())])),
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
    """Return the way to take what is another's, and why something stayed unclear."""
    found: list[Taking] = []
    unclear = ""
    for name, flow in facts.flows.items():
        taken = debit_taken(facts, name, flow) or allowance_taken(facts, name, flow)
        if taken is not None:
            found.append(taken)
        elif not facts.sums[name][1]:
            unclear = f"{name} has more paths than were followed"
        elif leaves_to_others(facts, name) or allowance_asked(facts, name):
            unclear = f"{name} asks another contract whether the holder agreed"
    raw = [Taking(w.entry, w.holders, evidence_of_any_slot(w)) for w in facts.any_entry if facts.layout.balance_roots]
    return found + raw + withdrawals(facts) + own_tokens(facts), unclear


def own_tokens(facts: ContractFacts) -> list[Taking]:
    """Return the ways by which somebody takes tokens that others left with the token contract on its record."""
    itself = facts.pool.term("address")
    left = any(
        any(m.holder is itself and m.raises for m in path.movements)
        and any(is_caller(m.holder) and m.lowers for m in path.movements)
        and records_caller(facts, name)
        for name, (sums, _) in facts.sums.items()
        for path in sums
    )
    found: dict[str, Taking] = {}
    for name, (sums, _) in facts.sums.items() if left else ():
        for path in sums:
            for movement in path.movements:
                holders = facts.guards.holders(facts.flows[name], movement.node)
                if movement.holder is not itself or not movement.lowers or ANYONE in holders or name in facts.transfers:
                    continue
                if any(on_record(term, itself) for term, _ in movement.delta if term is not None):
                    continue
                if any(
                    raised_by_anyone(facts, field)
                    for edge in path.conditions
                    for field in fields_in(edge.term)
                    if not field.depth
                ):
                    continue  # only what is left over what the record owes in all
                detail = f"{name} takes tokens that others left with the contract"
                evidence = Evidence("code", detail, offset=movement.change.offset, selector=name)
                found.setdefault(name, Taking(name, holders, evidence))
    return list(found.values())


def records_caller(facts: ContractFacts, name: str) -> bool:
    """Return whether an entry point raises a record of the caller that is no balance."""
    return any(
        any(map(is_caller, change.place.keys))
        and not facts.layout.keeps_books(change.field)
        and any(term is not None and factor > 0 for term, factor in movement_of(number, change).delta)
        for number, made in facts.changes[name].items()
        for change in made
    )


def withdrawals(facts: ContractFacts) -> list[Taking]:
    """Return the ways to take out native currency or tokens that others paid in on the record of the contract."""
    native, tokens = deposits(facts)
    found: dict[str, Taking] = {}
    if not native and not tokens:
        return []
    for name, number, call in facts.calls:
        holders = facts.guards.holders(facts.flows[name], number)
        value = call.value
        if native and call.kind == "CALL" and type(value) is Term and not mentions(value, ("callvalue",)):
            if ANYONE in holders:
                priced = [f for f in fields_in(value) if f.depth == 0 and set_by_few(facts, f)]
                if not priced or not is_caller(call.target) or not mentions(value, ("arg",)):
                    continue
                detail = f"{name} pays out at a price in storage {priced[0]} that its setter can choose"
                holders = priced_by(facts, priced[0])
            elif on_record(value, call.target) or is_surplus(facts, value) or is_pull_payment(facts, name, value):
                continue
            else:
                sent, target = format_word(value), format_word(call.target)
                detail = f"{name} sends {sent} to {target}: native currency that others paid in"
        elif tokens and ANYONE not in holders and call.kind == "CALL" and call.selector in OUTGOING:
            amount = call.arguments[-1] if call.arguments else 0
            if on_record(amount, call.arguments[0] if call.arguments else 0) or is_caller(call.arguments[0]):
                continue
            detail = f"{name} moves tokens that others paid in"
        else:
            continue
        found.setdefault(name, Taking(name, holders, Evidence("code", detail, offset=call.offset, selector=name)))
    for name, flow in facts.flows.items():
        for number in flow.order if native else ():
            if flow.nodes[number].end == "selfdestruct":
                holders = facts.guards.holders(flow, number)
                detail = (
                    f"{name} ends the contract and sends its coins to {format_word(flow.nodes[number].beneficiary)}"
                )
                evidence = Evidence("code", detail, offset=flow.nodes[number].end_offset, selector=name)
                found.setdefault(name, Taking(name, holders, evidence))
    return list(found.values())


# What holders call with their own tokens: transfer, transferFrom, approve, increaseAllowance.
OF_EVERY_HOLDER = frozenset(f"0x{s:08x}" for s in (0xA9059CBB, 0x23B872DD, 0x095EA7B3, 0x39509351))
OUTGOING = frozenset({0xA9059CBB, 0x095EA7B3})  # transfer, approve


def deposits(facts: ContractFacts) -> tuple[bool, bool]:
    """Return whether anyone can pay in native currency, or tokens, and has it recorded under an address."""
    native = tokens = False
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
            native = True
        if flow.graph.payable and any(
            movement.raises and is_caller(movement.holder)
            for number, _ in recorded
            for movement in facts.movements[name].get(number, ())
        ):
            native = True
        fetched = [
            call
            for entry, _, call in facts.calls
            if entry == name and call.selector == 0x23B872DD and call.arguments and is_caller(call.arguments[0])
        ]
        if fetched and any(mentions(change.value, ("arg", "ret", "calldata")) for _, change in recorded):
            tokens = True
    return native, tokens


def is_surplus(facts: ContractFacts, value: Word) -> bool:
    """Return whether a value is what is left over what the record owes in all."""
    if type(value) is not Term or value.op != "sub" or not isinstance(value.args[1], Term):
        return False
    field = field_of(value.args[1])
    return field is not None and (field in facts.layout.supply_fields or raised_by_anyone(facts, field))


def is_pull_payment(facts: ContractFacts, name: str, value: Term) -> bool:
    """Return whether a value is a record that is emptied as it is paid, and that only shares of payments raise."""
    field = field_of(value)
    if field is None or field.depth:
        return False
    emptied = any(
        change.field.overlaps(field) and change.value == 0 for made in facts.changes[name].values() for change in made
    )
    paid_in = [movement_of(w.node, w.change).delta for w in facts.writers_of(field) if w.entry != name]
    return emptied and bool(paid_in) and all(t is not None and t.op == "div" for delta in paid_in for t, _ in delta)


def raised_by_anyone(facts: ContractFacts, field: Field) -> bool:
    """Return whether anyone's payment raises a field."""
    return any(
        writer.open and any(f > 0 for _, f in movement_of(writer.node, writer.change).delta)
        for writer in facts.writers_of(field)
    )


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


def debit_taken(facts: ContractFacts, name: str, flow: ValueFlow) -> Taking | None:
    """Return the first path on which a holder loses a balance that it did not give.

    Where nobody's balance rises, tokens are destroyed: that is a leak where anyone can do it to anyone, and otherwise
    the privilege to change balances.
    """
    for path in facts.sums[name][0]:
        for movement in path.movements:
            if not takes(movement) or had_nothing(path, movement):
                continue
            if nobody_in_particular(movement.holder) and not is_anothers(facts, flow, movement):
                continue
            if agreed(facts.pool, movement.holder, path.consents) or signed(movement.holder, flow):
                continue
            if asked(facts.pool, movement.holder) in path.consents:
                continue
            holders = facts.guards.users(flow, movement.node, path.conditions)
            rises = any(other.raises for other in path.movements)
            if not rises and (ANYONE not in holders or not chosen_amount(movement)):
                continue
            detail = f"the balance of {format_word(movement.holder)} falls without an allowance"
            detail += " and another rises" if rises else ", by anyone"
            return Taking(name, holders, Evidence("code", detail, offset=movement.change.offset, selector=name))
    return None


def had_nothing(path: PathSum, movement: Movement) -> bool:
    """Return whether the path's conditions say that a balance was zero before it is set to zero."""
    before = movement.change.before
    return movement.change.value == 0 and any(edge.term is before and not edge.holds for edge in path.conditions)


def leaves_to_others(facts: ContractFacts, name: str) -> bool:
    """Return whether a debit rests on what another contract says of the holder."""
    return any(
        takes(movement)
        and not nobody_in_particular(movement.holder)
        and not agreed(facts.pool, movement.holder, path.consents)
        and asked(facts.pool, movement.holder) in path.consents
        for path in facts.sums[name][0]
        for movement in path.movements
    )


def chosen_amount(movement: Movement) -> bool:
    """Return whether a balance is emptied, or lowered by what somebody chose: not by the contract's own arithmetic."""
    return movement.change.value == 0 or any(
        term is not None and mentions(term, ("arg", "calldata")) and not loads(term) for term, _ in movement.delta
    )


def signed(holder: Word, flow: ValueFlow) -> bool:
    """Return whether a holder is who signed: what the signature precompile answered."""
    return isinstance(holder, Term) and any(term.op == "ret" and recovered(term, flow) for term in walk(holder))


def takes(movement: Movement) -> bool:
    """Return whether a movement lowers a balance, or empties it."""
    return movement.lowers or (movement.overwrites and movement.change.value == 0)


def nobody_in_particular(holder: Word) -> bool:
    """Return whether a holder is the caller, the contract itself, or one that the code or storage names alone."""
    if type(holder) is int:
        return True
    assert type(holder) is Term  # noqa: S101 - a word is a number or a term
    if holder.op in ("caller", "address", "origin"):
        return True
    chosen = any(term.op in ("arg", "calldata", "memory", "ret") for term in walk(holder))
    return not chosen and not any(locate(load.args[0]).keys for load in loads(holder))


def allowance_taken(facts: ContractFacts, name: str, flow: ValueFlow) -> Taking | None:
    """Return the first place at which somebody gives an allowance over what is another's."""
    for number, made in facts.changes[name].items():
        for change in made:
            place = change.place
            if place.root not in facts.layout.allowance_roots or len(place.keys) < 2 or change.value == 0:
                continue
            holder = place.keys[0]
            if lowers(change.value, change.before):
                continue
            taken = taken_unasked(facts, name, change)
            if taken is not None:
                return taken
            if nobody_in_particular(holder) and not is_pool(facts, holder):
                continue
            consented = consented_at(facts, name, number)
            if agreed(facts.pool, holder, consented) or signed(holder, flow) or asked(facts.pool, holder) in consented:
                continue
            holders = facts.guards.holders(flow, number)
            owner, spender = map(format_word, place.keys[:2])
            detail = f"an allowance of {owner} to {spender} is written without the holder"
            return Taking(name, holders, Evidence("code", detail, offset=change.offset, selector=name))
    return None


def taken_unasked(facts: ContractFacts, name: str, change: StorageChange) -> Taking | None:
    """Return an allowance that what every holder calls gives to somebody whom the code or storage names alone."""
    spender = named_alone(change.place.keys[1])
    if name not in OF_EVERY_HOLDER or spender is None:
        return None
    named = facts.guards.named(spender, facts.flows[name])
    owner, taker = map(format_word, change.place.keys[:2])
    detail = f"whoever calls it gives an allowance of {owner} to {taker}, whom he did not name"
    evidence = Evidence("code", detail, offset=change.offset, selector=name)
    return Taking(name, (named,) if named else (), evidence)


def allowance_asked(facts: ContractFacts, name: str) -> bool:
    """Return whether an allowance rests on what another contract, or a linked library, says of the holder."""
    for number, made in facts.changes[name].items():
        for change in made:
            keys = change.place.keys
            if change.place.root not in facts.layout.allowance_roots or len(keys) < 2 or change.value == 0:
                continue
            if nobody_in_particular(keys[0]) or lowers(change.value, change.before):
                continue
            consented = consented_at(facts, name, number)
            if not agreed(facts.pool, keys[0], consented) and asked(facts.pool, keys[0]) in consented:
                return True
    return False


def consented_at(facts: ContractFacts, name: str, number: int) -> frozenset[Word]:
    """Return the holders who agreed on every way to a node."""
    consents, dominating = facts.consents(name), facts.flows[name].dominating.get(number, ())
    return frozenset[Word]().union(*(consents.of_edge(edge) for edge in dominating))


def lowers(value: Word, before: Word) -> bool:
    """Return whether a written value is the old one less something."""
    delta = combine(linear(value), linear(before), -1)
    if type(value) is int or any(term in delta for term in linear(before) if term is not None):
        return False
    return bool(delta) and all(factor < 0 for factor in delta.values())
