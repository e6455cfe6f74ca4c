"""Writes at places that a compiler worked out beforehand: whose they are is seen only where the account is known.

An optimiser puts the hash of a constant key into the code. So a balance or an allowance of an account that is written
into the source stands at a number of its own. Where an account that the code names leads there, the reading has it as
that account's (see `facts.resolved`). What is left, and what no other entry point ever reads, may be a balance.
"""

from __future__ import annotations

from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.facts import HASHED, ContractFacts
from tarazy.screening.bytecode.locations import locate
from tarazy.screening.bytecode.term import Word, loads
from tarazy.screening.checks._delegation import SLOTS, named_slot

KNOWN = frozenset(SLOTS) | {named_slot("eip1967.proxy.admin", 1)}


@cached
def folded_writes(facts: ContractFacts) -> str:
    """Return why a no about balances cannot be given: a write at a number that nothing else reads; else nothing."""
    found = {
        writer.change.place.root: writer
        for writer in facts.writers
        if writer.change.place.root is not None
        and writer.change.place.root >= HASHED
        and writer.change.place.root not in KNOWN | facts.layout.balance_roots | facts.layout.allowance_roots
        and not any(field.root == writer.change.place.root for field in facts.layout.supply_fields)
    }
    readers = roots_read(facts) if found else {}
    for root, writer in found.items():
        if root is not None and readers.get(root, set()) <= {writer.entry}:
            return f"{writer.entry} writes storage {root:#x}, which nothing else reads and which may be a balance"
    return ""


def roots_read(facts: ContractFacts) -> dict[int, set[str]]:
    """Return which entry points read what stands at worked-out numbers."""
    found: dict[int, set[str]] = {}
    for name, flow in facts.flows.items():
        for node in flow.nodes:
            words: list[Word] = [*node.returned, *(write.value for write in node.writes)]
            words += [] if node.condition is None else [node.condition]
            for word in words:
                for load in loads(word):
                    root = locate(load.args[0]).root
                    if root is not None and root >= HASHED:
                        found.setdefault(root, set()).add(name)
    return found
