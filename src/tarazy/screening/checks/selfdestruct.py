"""The contract can destroy itself."""

from __future__ import annotations

from tarazy.screening.bytecode.locations import format_word
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Evidence


class Selfdestruct(Check):
    """Find paths that end in SELFDESTRUCT."""

    name = "selfdestruct"
    title = "The contract can destroy itself"
    sees = "Every path through every entry point that ends in SELFDESTRUCT without failing, and who may go it."
    cannot_see = (
        "Destruction by code of another contract that runs on this storage: unknown. Since EIP-6780 the code stays on "
        "main chains and only the native currency goes; other chains still remove it."
    )
    impact = "high"
    confidence = "high"
    goplus = ("selfdestruct",)
    fires = "selfdestruct/vulnerable"
    must_not_fire = "selfdestruct/benign"

    @settled(any_code=True)
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        ends = [
            (name, flow, flow.nodes[number])
            for name, flow in facts.flows.items()
            for number in flow.order
            if flow.nodes[number].end == "selfdestruct"
        ]
        if not ends:
            return self.no("no path through the code ends in SELFDESTRUCT")
        evidence = [
            Evidence(
                "code",
                f"{name} ends it; its native currency goes to {format_word(node.beneficiary)}",
                node.end_offset,
                name,
            )
            for name, _, node in ends[:6]
        ]
        holders = [holder for name, flow, node in ends for holder in facts.guards.holders(flow, node.number)]
        return self.yes(f"{ends[0][0]} ends the contract", *evidence, holders=tuple(dict.fromkeys(holders)))
