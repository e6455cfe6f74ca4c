"""Answers in the words of the contract: functions by name, and what guards a power by the getter that shows it.

A name is looked up by selector and proves nothing; where none is known the four bytes stay.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.layout import returned_words
from tarazy.screening.bytecode.locations import field_of
from tarazy.screening.bytecode.term import Term
from tarazy.screening.model import Answer, Capability, Evidence, Holder, HolderKind
from tarazy.screening.names import known_signatures

SELECTOR = re.compile(r"\b0x[0-9a-f]{8}\b")
GUARDS = {
    HolderKind.OWNER: "the caller must be the stored owner",
    HolderKind.HIDDEN_OWNER: "the caller must be an account that no view shows",
    HolderKind.ROLE: "the caller must be a member",
    HolderKind.FIXED_ADDRESS: "the caller must be an address in the code",
    HolderKind.PROXY_ADMIN: "the caller must be the proxy's admin",
    HolderKind.CONTRACT: "another contract must agree",
    HolderKind.NOBODY: "nobody: the code does it by itself",
}


def named(found: Capability, facts: ContractFacts) -> Capability:
    """Return an answer with functions by name and, where it is a yes, with its guard in words."""
    guard = found.guard
    if found.answer is Answer.YES and guard is None:
        guard = "; ".join(dict.fromkeys(text for each in found.holders if (text := guard_of(each, facts)))) or None
    evidence = tuple(map(with_name, found.evidence))
    return replace(found, reason=with_names(found.reason), guard=guard, evidence=evidence)


def guard_of(holder: Holder, facts: ContractFacts) -> str:
    """Return what a holder must be; nothing where nothing is asked, or it is not known."""
    getter = getters(facts).get(holder.where)
    if getter is not None:
        return f"the caller must be {getter}"
    if holder.where == "in the simulation":
        return ""
    return GUARDS.get(holder.kind, "")


@cached
def getters(facts: ContractFacts) -> dict[str, str]:
    """Return the views that show an account, by the place that guards name."""
    found: dict[str, str] = {}
    for graph in facts.graphs:
        for word in returned_words(graph) if graph.selector is not None else ():
            field = field_of(word) if type(word) is Term else None
            if field is not None and not field.depth and field.bits in (160, 256):
                found.setdefault(f"storage {field}", with_names(graph.name))
    return found


def with_name(evidence: Evidence) -> Evidence:
    """Return evidence with the name of its function, where it is known."""
    signature = evidence.signature or known_signatures().get(evidence.selector or "")
    return replace(evidence, signature=signature, detail=with_names(evidence.detail))


def with_names(text: str) -> str:
    """Return a sentence in which functions are called by name."""
    return SELECTOR.sub(lambda match: known_signatures().get(match[0], match[0]), text)
