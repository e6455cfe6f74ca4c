"""The cap on amounts or holdings can be changed."""

from __future__ import annotations

from tarazy.screening.checks._caps import caps, least_cap
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._switches import holders_of
from tarazy.screening.checks._transfers import readable
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Evidence


class SizeCapChange(Check):
    """Find who writes what a cap reads, and how low it can be made."""

    name = "size_cap_change"
    title = "The cap on amounts or holdings can be changed"
    sees = (
        "Every write, by somebody, of the storage that a cap of a transfer reads. The values that the setter allows "
        "are tried; the least cap is told as a part of the supply."
    )
    cannot_see = "Caps that another contract keeps (see external_call)."
    impact = "medium"
    confidence = "high"
    goplus = ("anti_whale_modifiable",)
    fires = "limit-max-amount/vulnerable"
    must_not_fire = "plain-holding-cap/plain"

    @settled()
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found = [cap for cap in caps(facts) if cap.writers]
        if found:
            least = min((least_cap(facts, cap) or 0) for cap in found)
            writers = [writer for cap in found for writer in cap.writers]
            return self.yes(
                f"{writers[0].entry} writes the cap in storage {writers[0].change.field}",
                *(
                    Evidence("code", f"{w.entry} writes storage {w.change.field}", w.change.offset, w.entry)
                    for w in writers[:6]
                ),
                holders=holders_of(writers),
                bound=f"never below {least / 10_000:g} % of the supply" if least else None,
            )
        return readable(self, facts, "nobody can change a cap on what is sent or held" if caps(facts) else "no cap")
