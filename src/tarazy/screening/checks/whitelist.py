"""Single addresses can be let off what holds for all others."""

from __future__ import annotations

from typing import NamedTuple

from tarazy.screening.bytecode.allowed import allowed_values
from tarazy.screening.bytecode.cached import CacheTable, cached
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.flow import ValueFlow, successors
from tarazy.screening.bytecode.graph import Edge, GraphNode
from tarazy.screening.bytecode.layout import fields_in
from tarazy.screening.bytecode.locations import Field
from tarazy.screening.bytecode.restrictions import fails, names_parties, productive_states
from tarazy.screening.bytecode.term import Term
from tarazy.screening.bytecode.writer import Writer
from tarazy.screening.checks._caps import caps
from tarazy.screening.checks._fee_shares import takings
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._switches import TradingSwitch, conditions, holders_of, keys_read, trading_switches
from tarazy.screening.checks._transfers import readable
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Evidence

BURDENS: CacheTable[tuple[str, int], frozenset[tuple[str, int]]] = CacheTable()


class Whitelist(Check):
    """Find lists that let those who stand on them pass, or pay less."""

    name = "whitelist"
    title = "Single addresses can be exempted"
    sees = (
        "Storage kept for each address that somebody writes and a transfer reads: where only those pass for whom it is "
        "set, and where a transfer branches on it and those for whom it is set meet fewer conditions, or are credited "
        "all that was sent."
    )
    cannot_see = (
        "Exemptions by being the owner or an address in the code, which are no list, and lists that another contract "
        "keeps (see external_call)."
    )
    impact = "low"
    confidence = "medium"
    goplus = ("is_whitelisted",)
    fires = "whitelist-fee-exempt/vulnerable"
    must_not_fire = "whitelist-fee-exempt/benign"

    @settled()
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found = [*map(admission, filter(admits, trading_switches(facts))), *exemptions(facts)]
        if found:
            return self.yes(
                f"{found[0].writers[0].entry} exempts single addresses by storage {found[0].field}",
                *(exemption.evidence for exemption in found[:6]),
                holders=holders_of(writer for exemption in found for writer in exemption.writers),
            )
        return readable(self, facts, "no list that somebody keeps lets those on it pass, or pay less")


class Exemption(NamedTuple):
    """One list, who keeps it, and where a transfer asks it."""

    field: Field
    writers: tuple[Writer, ...]
    offset: int
    entry: str

    @property
    def evidence(self) -> Evidence:
        """Return the place at which the list is asked."""
        detail = f"a transfer asks storage {self.field} at {self.offset:#x}, which {self.writers[0].entry} writes"
        return Evidence("code", detail, offset=self.offset, selector=self.entry)


def admission(switch: TradingSwitch) -> Exemption:
    """Return the list that a switch is."""
    return Exemption(switch.field, switch.opens, switch.restriction.offset, switch.restriction.entry)


def admits(switch: TradingSwitch) -> bool:
    """Return whether only those pass for whom a switch is set."""
    cached = any(not writer.open for writer in switch.opens)
    return switch.of_party and cached and switch.zero_fails and not switch.about_amount


@cached
def exemptions(facts: ContractFacts) -> list[Exemption]:
    """Return the lists on which a transfer branches, to the good of those who stand on them."""
    found: dict[Field, Exemption] = {}
    for name in facts.transfers:
        flow = facts.flows[name]
        productive = {number for number, _ in productive_states(facts, name)}
        for number in flow.order:
            node = flow.nodes[number]
            if node.condition is None or not {target for target, _ in successors(node)} <= productive:
                continue
            for field in fields_in(node.condition):
                writers = keepers(facts, name, node.condition, field) if field not in found else ()
                if writers and frees(facts, name, flow, node, field):
                    found[field] = Exemption(field, writers, node.end_offset, name)
    return list(found.values())


def keepers(facts: ContractFacts, entry: str, term: Term, field: Field) -> tuple[Writer, ...]:
    """Return who keeps a list of parties: who can set it for an address of his choice."""
    if not field.depth or facts.layout.keeps_books(field):
        return ()
    if not any(any(map(names_parties, keys)) for keys in keys_read(term, field)):
        return ()
    return tuple(
        writer
        for writer in facts.writers_of(field)
        if writer.entry not in facts.transfers
        and not writer.open
        and any(allowed_values(facts, entry, writer, Edge(term, True), field))
    )


def frees(facts: ContractFacts, entry: str, flow: ValueFlow, node: GraphNode, field: Field) -> bool:
    """Return whether those for whom a field is set meet less than those for whom it is zero."""
    assert node.condition is not None  # noqa: S101 - asked of branches alone
    taken_unset = not fails(facts, entry, Edge(node.condition, True), field, 0)
    taken_set = not fails(facts, entry, Edge(node.condition, True), field, 1)
    if taken_unset is taken_set:
        return False
    unset, when_set = (node.if_true, node.if_false) if taken_unset else (node.if_false, node.if_true)
    return bool(burdens(facts, entry, flow, unset) - burdens(facts, entry, flow, when_set))


def burdens(facts: ContractFacts, entry: str, flow: ValueFlow, start: int) -> frozenset[tuple[str, int]]:
    """Return what may be met from a node on: conditions by their place, and credits of less than was sent."""
    known = facts.cache.table(BURDENS)
    if (entry, start) not in known:
        reached, work = {start}, [start]
        while work:
            for target, _ in successors(flow.nodes[work.pop()]):
                if target not in reached:
                    reached.add(target)
                    work.append(target)
        burdening = (*conditions(facts), *(cap.restriction for cap in caps(facts)))
        dominating = {("condition", c.offset) for c in burdening if c.entry == entry and c.node in reached}
        less = {
            ("fee", taken.credit.node)
            for taken in takings(facts)
            if taken.entry == entry and taken.credit.node in reached
        }
        known[entry, start] = frozenset(dominating | less)
    return known[entry, start]
