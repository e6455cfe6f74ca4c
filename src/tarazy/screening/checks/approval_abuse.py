"""An allowance comes into being, or is not needed, without the holder."""

from __future__ import annotations

from tarazy.screening.checks._debits import debits
from tarazy.screening.checks._given import given_allowances
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.checks.leak import Taking, allowance_asked, allowance_taken
from tarazy.screening.checks.mint import evidence_of_any_slot
from tarazy.screening.model import Capability


class ApprovalAbuse(Check):
    """Look for allowances that the holder did not give, and for transfers that need none."""

    name = "approval_abuse"
    title = "Allowances can be had without the holder"
    sees = (
        "Every write of an allowance whose holder neither calls nor signed, and every path of transfer and "
        "transferFrom that lowers the balance of another without reading or spending an allowance from him, or with "
        "one that wraps around instead of failing."
    )
    cannot_see = "Allowances kept in another contract, and signatures that another contract checks: unknown."
    impact = "high"
    confidence = "high"
    goplus = ("approval_abuse",)
    fires = "leak-approve-for/vulnerable"
    must_not_fire = "leak-approve-for/benign"

    @settled("gives_allowance", any_code=True)
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        given = [taken for name, flow in facts.flows.items() if (taken := allowance_taken(facts, name, flow))]
        passed = [debit for debit in debits(facts) if debit.entry in facts.transfers]
        given += [
            Taking(w.entry, w.holders, evidence_of_any_slot(w)) for w in facts.any_entry if facts.layout.balance_roots
        ]
        spenders, constructed = given_allowances(subject)
        if given or passed or constructed:
            holders = [holder for taken in given for holder in taken.holders]
            holders += [holder for debit in passed for holder in debit.holders]
            holders += spenders if constructed else ()
            return self.yes(
                f"{given[0].entry} writes an allowance without the holder"
                if given
                else f"{passed[0].entry} moves what others hold without an allowance"
                if passed
                else constructed[0].detail,
                *(taken.evidence for taken in given[:3]),
                *constructed,
                *(debit.evidence for debit in passed[:3]),
                holders=tuple(dict.fromkeys(holders)),
            )
        if not facts.layout.balance_roots:
            return self.unknown("where balances are kept was not found in the code")
        unsure = [name for name in facts.flows if allowance_asked(facts, name)]
        if unsure:
            return self.unknown(f"{unsure[0]} writes an allowance where another contract says that the holder agreed")
        if any(not facts.sums[name][1] for name in facts.transfers):
            return self.unknown("a transfer has more paths than were followed")
        return self.no("allowances are written by the holder or with his signature, and transfers need them")
