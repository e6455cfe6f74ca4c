"""Per asset: what is owed, what lies against it, their ratio, how each number is known and how old it is.

Never across assets: a surplus of one covers nothing of another, and no price is known here. An asset that the facility
or its group issued itself backs nothing: such a line is shown and counts nothing, because it is worth what the
facility is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from tarazy.domain.arithmetic import PPM, div_floor
from tarazy.oversight.solvency.reserves import ATTESTED, BANK_MESSAGE, ON_CHAIN, ReserveLine

GRADES = (ON_CHAIN, BANK_MESSAGE, ATTESTED)


class AssetCoverage(NamedTuple):
    """One asset: liabilities (recomputed from the record), reserves by grade, and the oldest evidence counted."""

    asset_id: int
    liabilities_minor: int
    by_grade_minor: Mapping[str, int]
    custodian_minor: int
    oldest_ns: int
    is_own_issue: bool
    faults: tuple[str, ...]

    @property
    def reserves_minor(self) -> int:
        """Return what lies against the liabilities, custodians included."""
        return sum(self.by_grade_minor.values())

    @property
    def ratio_ppm(self) -> int | None:
        """Return reserves over liabilities in parts per million, rounded down; None where nothing is owed."""
        return div_floor(self.reserves_minor * PPM, self.liabilities_minor) if self.liabilities_minor else None

    @property
    def is_covered(self) -> bool:
        """Say whether what lies there is at least what is owed."""
        return self.reserves_minor >= self.liabilities_minor

    def plain(self, now_ns: int) -> dict[str, Any]:
        """Return it as plain values; `now_ns` is the time of the report."""
        return {
            "asset_id": self.asset_id,
            "liabilities_minor": str(self.liabilities_minor),
            "liabilities_grade": "recomputed",
            "reserves_minor": str(self.reserves_minor),
            "by_grade_minor": {grade: str(minor) for grade, minor in self.by_grade_minor.items()},
            "custodian_minor": str(self.custodian_minor),
            "ratio_ppm": self.ratio_ppm,
            "is_covered": self.is_covered,
            "oldest_evidence_s": max(now_ns - self.oldest_ns, 0) // 1_000_000_000 if self.oldest_ns else None,
            "is_own_issue": self.is_own_issue,
            "faults": list(self.faults),
        }


def coverage_of(
    liabilities: Mapping[int, int], lines: Iterable[ReserveLine], own_issues: Collection[int] = ()
) -> list[AssetCoverage]:
    """Return the coverage of every asset with liabilities or lines; `own_issues` are assets of the facility's group."""
    by_asset: dict[int, list[ReserveLine]] = {asset_id: [] for asset_id in liabilities}
    for line in lines:
        by_asset.setdefault(line.asset_id, []).append(line)
    found = []
    for asset_id, rows in sorted(by_asset.items()):
        is_own = asset_id in own_issues
        counted = [] if is_own else [row for row in rows if row.counted_minor]
        grades = {grade: sum(row.counted_minor for row in counted if row.grade == grade) for grade in GRADES}
        apart = sum(row.counted_minor for row in counted if row.kind == "custodian")
        oldest = min((row.observed_ns for row in counted), default=0)
        faults = tuple(f"{row.kind} {row.name}: {fault}" for row in rows for fault in row.faults)
        if is_own and rows:
            faults += ("the facility's group issued this asset itself: it backs nothing",)
        owed = liabilities.get(asset_id, 0)
        found.append(AssetCoverage(asset_id, owed, grades, apart, oldest, is_own, faults))
    return found
