"""What the state at hand says of the powers in the code: who holds them, and which it has closed for good."""

from __future__ import annotations

from dataclasses import replace

from tarazy.chains.evm.contract import Reading
from tarazy.chains.evm.state import ChainState
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.finality import Read, closed
from tarazy.screening.bytecode.locations import Field
from tarazy.screening.checks import run_checks
from tarazy.screening.checks.base import Subject
from tarazy.screening.model import Answer, Capability, Holder, HolderKind
from tarazy.screening.simulation.holders import field_of

NOBODY = Holder(HolderKind.NOBODY, "closed for good by the state at hand")


def closed_by_state(capabilities: dict[str, Capability], subject: Subject, read: Read) -> dict[str, Capability]:
    """Return the capabilities with a no where nothing can open again what the state closes.

    Raises: what `read` raises.
    """
    facts = closed(subject.facts, read)
    if facts is subject.facts:
        return capabilities
    left = run_checks(replace(subject, facts=facts))
    return {name: settled_by(found, left[name]) for name, found in capabilities.items()}


def settled_by(found: Capability, left: Capability) -> Capability:
    """Return an answer as the state leaves it: closed, with the holders that are left, or as it was.

    What the code does not allow no state opens.
    """
    if left.answer is Answer.NO and found.answer is not Answer.NO:
        return shut(found)
    return left if found.answer is left.answer is Answer.YES else found


def shut(found: Capability) -> Capability:
    """Return a power of the code as one that nobody has any more."""
    reason = f"the code could, but the state at hand closes it and nothing can open it again: {found.reason}"
    return replace(found, answer=Answer.NO, reason=reason, holders=(NOBODY,))


def with_holders(
    capabilities: dict[str, Capability], facts: ContractFacts, state: ChainState
) -> tuple[dict[str, Capability], tuple[str, ...]]:
    """Return the capabilities with the addresses that hold them at the block, and what could not be read.

    A field that holds address zero, and that nobody else can write, leaves a power to nobody.
    """
    reading = Reading()
    named = {place for each in capabilities.values() for holder in each.holders if (place := place_of(holder))}
    fields = tuple(dict.fromkeys((*facts.layout.owners, *sorted(named))))
    found = reading.attempt("the holders of powers", lambda: state.owner_fields(fields)) or {}
    holders: dict[str, Holder] = {}
    for (slot, offset), address in found.items():
        target = Field(slot, 0, 0, offset * 8, 160)
        where = f"storage {target}"
        regained = any(where not in {h.where for h in writer.holders} for writer in facts.writers_of(target))
        kind = HolderKind.NOBODY if address is None and not regained else None
        holders[where] = Holder(kind or HolderKind.UNKNOWN, where, address or ("0x" + "0" * 40))
    addressed = {name: with_addresses(capability, holders) for name, capability in capabilities.items()}
    return addressed, tuple(reading.unknown)


def place_of(holder: Holder) -> tuple[int, int] | None:
    """Return (slot, bytes from the right) of the stored address that names a holder, None for other holders."""
    place = field_of(holder)
    return (place[0], place[1] // 8) if place is not None else None


def with_addresses(capability: Capability, known: dict[str, Holder]) -> Capability:
    """Return a capability whose holders carry the addresses that are known."""
    holders = []
    for holder in capability.holders:
        at = known.get(holder.where)
        if at is None:
            holders.append(holder)
        else:
            kind = at.kind if at.kind is HolderKind.NOBODY else holder.kind
            holders.append(Holder(kind, holder.where, at.address))
    return replace(capability, holders=tuple(holders))
