"""The fee of all transfers can be changed."""

from __future__ import annotations

from tarazy.screening.bytecode.bounds import unread_caps
from tarazy.screening.bytecode.fees import fees
from tarazy.screening.checks._fee_switches import switched_fees
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._switches import holders_of
from tarazy.screening.checks._transfers import readable
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.checks.fee import bound_of
from tarazy.screening.model import Capability, Evidence


class FeeChange(Check):
    """Find who writes the storage on which the fee of everyone depends."""

    name = "fee_change"
    title = "The fee can be changed"
    sees = (
        "Every write, by somebody, of storage on which depends how much of a transfer arrives, and that is the same "
        "for all: a rate, or a switch between rates. The values that the setter allows are tried; "
        "the bound is the largest part that can be taken."
    )
    cannot_see = "Fees that another contract computes. The bound holds for each field alone, not for their sum."
    impact = "high"
    confidence = "high"
    goplus = ("slippage_modifiable",)
    fires = "limit-fee-unbounded/vulnerable"
    must_not_fire = "whitelist-fee-exempt/benign"

    @settled("taxes_sell/privileged")
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found = [fee for fee in fees(facts) if not fee.personal and fee.writers]
        switches = switched_fees(facts)
        if found or switches:
            writers = [w for fee in found for w in fee.writers] + [w for fee in switches for w in fee.writers]
            field = found[0].field if found else switches[0].field
            shares = [fee.least_ppm for fee in found] + [fee.share_ppm for fee in switches]
            return self.yes(
                f"{writers[0].entry} {'writes the fee in' if found else 'switches the fee by'} storage {field}",
                *(
                    Evidence("code", f"{w.entry} writes storage {w.change.field}", w.change.offset, w.entry)
                    for w in writers[:6]
                ),
                holders=holders_of(writers),
                bound=bound_of(min(shares), unread_caps(facts)),
            )
        return readable(self, facts, "nobody can change how much of a transfer arrives")
