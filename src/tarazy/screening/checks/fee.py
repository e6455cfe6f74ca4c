"""A transfer delivers less than was sent."""

from __future__ import annotations

from tarazy.screening.bytecode.bounds import unread_caps
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.fees import fees
from tarazy.screening.bytecode.locations import Field
from tarazy.screening.checks._fee_shares import Taken, takings
from tarazy.screening.checks._fee_switches import switched_fees
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._small_amounts import SmallTaking, small_takings
from tarazy.screening.checks._switches import holders_of
from tarazy.screening.checks._tax_form import tax_form
from tarazy.screening.checks._trading import real
from tarazy.screening.checks._transfers import readable
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Evidence, Holder, HolderKind

PPM = 1_000_000


class Fee(Check):
    """Compare what a receiver is credited with what the sender is debited."""

    name = "fee"
    title = "A transfer can deliver less than was sent"
    sees = (
        "Every path through transfer and transferFrom: what the receiver is credited is compared with what the sender "
        "is debited, both as formulas, with fees in storage and with numbers in the code. The bound is the largest "
        "part that can be taken, by the values that setters allow. Amounts just below each number that a transfer "
        "compares its amount with are tried as well."
    )
    cannot_see = "Fees that another contract computes, and fees in native currency instead of tokens."
    impact = "medium"
    confidence = "high"
    goplus = ("buy_tax", "sell_tax")
    fires = "whitelist-fee-exempt/vulnerable"
    must_not_fire = "plain-modern/plain"

    @settled("taxes_sell", "raises_tax")
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        fields, paths, switches = fees(facts), takings(facts), switched_fees(facts)
        form = tax_form(subject.simulation)
        if not fields and not paths:
            if form and real(subject) is not None:
                return self.yes(f"measured: {form}", Evidence("trace", form))
            return self.small_fee(facts)
        writers = [w for fee in fields for w in fee.writers] + [w for fee in switches for w in fee.writers]
        evidence = [
            Evidence(
                "code",
                f"what arrives depends on storage {fee.field}",
                offset=fee.movement.change.offset,
                selector=fee.entry,
            )
            for fee in fields[:4]
        ]
        return self.yes(
            "the receiver is credited less than the sender is debited" + (f"; measured: {form}" if form else ""),
            *evidence,
            *map(evidence_of, paths[: 4 - len(evidence)]),
            holders=holders_of(writers) or (Holder(HolderKind.NOBODY, "nobody can change it"),),
            bound=largest_fee(facts, paths),
        )

    def small_fee(self, facts: ContractFacts) -> Capability:
        """Answer where large amounts lose nothing."""
        small = small_takings(facts)
        if not small:
            return readable(self, facts, "on every path the receiver is credited what the sender is debited")
        worst = min(small, key=lambda taking: taking.share_ppm)
        writers = [writer for taking in small for field in taking.fields for writer in facts.writers_of(field)]
        return self.yes(
            f"of less than {number_of(worst)} sent at once only {worst.share_ppm / 10_000:g} % are credited",
            *map(evidence_of_small, small),
            holders=holders_of(writers) or (Holder(HolderKind.NOBODY, "nobody can change it"),),
            bound=None if writers else f"only below {max(taking.below for taking in small)} units",
        )


def number_of(taken: SmallTaking) -> str:
    """Return below what an amount is small: a number of the code, or a place of storage that somebody writes."""
    return f"storage {taken.fields[0]}" if taken.fields else f"{taken.below} units"


def evidence_of_small(taken: SmallTaking) -> Evidence:
    """Return the debit of which less arrives."""
    detail = f"of an amount just below {number_of(taken)} {taken.share_ppm / 10_000:g} % are credited"
    return Evidence("code", detail, offset=taken.debit.change.offset, selector=taken.entry)


def evidence_of(taken: Taken) -> Evidence:
    """Return the credit that is too small."""
    detail = f"of what is sent {taken.share_ppm / 10_000:g} % are credited"
    if taken.flat:
        detail = f"{taken.flat} units less are credited than were sent, whatever the amount"
    return Evidence("code", detail, offset=taken.credit.change.offset, selector=taken.entry)


def largest_fee(facts: ContractFacts, paths: tuple[Taken, ...]) -> str | None:
    """Return the largest fee in words: by what its writers may set, and by the ways of a transfer as they stand."""
    flat = max((path.flat for path in paths), default=0)
    shares = [path.share_ppm for path in paths if not path.flat] + [fee.least_ppm for fee in fees(facts)]
    if flat and not any(share < PPM for share in shares):
        return f"{flat} units of each transfer, whatever its size"
    bound = bound_of(min(shares), unread_caps(facts))
    return f"{bound}, and {flat} units of each transfer" if bound and flat else bound


def bound_of(least_ppm: int, unread: tuple[Field, ...] = ()) -> str | None:
    """Return the largest fee in words; None where everything can be taken."""
    if least_ppm and unread:
        return f"not known: storage {', '.join(map(str, unread[:2]))} bounds it, and its value was not read"
    return f"at most {(PPM - least_ppm) / 10_000:g} %" if least_ppm else None
