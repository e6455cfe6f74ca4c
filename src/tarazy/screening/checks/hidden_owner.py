"""An account that owner() does not show holds a privilege."""

from __future__ import annotations

from tarazy.screening.bytecode.facts import HASHED, ContractFacts
from tarazy.screening.bytecode.layout import OWNER_VIEWS, fields_in, returned_words
from tarazy.screening.bytecode.locations import Field
from tarazy.screening.bytecode.writer import Writer
from tarazy.screening.checks._delegation import upgraders
from tarazy.screening.checks._privileges import FoundPrivilege, privileges
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.checks.privileged_withdraw import native_and_tokens, own_tokens
from tarazy.screening.model import Capability, Holder, HolderKind


class HiddenOwner(Check):
    """Compare those who hold privileges with those whom public views show."""

    name = "hidden_owner"
    title = "A controller that is not shown"
    sees = (
        "Every privileged effect (writes of settings, tokens made or taken, calls, the end of the contract) and who "
        "may bring it about. Hidden is a stored address that no public view answers, an address in the code, or "
        "the hash of one, that no view answers, a role that the constructor alone filled and no view answers, and an "
        "owner whom owner() can be made to deny while he stays one."
    )
    cannot_see = (
        "Members of roles that can be joined (a mapping is named, not its members), and who is behind another "
        "contract. What an account does with its own tokens is no privilege."
    )
    impact = "high"
    confidence = "medium"
    goplus = ("hidden_owner",)
    fires = "hidden-owner-second/vulnerable"
    must_not_fire = "hidden-owner-second/benign"

    @settled(any_code=True)
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        denied = denied_owners(facts)
        numbers = shown_numbers(facts)
        denied |= secret_roles(facts)
        found: list[tuple[FoundPrivilege, Holder]] = []
        upgrades = upgraders(facts)
        for privilege in (*privileges(facts), *guarded_withdrawals(facts)):
            for holder in privilege.holders:
                if is_hidden(holder, denied, numbers) and holder.where not in upgrades.get(privilege.entry, ()):
                    found.append((privilege, holder))
        if found:
            first, holder = found[0]
            holders = [Holder(hidden_kind(each), each.where, each.address) for _, each in found]
            return self.yes(
                f"{first.entry} is for {holder.where or holder.kind.value} alone, which no view shows",
                *dict.fromkeys(privilege.evidence for privilege, _ in found[:6]),
                holders=tuple(dict.fromkeys(holders)),
            )
        return self.no("whoever holds a privilege is shown by a public view")


def guarded_withdrawals(facts: ContractFacts) -> list[FoundPrivilege]:
    """Return the ways to take what the contract holds that only some may use; to be paid is no privilege."""
    found = [*own_tokens(facts), *(each for each in native_and_tokens(facts) if each.guarded)]
    return [FoundPrivilege(each.evidence.selector or "", each.holders, each.evidence) for each in found]


def is_hidden(holder: Holder, denied: frozenset[str], numbers: frozenset[int]) -> bool:
    """Return whether a holder is not shown."""
    if holder.kind is HolderKind.HIDDEN_OWNER or holder.where in denied:
        return True
    if holder.kind is not HolderKind.FIXED_ADDRESS:
        return False
    return holder.address is None or int(holder.address, 16) not in numbers


def secret_roles(facts: ContractFacts) -> frozenset[str]:
    """Return the roles, by their words, whose members no view answers and only the constructor named."""
    shown = {field.root for graph in facts.graphs for word in returned_words(graph) for field in fields_in(word)}
    asked = {field.root for name in facts.flows for field in conditions_of_view(facts, name)}
    found = {
        holder.where: root
        for each in privileges(facts)
        for holder in each.holders
        if holder.kind is HolderKind.ROLE and (root := root_of(holder)) is not None
    }
    written = {writer.change.place.root for writer in facts.writers}
    return frozenset(w for w, root in found.items() if root < HASHED and root not in shown | asked | written)


def conditions_of_view(facts: ContractFacts, name: str) -> set[Field]:
    """Return the fields that the conditions of an entry point read which changes and calls nothing."""
    flow = facts.flows[name]
    if any(facts.changes[name].values()) or any(node.calls for node in flow.nodes):
        return set()
    return {field for node in flow.nodes if node.condition is not None for field in fields_in(node.condition)}


def root_of(holder: Holder) -> int | None:
    """Return the slot of the mapping in which a role's members are, None where its words name none."""
    word = holder.where.removeprefix("mapping ").split("[", 1)[0]
    return int(word, 16) if word.startswith("0x") else None


def hidden_kind(holder: Holder) -> HolderKind:
    """Return the kind of a hidden holder: an owner who can be denied is a hidden one."""
    return HolderKind.HIDDEN_OWNER if holder.kind is HolderKind.OWNER else holder.kind


def denied_owners(facts: ContractFacts) -> frozenset[str]:
    """Return the places of owners whom an owner view answers or not, by something that somebody writes."""
    found = set()
    for selector in OWNER_VIEWS:
        flow = facts.flows.get(f"0x{selector:08x}")
        if flow is None:
            continue
        shown = {field for word in returned_words(flow.graph) for field in fields_in(word)}
        others = [word for word in returned_words(flow.graph) if not fields_in(word)]
        asked = [
            field
            for node in flow.nodes
            if node.condition is not None
            for field in fields_in(node.condition)
            if field not in shown
        ]
        writers = [writer for field in asked for writer in facts.writers_of(field)] if others else []
        found |= {f"storage {f}" for f in shown if is_address(f) and any(keeps(facts, w, f) for w in writers)}
    return frozenset(found)


def keeps(facts: ContractFacts, writer: Writer, owner: Field) -> bool:
    """Return whether an entry point that has the owner denied leaves him his place."""
    written = (change for made in facts.changes[writer.entry].values() for change in made)
    return not any(
        change.field.overlaps(owner)
        and facts.pool.extract(change.value, max(owner.low - change.field.low, 0), owner.bits) == 0
        for change in written
    )


def is_address(field: Field) -> bool:
    """Return whether a field may hold one address."""
    return not field.depth and field.bits in (160, 256)


def shown_numbers(facts: ContractFacts) -> frozenset[int]:
    """Return the numbers that views without arguments answer: addresses that the code shows."""
    answers = (word for graph in facts.graphs for word in returned_words(graph))
    return frozenset(word for word in answers if type(word) is int)
