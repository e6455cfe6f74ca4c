"""Selling or transferring can be restricted after launch."""

from __future__ import annotations

from collections.abc import Iterable

from tarazy.screening.bytecode.allowed import baseline
from tarazy.screening.bytecode.bounds import unread_caps
from tarazy.screening.bytecode.evaluation import evaluate
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.fees import fees
from tarazy.screening.bytecode.graph import Edge, edge_order
from tarazy.screening.bytecode.layout import fields_in
from tarazy.screening.bytecode.locations import Field, field_of, format_word
from tarazy.screening.bytecode.movements import combine, linear
from tarazy.screening.bytecode.restrictions import (
    CLOCK,
    Restriction,
    about_parties,
    asked,
    blocks,
    fails,
    is_bookkeeping,
    is_party,
    launches,
    names_parties,
    opening_values,
    restores,
    restrictions,
)
from tarazy.screening.bytecode.term import Term, walk
from tarazy.screening.checks._fee_switches import switched_fees
from tarazy.screening.checks._parties import (
    asks_for_party,
    asks_who,
    holds_far_on,
    is_about_addresses,
    is_caller_or_party,
    is_implied,
    only_by_party,
)
from tarazy.screening.checks._restricting import RestrictingPrivilege, answered_balances, takes_from_caller
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._surroundings import by_surroundings, comes_and_goes, looked_at
from tarazy.screening.checks._trading import format_trade, refused_sales, story
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Evidence, Holder, HolderKind

# A fee that can take half of what is sold keeps holders from selling as a refusal does. A choice of ours.
FEE_LEAST_PPM = 500_000
ROUNDS_S = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    11,
    60,
    61,
    3_600,
    7_201,
    43_200,
    86_400,
    129_601,
    604_801,
)  # seconds, or blocks, on


class Limit(Check):
    """Find conditions of a transfer that somebody can turn against holders."""

    name = "limit"
    title = "Selling or transferring can be restricted"
    sees = (
        "Every condition of transfer and transferFrom whose other side moves nothing. What it reads is followed to "
        "who can write it and to which values: a pause, a list, a cap, a date, a fee that eats the amount, another "
        "contract's answer. A condition that lets only somebody named in storage or in the code pass is a restriction "
        "as it stands."
    )
    cannot_see = (
        "What another contract will answer; restrictions by gas or by the order of transactions. A switch that can "
        "only be turned towards trading is a trading switch (launch_gate) and does not count."
    )
    impact = "high"
    confidence = "high"
    goplus = ("transfer_pausable", "is_blacklisted", "cannot_sell_all")
    fires = "limit-trading-switch/vulnerable"
    must_not_fire = "limit-trading-switch/benign"

    @settled("blocks_sell/privileged", "blocks_transfer/privileged", "taxes_sell/privileged", any_code=True)
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        if not facts.transfers:
            return (
                self.no("the code has no standard transfer to restrict")
                if facts.complete
                else self.unknown("the code was not read to the end")
            )
        if not facts.layout.balance_roots:
            return self.unknown("where balances are kept was not found in the code")
        found = privileges(facts)
        refused = refused_sales(subject)
        if refused and subject.simulation is not None and not found:
            return self.yes(
                f"every sale after a purchase fails: {format_trade(refused[0])}",
                story(subject.simulation, refused),
                holders=(Holder(HolderKind.NOBODY, "the code alone"),),
            )
        if found:
            return self.yes(
                f"{found[0].detail}",
                *(privilege.evidence for privilege in found[:8]),
                holders=tuple(dict.fromkeys(holder for privilege in found for holder in privilege.holders)),
            )
        if not any(facts.movements[name] for name in facts.transfers):
            return self.unknown("transfer moves no balance that was found")
        if not all(facts.flows[name].graph.complete for name in facts.transfers):
            return self.unknown("the transfers were not read to the end")
        if unread_caps(facts):
            where = ", ".join(map(str, unread_caps(facts)[:2]))
            return self.unknown(
                f"storage {where} bounds the fee and was not read: the state of the contract settles it"
            )
        if looked_at(facts):
            return self.unknown(f"what a transfer does rests on {looked_at(facts)}: its source settles it")
        return self.no("nothing that stops a transfer can be turned against holders after launch")


def privileges(facts: ContractFacts) -> list[RestrictingPrivilege]:
    """Return the way to restrict transfers."""
    found: dict[str, RestrictingPrivilege] = {}
    for restriction in restrictions(facts):
        only_books = is_bookkeeping(facts, restriction) and not passes_dust(facts, restriction)
        only_books = only_books and not asks_for_party(restriction)
        if only_books:
            continue
        if before_launch(facts, restriction):
            consent = by_answer(facts, restriction)
            if consent is not None:  # that somebody can end it for good one day binds him to nothing
                found.setdefault(consent.detail, consent)
            continue
        privilege = (
            by_guard(facts, restriction, restriction.needed, restriction.guards)
            or by_answer(facts, restriction)
            or by_context(facts, restriction)
            or only_for_named(facts, restriction)
            or only_for_listed(facts, restriction)
            or only_by_party(facts, restriction)
            or by_clock(facts, restriction)
            or dust_alone(facts, restriction)
            or by_itself(facts, restriction)
            or by_surroundings(facts, restriction, asks_who(restriction.term))
        )
        if privilege is not None:
            found.setdefault(privilege.detail, privilege)
    for privilege in (*takes_from_caller(facts), *answered_balances(facts)):
        found.setdefault(privilege.detail, privilege)
    for fee in fees(facts):
        if fee.worst is not None and fee.least_ppm < FEE_LEAST_PPM:
            writer = fee.worst
            detail = (
                f"{writer.entry} can set the fee in storage {fee.field} so that {fee.least_ppm / 10_000:g} % arrive"
            )
            evidence = Evidence("code", detail, offset=writer.change.offset, selector=writer.entry)
            found.setdefault(detail, RestrictingPrivilege(detail, writer.holders, evidence))
    for switched in switched_fees(facts):
        if switched.raises and switched.share_ppm < FEE_LEAST_PPM:
            detail = switched.evidence.detail
            found.setdefault(detail, RestrictingPrivilege(detail, switched.writers[0].holders, switched.evidence))
    return list(found.values())


def before_launch(facts: ContractFacts, restriction: Restriction) -> bool:
    """Return whether a condition is met only while a switch, unset at first, is unset, and nobody unsets it again."""
    return any(is_unlaunched(facts, edge) for edge in restriction.context)


def is_unlaunched(facts: ContractFacts, edge: Edge) -> bool:
    """Return whether a condition says that a switch for all is still unset which its writers only ever set."""
    field = field_of(edge.term)
    if edge.holds or field is None or field.depth or facts.layout.keeps_books(field):
        return False
    writers = facts.writers_of(field)
    values = [facts.pool.extract(w.change.value, field.low - w.change.field.low, field.bits) for w in writers]
    return bool(writers) and all(type(value) is int and value != 0 for value in values)


def by_guard(
    facts: ContractFacts, restriction: Restriction, needed: Edge, guards: Iterable[Field]
) -> RestrictingPrivilege | None:
    """Return the privilege of those who write what a condition reads."""
    layout = facts.layout
    if needed.term.op == "eq" and needed.holds and any(map(is_caller_or_party, needed.term.args)):
        return None  # it names who may pass; changing the name restricts nobody anew
    for guard in guards:
        if layout.keeps_books(guard) or guard in layout.balance_scales or keeps_tally(facts, guard):
            continue
        for writer in facts.writers_of(guard):
            if (
                writer.entry in facts.transfers
                or writer.open
                or not blocks(facts, restriction.entry, writer, needed, guard)
            ):
                continue
            detail = f"{writer.entry} writes storage {guard}, which a transfer must pass at {restriction.offset:#x}"
            evidence = Evidence("code", detail, offset=restriction.offset, selector=writer.entry)
            return RestrictingPrivilege(detail, writer.holders, evidence)
    return None


def keeps_tally(facts: ContractFacts, guard: Field) -> bool:
    """Return whether transfers themselves raise and lower a field by what they move: it follows balances."""
    moved = [
        combine(linear(writer.change.value), linear(writer.change.before), -1)
        for writer in facts.writers_of(guard)
        if writer.entry in facts.transfers and guard.bits > 8
    ]
    return any(
        term is not None and term.op in ("arg", "field") and is_caller_or_party(term)
        for delta in moved
        for term in delta
    )


def by_answer(facts: ContractFacts, restriction: Restriction) -> RestrictingPrivilege | None:
    """Return the privilege of another contract that is asked about the parties."""
    flow = facts.flows[restriction.entry]
    for call in asked(flow, restriction.term):
        if about_parties(call, restriction.entry) and not is_party(facts, call.target, restriction.context):
            detail = f"a transfer needs the consent of another contract, asked at {call.offset:#x}"
            holder = Holder(HolderKind.CONTRACT, f"the answer of {format_word(call.target)}")
            return RestrictingPrivilege(
                detail, (holder,), Evidence("code", detail, offset=call.offset, selector=restriction.entry)
            )
    return None


def by_context(facts: ContractFacts, restriction: Restriction) -> RestrictingPrivilege | None:
    """Return the privilege of those who can bring about the conditions under which only some may pass."""
    if not asks_who(restriction.term) and not refuses_all(facts, restriction):
        return None
    refused = {each.needed for each in restrictions(facts) if each.entry == restriction.entry}
    for edge in sorted(restriction.context - refused, key=edge_order):
        if edge.term.op in ("lt", "slt"):
            continue  # that an amount is within a cap brings nothing about
        fields = [f for f in fields_in(edge.term) if not all(launches(facts, w) for w in facts.writers_of(f))]
        privilege = by_guard(facts, restriction, Edge(edge.term, not edge.holds), fields)
        if privilege is not None:
            return privilege
    return None


def refuses_all(facts: ContractFacts, restriction: Restriction) -> bool:
    """Return whether a condition on the amount alone, by numbers in the code, refuses a baseline transfer."""
    term, holds = restriction.needed
    if term.op != "lt" or fields_in(term) or not any(type(side) is int and side for side in term.args):
        return False
    return bool(evaluate(term, baseline(facts, restriction.entry, {}))) is not holds


def dust_alone(facts: ContractFacts, restriction: Restriction) -> RestrictingPrivilege | None:
    """Return that only dust passes, whoever sends it, by numbers in the code: for good, or from some time on."""
    if not refuses_all(facts, restriction):
        return None
    if any(not is_about_addresses(facts, restriction.entry, edge) for edge in restriction.context):
        return None
    detail = f"a transfer passes {restriction.offset:#x} with dust alone"
    evidence = Evidence("code", detail, offset=restriction.offset, selector=restriction.entry)
    return RestrictingPrivilege(detail, (Holder(HolderKind.NOBODY, "the code alone"),), evidence)


def passes_dust(facts: ContractFacts, restriction: Restriction) -> bool:
    """Return whether a condition lets an amount pass that no baseline transfer has, whatever is stored."""
    term, holds = restriction.needed
    if term.op != "lt" or fields_in(term) or not any(map(is_caller_or_party, term.args)):
        return False
    return bool(evaluate(term, baseline(facts, restriction.entry, {}))) is not holds


def only_for_listed(facts: ContractFacts, restriction: Restriction) -> RestrictingPrivilege | None:
    """Return that a transfer passes only for those on a list that nobody can join after the constructor."""
    term, holds = restriction.needed
    if not holds or not asks_who(term) or term.op == "eq":
        return None
    for guard in restriction.guards:
        if not guard.depth or facts.layout.keeps_books(guard) or facts.writers_of(guard):
            continue
        if not all(is_about_addresses(facts, restriction.entry, edge) for edge in restriction.context):
            continue
        detail = f"a transfer passes {restriction.offset:#x} only for those in storage {guard}, which nobody can join"
        holder = Holder(HolderKind.NOBODY, "the constructor alone")
        return RestrictingPrivilege(
            detail, (holder,), Evidence("code", detail, offset=restriction.offset, selector=restriction.entry)
        )
    return None


def only_for_named(facts: ContractFacts, restriction: Restriction) -> RestrictingPrivilege | None:
    """Return the privilege of the one for whom alone a condition opens as it stands: an owner, or a fixed address.

    Where a flag or the clock stands before it, it is a trading switch (launch_gate).
    """
    term, holds = restriction.needed
    if term.op != "eq" or not any(map(is_caller_or_party, term.args)):
        return None
    others = (edge for edge in restriction.context if not is_implied(edge, restriction.context))
    if any(not is_about_addresses(facts, restriction.entry, edge) for edge in others):
        return None
    guards, flow = facts.guards, facts.flows[restriction.entry]
    for side, other in ((term.args[0], term.args[1]), (term.args[1], term.args[0])):
        named = guards.named(other, flow) if is_caller_or_party(side) and not names_parties(other) else None
        if named is None or other in (0, 0xDEAD) or (isinstance(other, Term) and other.op == "address"):
            continue
        if holds:
            detail = f"a transfer passes {restriction.offset:#x} only for {format_word(other)}"
        elif isinstance(other, Term) and other.op in ("field", "sload"):
            detail = f"a transfer reverts at {restriction.offset:#x} where a party is {format_word(other)}"
        else:
            continue
        return RestrictingPrivilege(
            detail, (named,), Evidence("code", detail, offset=restriction.offset, selector=restriction.entry)
        )
    return None


def by_clock(facts: ContractFacts, restriction: Restriction) -> RestrictingPrivilege | None:
    """Return that a transfer stops by itself at some time."""
    if not any(inner.op in CLOCK for inner in walk(restriction.term)):
        return None
    if comes_and_goes(facts, restriction):
        detail = f"transfers pass {restriction.offset:#x} at some times only, again and again"
        evidence = Evidence("code", detail, offset=restriction.offset, selector=restriction.entry)
        return RestrictingPrivilege(detail, (Holder(HolderKind.NOBODY, "time alone"),), evidence)
    if holds_far_on(facts, restriction.entry, restriction.needed):
        return None
    if not holds_now(facts, restriction.entry, restriction.needed) or not all(
        is_about_addresses(facts, restriction.entry, e) for e in restriction.context
    ):
        return None
    detail = f"transfers stop by themselves with time at {restriction.offset:#x}"
    holder = Holder(HolderKind.NOBODY, "time alone")
    return RestrictingPrivilege(
        detail, (holder,), Evidence("code", detail, offset=restriction.offset, selector=restriction.entry)
    )


def holds_now(facts: ContractFacts, entry: str, edge: Edge) -> bool:
    """Return whether a condition on the clock holds soon after what it is counted from."""
    words = {facts.pool.term(name): 1 for name in CLOCK}
    return bool(evaluate(edge.term, baseline(facts, entry, {}, words))) is edge.holds


def by_itself(facts: ContractFacts, restriction: Restriction) -> RestrictingPrivilege | None:
    """Return that a transfer closes the way for the next one of the same holder."""
    needed = restriction.needed
    if any(inner.op in CLOCK for inner in walk(needed.term)):
        return None
    for guard in restriction.guards:
        if not guard.depth or facts.layout.keeps_books(guard):
            continue
        for writer in facts.writers_of(guard):
            if writer.entry not in facts.transfers or not any(map(is_caller_or_party, writer.change.place.keys)):
                continue
            after = evaluate(writer.change.value, baseline(facts, writer.entry, {guard: 0}))
            if fails(facts, restriction.entry, needed, guard, after) and not fails(
                facts, restriction.entry, needed, guard, 0
            ):
                if restores(facts, writer, opening_values(needed, guard)):
                    continue
                detail = f"a transfer writes storage {guard} so that the next reverts at {restriction.offset:#x}"
                holder = Holder(HolderKind.NOBODY, "the code alone")
                evidence = Evidence("code", detail, offset=writer.change.offset, selector=writer.entry)
                return RestrictingPrivilege(detail, (holder,), evidence)
    return None
