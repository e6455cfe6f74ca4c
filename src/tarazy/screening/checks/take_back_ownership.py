"""Ownership that was given up can be had again."""

from __future__ import annotations

from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.graph import Edge
from tarazy.screening.bytecode.guards import ANYONE
from tarazy.screening.bytecode.layout import OWNER_VIEWS, fields_in, returned_words
from tarazy.screening.bytecode.locations import Field, field_of
from tarazy.screening.bytecode.term import Term
from tarazy.screening.bytecode.writer import Writer
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._switches import holders_of
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Evidence, Holder, HolderKind


class TakeBackOwnership(Check):
    """Find writes of the owner that do not need the owner."""

    name = "take_back_ownership"
    title = "Ownership that was given up can be had again"
    sees = (
        "Every write of the owner's field, other than to nothing, that can be made while it holds nothing: by an "
        "account that is remembered elsewhere, by a role, by an address in the code, or by anyone while there is no "
        "owner. An appointed successor counts where giving up ownership leaves the appointment standing."
    )
    cannot_see = (
        "Owners kept in another contract. Whether an initialiser was closed, since that is state: one that asks for a "
        "flag does not count."
    )
    impact = "high"
    confidence = "medium"
    goplus = ("can_take_back_ownership",)
    fires = "take-back-reclaim/vulnerable"
    must_not_fire = "take-back-reclaim/benign"

    @settled("takes_ownership", any_code=True)
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        owners = owner_places(facts)
        if not owners:
            return self.no("no public view shows an owner, so none can be given up")
        found = [writer for field in owners for writer in facts.writers_of(field) if regains(facts, field, writer)]
        if found:
            evidence = [
                Evidence("code", f"{w.entry} writes the owner's place without the owner", w.change.offset, w.entry)
                for w in found[:6]
            ]
            return self.yes(f"{found[0].entry} makes an owner without the owner", *evidence, holders=holders_of(found))
        return self.no("only the owner writes the owner's place, so that nobody can once there is none")


@cached
def owner_places(facts: ContractFacts) -> tuple[Field, ...]:
    """Return the fields that owner views show and that guard something."""
    guards = {holder.where for entry in facts.writers for holder in entry.holders}
    found: dict[Field, None] = {}
    for selector in OWNER_VIEWS:
        flow = facts.flows.get(f"0x{selector:08x}")
        for word in returned_words(flow.graph) if flow is not None else ():
            for field in fields_in(word):
                if not field.depth and field.bits in (160, 256) and f"storage {field}" in guards:
                    found[field] = None
    return tuple(found)


def regains(facts: ContractFacts, owner: Field, writer: Writer) -> bool:
    """Return whether a write makes an owner while there is none."""
    if writer.change.value == 0 or needs_owner(facts, owner, writer):
        return False
    if ANYONE in writer.holders:
        return only_while_unowned(facts, owner, writer)
    return not any(is_cleared(facts, owner, holder) for holder in writer.holders)


def needs_owner(facts: ContractFacts, owner: Field, writer: Writer) -> bool:
    """Return whether a write asks for an owner: that the caller is he, or that there is one."""
    if any(holder.where == f"storage {owner}" for holder in writer.holders):
        return True
    flow = facts.flows[writer.entry]
    return any(edge.holds and is_owner(edge, owner) for edge in flow.dominating.get(writer.node, ()))


def is_owner(edge: Edge, owner: Field) -> bool:
    """Return whether a condition asks whether the owner's field holds something, or compares it."""
    term = edge.term
    if term.op == "eq":
        return any(isinstance(side, Term) and field_of(side) == owner for side in term.args)
    return field_of(term) == owner


def only_while_unowned(facts: ContractFacts, owner: Field, writer: Writer) -> bool:
    """Return whether anyone may write, and nothing in storage is asked but that there is no owner."""
    dominating = facts.flows[writer.entry].dominating.get(writer.node, frozenset())
    others = [field for edge in dominating for field in fields_in(edge.term) if field != owner]
    return not others


def is_cleared(facts: ContractFacts, owner: Field, holder: Holder) -> bool:
    """Return whether giving up ownership takes the privilege from a holder as well.

    A holder in storage loses it where every path that writes nothing into the owner's field also writes nothing into
    his, or where nobody can give up ownership in that way.
    """
    if holder.kind not in (HolderKind.OWNER, HolderKind.HIDDEN_OWNER):
        return False
    givers = [writer for writer in facts.writers_of(owner) if writer.change.value == 0]
    for giver in givers:
        cleared = any(
            change.value == 0 and f"storage {change.field}" == holder.where
            for made in facts.changes[giver.entry].values()
            for change in made
        )
        if not cleared:
            return False
    return bool(givers) or is_successor(facts, holder)


def is_successor(facts: ContractFacts, holder: Holder) -> bool:
    """Return whether a holder is written by the owner from an argument: somebody whom he appointed."""
    writers = [writer for writer in facts.writers if f"storage {writer.change.field}" == holder.where]
    return bool(writers) and all(not w.open or facts.happens_once(w.entry, w.node) for w in writers)
