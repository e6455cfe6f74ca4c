"""What follows from a comparison in the engine: a break stops the asset's withdrawals, two people let them go again.

The machine officer of the reconciliation signs `ReportBalance` under its mandate: the adjusted balance where it is a
break, and a balance that agrees where no break is open. It never signs a report that would end a break: that is for
two people, who name their reason; its SHA-256 stands as evidence in the record. The engine takes such a report from two
people alone, whatever a mandate says.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from hashlib import sha256
from typing import NamedTuple

from tarazy.domain.records import CustodyLocation, Estate, ReportBalance
from tarazy.facility.reconciliation.comparing import PlaceComparison, ThreeWay
from tarazy.facility.reconciliation.errors import ReconciliationError

REASON_CHARACTERS = range(10, 2_001)
Place = tuple[int, int]


class LiftedBreak(NamedTuple):
    """A break that two people end: the command, and the document whose hash it carries."""

    command: ReportBalance
    document: bytes


def machine_reports(
    found: ThreeWay, open_breaks: Collection[Place], evidence: bytes, latest_ns: int
) -> list[ReportBalance]:
    """Return what the machine officer reports; `evidence` is the SHA-256 of the run's report.

    A place whose balance nobody looked at is not reported: no news is not good news. `latest_ns` is the record's time:
    a block or a statement's day may end after it, and no report is of a time that the record has not reached.
    """
    reports = []
    for place in found.places:
        where = place.asset_id, place.location
        is_seen = place.observed_ns > 0
        agrees = place.difference_minor == 0 and where not in open_breaks
        if is_seen and (place.is_break or agrees):
            observed_ns = min(place.observed_ns, latest_ns)
            reports.append(report_of(place, max(place.adjusted_minor, 0), observed_ns, evidence))
    return reports


def to_be_lifted(found: ThreeWay, open_breaks: Collection[Place]) -> list[PlaceComparison]:
    """Return the places with a break in the engine that the comparison does not confirm any more."""
    return [
        place
        for place in found.places
        if (place.asset_id, place.location) in open_breaks and not place.is_break and place.observed_ns > 0
    ]


def lift(place: PlaceComparison, reason: str, prepared_by: str, approved_by: str, now_ns: int) -> LiftedBreak:
    """Return how two people end a break. Raises: ReconciliationError for one person, no reason, or a break that is
    still there.
    """
    if place.is_break:
        raise ReconciliationError(
            expected=f"a difference within {place.tolerance_minor} before the break is lifted",
            found=str(place.difference_minor),
            action="Find and book what is missing first; a break is not lifted by a signature.",
        )
    check_two(prepared_by, approved_by)
    if len(reason.strip()) not in REASON_CHARACTERS:
        raise ReconciliationError(
            expected=f"a reason of {REASON_CHARACTERS.start} to {REASON_CHARACTERS.stop - 1} characters",
            found=f"{len(reason.strip())}",
            action="Say what the difference was and how it was closed.",
        )
    document = json.dumps(
        {
            "document": "tarazy lifted break 1",
            "asset_id": place.asset_id,
            "location": CustodyLocation(place.location).name,
            "ledger_minor": str(place.ledger_minor),
            "adjusted_minor": str(place.adjusted_minor),
            "observed_ns": str(place.observed_ns),
            "reason": reason.strip(),
            "prepared_by": prepared_by,
            "approved_by": approved_by,
        },
        ensure_ascii=False,
        sort_keys=True,
        indent=1,
    ).encode()
    command = report_of(place, place.ledger_minor, now_ns, sha256(document).digest())
    return LiftedBreak(command, document)


def check_two(first: str, second: str) -> None:
    """Refuse one person in two roles. Raises: ReconciliationError."""
    if not first.strip() or not second.strip() or first.strip().casefold() == second.strip().casefold():
        raise ReconciliationError(
            expected="two people", found=f"{first!r} and {second!r}", action="Let somebody else review or approve it."
        )


def report_of(place: PlaceComparison, amount_minor: int, evidence_ns: int, evidence: bytes) -> ReportBalance:
    """Return the command that reports a balance of the client estate."""
    return ReportBalance(
        estate=Estate.client,
        location=place.location,
        asset_id=place.asset_id,
        evidence_ns=evidence_ns,
        amount_minor=amount_minor,
        evidence_hash=evidence,
    )
