"""Amounts or holdings are capped."""

from __future__ import annotations

from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.checks._caps import Cap, caps, least_cap
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._switches import holders_of
from tarazy.screening.checks._transfers import readable
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Evidence, Holder, HolderKind


class SizeCap(Check):
    """Find conditions that small amounts meet and large ones do not."""

    name = "size_cap"
    title = "Amounts or holdings are capped"
    sees = (
        "Conditions of transfer and transferFrom that are tried with amounts from nothing to the whole supply, for a "
        "sender who holds enough: where small ones pass and large ones do not, there is a cap, by a number in the code "
        "or in storage, on what is sent or on what the receiver holds."
    )
    cannot_see = "Caps that another contract keeps (see external_call), and what must stay behind at the sender."
    impact = "medium"
    confidence = "high"
    goplus = ("is_anti_whale",)
    fires = "limit-max-amount/benign"
    must_not_fire = "plain-modern/plain"

    @settled()
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found = caps(facts)
        if found:
            first = found[0]
            what = "what a receiver holds" if first.of_holdings else "what is sent at once"
            return self.yes(
                f"{what} is capped by {format_cap(first)}",
                *map(evidence_of, found[:4]),
                holders=holders_of(writer for cap in found for writer in cap.writers)
                or (Holder(HolderKind.NOBODY, "nobody can change it"),),
                bound=bound_of(facts, first),
            )
        return readable(self, facts, "no condition of a transfer lets small amounts pass and stops large ones")


def bound_of(facts: ContractFacts, cap: Cap) -> str | None:
    """Return how low a cap can be made, or where it stands if nobody changes it."""
    if not cap.writers:
        return format_cap(cap)
    least = least_cap(facts, cap)
    return f"never below {least / 10_000:g} % of the supply" if least else None


def format_cap(cap: Cap) -> str:
    """Return where the number stands."""
    if cap.fields:
        return f"storage {', '.join(map(str, cap.fields[:2]))}"
    numbers = [side for side in cap.restriction.term.args if type(side) is int]
    return f"the number {numbers[0]} in the code" if numbers else "numbers in the code"


def evidence_of(cap: Cap) -> Evidence:
    """Return the condition."""
    detail = f"a transfer at {cap.restriction.offset:#x} passes only up to {format_cap(cap)}"
    return Evidence("code", detail, offset=cap.restriction.offset, selector=cap.restriction.entry)
