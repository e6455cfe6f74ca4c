"""Answers of checks that read the standard transfers: no, where there is something to read."""

from __future__ import annotations

from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.checks.base import Check
from tarazy.screening.model import Capability


def readable(check: Check, facts: ContractFacts, reason: str) -> Capability:
    """Return no with a reason, or unknown where the transfers do not show what they move."""
    if not facts.transfers:
        return check.no("the code has no standard transfer")
    if not facts.layout.balance_roots:
        return check.unknown("where balances are kept was not found in the code")
    if not any(facts.movements[name] and any(facts.movements[name].values()) for name in facts.transfers):
        return check.unknown("transfer moves no balance that was found")
    return check.no(reason)
