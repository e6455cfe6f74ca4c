"""Name, symbol or decimals can be changed."""

from __future__ import annotations

from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.layout import fields_in
from tarazy.screening.bytecode.locations import Field
from tarazy.screening.bytecode.term import Word
from tarazy.screening.bytecode.writer import Writer
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._switches import holders_of
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Evidence

VIEWS = {"0x06fdde03": "name", "0x95d89b41": "symbol", "0x313ce567": "decimals"}


class MetadataChange(Check):
    """Follow what name, symbol and decimals answer from to who writes it."""

    name = "metadata_change"
    title = "Name, symbol or decimals can be changed"
    sees = "The storage from which name(), symbol() and decimals() answer, short and long texts, and who writes it."
    cannot_see = "Answers that come from another contract."
    impact = "medium"
    confidence = "high"
    goplus = ()
    fires = "metadata-change/vulnerable"
    must_not_fire = "metadata-change/benign"

    @settled(any_code=True)
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found = [(what, writer) for view, what in VIEWS.items() for writer in writers_of_view(facts, view)]
        if found:
            what, writer = found[0]
            evidence = [
                Evidence("code", f"{w.entry} writes storage {w.change.field}, the {each}", w.change.offset, w.entry)
                for each, w in found[:6]
            ]
            changed = ", ".join(dict.fromkeys(each for each, _ in found))
            return self.yes(
                f"{writer.entry} changes the {what}", *evidence, holders=holders_of(w for _, w in found), bound=changed
            )
        if not any(view in facts.flows for view in VIEWS):
            return self.no("the code has no name, symbol or decimals")
        return self.no("nothing from which name, symbol and decimals answer is written")


def writers_of_view(facts: ContractFacts, view: str) -> list[Writer]:
    """Return the writes of what a view reads, each entry point once."""
    flow = facts.flows.get(view)
    if flow is None:
        return []
    read: dict[Field, None] = {}
    for number in flow.order:
        node = flow.nodes[number]
        words: tuple[Word, ...] = (*node.returned, *((node.condition,) if node.condition is not None else ()))
        read.update(dict.fromkeys(field for word in words for field in fields_in(word)))
    found: dict[str, Writer] = {}
    for field in read:
        for writer in facts.writers_of(field):
            found.setdefault(writer.entry, writer)
    return list(found.values())
