"""What privileged accounts can do: every effect behind a guard that goes beyond the caller's own tokens."""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.consents import agreed, bare
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.guards import ANYONE, is_caller
from tarazy.screening.bytecode.layout import APPROVE
from tarazy.screening.bytecode.movements import negative, positive
from tarazy.screening.bytecode.term import Word
from tarazy.screening.bytecode.writer import Writer
from tarazy.screening.checks._debits import debits
from tarazy.screening.model import Evidence, Holder


@dataclass(frozen=True)
class FoundPrivilege:
    """One effect that only some may bring about."""

    entry: str
    holders: tuple[Holder, ...]
    evidence: Evidence


@cached
def privileges(facts: ContractFacts) -> tuple[FoundPrivilege, ...]:
    """Return the privileged effects: writes, tokens made or taken, calls, the end of the contract."""
    return (*writes(facts), *movements(facts), *calls(facts), *ends(facts))


def privilege(facts: ContractFacts, entry: str, number: int, detail: str, offset: int) -> list[FoundPrivilege]:
    """Return the privilege that an effect is; none where anyone may bring it about."""
    holders = facts.guards.holders(facts.flows[entry], number)
    if ANYONE in holders:
        return []
    return [FoundPrivilege(entry, holders, Evidence("code", f"{entry} {detail}", offset=offset, selector=entry))]


def writes(facts: ContractFacts) -> list[FoundPrivilege]:
    """Return the privileged writes of anything but balances and allowances, and but what is kept for the caller."""
    return [
        found
        for writer in facts.writers
        if not is_own(facts, writer)
        for found in privilege(
            facts, writer.entry, writer.node, f"writes storage {writer.change.field}", writer.change.offset
        )
    ]


def is_own(facts: ContractFacts, writer: Writer) -> bool:
    """Return whether a write concerns the caller alone, or is told by movements."""
    place = writer.change.place
    if facts.layout.keeps_balance(writer.change.field) or place.root in facts.layout.allowance_roots:
        return True
    return any(is_caller(key) for key in place.keys) or not changes_anything(writer)


def changes_anything(writer: Writer) -> bool:
    """Return whether a write does not leave what was there."""
    return writer.change.value is not writer.change.before


def movements(facts: ContractFacts) -> list[FoundPrivilege]:
    """Return the privileged paths that make tokens or take them from others."""
    found = []
    for name, (sums, _) in facts.sums.items():
        for path in sums:
            made = positive(path.total) and not negative(path.total)
            if made and path.movements:
                first = path.movements[0]
                found += privilege(facts, name, first.node, "makes tokens", first.change.offset)
    for debit in debits(facts):
        found += privilege(facts, debit.entry, debit.movement.node, "takes tokens", debit.movement.change.offset)
    found += allowances(facts)
    return found


def allowances(facts: ContractFacts) -> list[FoundPrivilege]:
    """Return the privileged writes of allowances in the name of others."""
    found = []
    for writer in facts.writers:
        place = writer.change.place
        if place.root not in facts.layout.allowance_roots or not place.keys or writer.entry == f"0x{APPROVE:08x}":
            continue
        consents = facts.consents(writer.entry)
        dominating = [consents.of_edge(edge) for edge in facts.flows[writer.entry].dominating.get(writer.node, ())]
        if is_caller(bare(place.keys[0])) or agreed(facts.pool, place.keys[0], frozenset[Word]().union(*dominating)):
            continue
        found += privilege(facts, writer.entry, writer.node, "gives an allowance", writer.change.offset)
    return found


def calls(facts: ContractFacts) -> list[FoundPrivilege]:
    """Return the privileged calls that can change something elsewhere, or run other code on this storage."""
    return [
        found
        for entry, number, call in facts.calls
        if call.kind != "STATICCALL"
        for found in privilege(facts, entry, number, "calls another contract", call.offset)
    ]


def ends(facts: ContractFacts) -> list[FoundPrivilege]:
    """Return the privileged paths that end the contract."""
    return [
        found
        for name, flow in facts.flows.items()
        for number in flow.order
        if flow.nodes[number].end == "selfdestruct"
        for found in privilege(facts, name, number, "ends the contract", flow.nodes[number].end_offset)
    ]
