"""The proxy in front of a code that was read as its implementation, as the chain showed it."""

from __future__ import annotations

from dataclasses import replace

from tarazy.screening.bytecode.facts import ContractFacts, analyse
from tarazy.screening.checks._delegation import Delegation, delegations, setters
from tarazy.screening.checks.base import Subject
from tarazy.screening.model import HolderKind


def proxies_of(subject: Subject) -> tuple[Delegation, ...]:
    """Return the places at which the proxy that was resolved on the chain hands calls on.

    Where the proxy itself cannot change the code behind it, the implementation may be able to: its writes count.
    """
    reading = subject.chain
    if reading is None or not reading.proxies or reading.code == subject.code:
        return ()
    found = [each for each in delegations(analyse(reading.code)) if each.hands_on]
    return tuple(through(subject.facts, each) for each in found)


def through(implementation: ContractFacts, found: Delegation) -> Delegation:
    """Return a delegation with those who can change its target through the code behind it."""
    unknown = all(holder.kind is HolderKind.UNKNOWN for holder in found.holders)
    if found.field is None or not unknown or not implementation.writers_of(found.field):
        return found
    return replace(found, holders=setters(implementation, found.field))
