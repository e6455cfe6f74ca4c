"""A release on its way into force: approved by two people, told to everybody, and effective after the notice.

`release.toml` states `sha256` (of the exported rulebook), `approval_id`, `approved`, `approved_by`,
`second_approved_by`, `last_notice` (when the last member or client was told), `effective` and `reference_scale`. The
order is the rule's: approval, then notice, then so many days, then effect. Refused with the reason otherwise.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import NamedTuple

from tarazy.rulebook.catalogue import find_rule
from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.fact_files import check_two_people
from tarazy.rulebook.release import release_hash
from tarazy.rulebook.toml_files import check_fields, read_toml

FIELDS = {
    "sha256": str,
    "approval_id": str,
    "approved": date,
    "approved_by": str,
    "second_approved_by": str,
    "last_notice": date,
    "effective": date,
    "reference_scale": int,
}
NOTICE_RULE = "aifc/notice_of_changes"
SCALE_MAX = 18


class PublishedRelease(NamedTuple):
    """A release whose dates and approvals are in order."""

    sha256: bytes
    approval_id: str
    approved: date
    last_notice: date
    effective: date
    reference_scale: int

    @property
    def effective_ns(self) -> int:
        """Return the moment from which it counts: the first of its day, UTC, in nanoseconds."""
        return int(datetime.combine(self.effective, time.min, UTC).timestamp()) * 10**9


def load_release(path: Path, today: date) -> PublishedRelease:
    """Read a release that may be brought into the record.

    Raises: RulebookError, which says what is out of order.
    """
    row = read_toml(path)
    check_fields(str(path), row, FIELDS, {})
    _check_people(path, row["approval_id"], row["approved_by"], row["second_approved_by"])
    _check_dates(path, row["approved"], row["last_notice"], row["effective"], today)
    if row["sha256"] != release_hash().hex():
        action = "Export the rulebook that was approved: tarazy rules export"
        raise RulebookError(path, expected=f"sha256 {release_hash().hex()}", found=row["sha256"][:80], action=action)
    if not 0 <= row["reference_scale"] <= SCALE_MAX:
        raise RulebookError(path, expected=f"reference_scale 0 to {SCALE_MAX}", found=str(row["reference_scale"])[:40])
    dates = row["approved"], row["last_notice"], row["effective"]
    return PublishedRelease(bytes.fromhex(row["sha256"]), row["approval_id"], *dates, row["reference_scale"])


def _check_people(path: Path, approval_id: str, first: str, second: str) -> None:
    """Refuse a release without an approval, or with one person as both pairs of eyes."""
    for name, value in (("approval_id", approval_id), ("approved_by", first), ("second_approved_by", second)):
        if not value.strip():
            raise RulebookError(path, expected=f"an {name}", found="none")
    check_two_people(str(path), {"approved_by": first.strip(), "second_approved_by": second.strip()})


def _check_dates(path: Path, approved: date, last_notice: date, effective: date, today: date) -> None:
    """Refuse an approval after the notice or the effect, a notice that is too short, and what has begun already."""
    if approved > effective:
        raise RulebookError(path, expected=f"an approval before the effect on {effective}", found=str(approved))
    if approved > last_notice:
        raise RulebookError(path, expected=f"a notice after the approval on {approved}", found=str(last_notice))
    rule = find_rule(NOTICE_RULE)
    least = int(rule.values.number("notice_days", effective).value)
    given = (effective - last_notice).days
    if given < least:
        words = f"{least} days from the last notice to the effect ({', '.join(rule.rule.provisions)})"
        raise RulebookError(path, expected=words, found=f"{given} days, {last_notice} to {effective}")
    if last_notice > today:
        raise RulebookError(path, expected="a notice that everybody has", found=f"one on {last_notice}, after {today}")
    if effective <= today:
        raise RulebookError(path, expected=f"an effect after today, {today}", found=str(effective))
