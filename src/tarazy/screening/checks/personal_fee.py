"""A fee can be set for single addresses."""

from __future__ import annotations

from tarazy.screening.bytecode.fees import fees
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._switches import holders_of
from tarazy.screening.checks._transfers import readable
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.checks.fee import bound_of
from tarazy.screening.model import Capability, Evidence


class PersonalFee(Check):
    """Find who writes a rate that is kept for each address."""

    name = "personal_fee"
    title = "A fee can be set for single addresses"
    sees = (
        "Storage kept for each address on which depends how much of a transfer arrives, and who writes it. The values "
        "that the setter allows are tried; the bound is the largest part that can be taken."
    )
    cannot_see = "Fees that another contract computes. An exemption alone is a whitelist."
    impact = "high"
    confidence = "high"
    goplus = ("personal_slippage_modifiable",)
    fires = "fee-personal/vulnerable"
    must_not_fire = "whitelist-fee-exempt/vulnerable"

    @settled()
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found = [fee for fee in fees(facts) if fee.personal and fee.writers]
        if found:
            writers = [writer for fee in found for writer in fee.writers]
            return self.yes(
                f"{writers[0].entry} writes a rate for one address in storage {found[0].field}",
                *(
                    Evidence("code", f"{w.entry} writes storage {w.change.field}", w.change.offset, w.entry)
                    for w in writers[:6]
                ),
                holders=holders_of(writers),
                bound=bound_of(min(fee.least_ppm for fee in found)),
            )
        return readable(self, facts, "no rate that others set for an address takes part of a transfer")
