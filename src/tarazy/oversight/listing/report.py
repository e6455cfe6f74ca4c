"""What a run of the criteria found, for programs: quarters, entries with reasons, and what was never let in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tarazy.oversight.listing.backtest import Backtest, Entry, ListingFinding, ListingRefusal
from tarazy.oversight.listing.criteria import ListingCriteria, load_criteria
from tarazy.oversight.listing.identities import assets_of
from tarazy.oversight.listing.observations import read_observations
from tarazy.oversight.listing.panel import Panel
from tarazy.oversight.listing.renames import load_renames, renamed

NOT_TESTED = (
    "issuer, technology, security screening, holders, jurisdictions, custody and AML readiness: "
    "a market's record shows none of them; they are the dossier's"
)


def backtest_report(
    folder: Path, criteria_file: Path | None = None, renames_file: Path | None = None
) -> dict[str, Any]:
    """Run the criteria over a folder of observations and return all that was found.

    Raises: ListingFileError.
    """
    criteria = load_criteria(criteria_file) if criteria_file else load_criteria()
    renames = load_renames(renames_file) if renames_file else []
    observations, kept_out = read_observations(folder)
    assets, strange = assets_of(renamed(observations, renames))
    backtest = Backtest(Panel(assets), criteria).run()
    return {
        "criteria_sha256": criteria.sha256,
        "criteria": [_criterion(criteria, number) for number in range(len(criteria.rows))],
        "from": backtest.day(0).isoformat(),
        "to": backtest.day(backtest.panel.days - 1).isoformat(),
        "observations": len(observations),
        "assets": len(assets),
        "renames": [{"symbol": each.symbol, "becomes": each.becomes, "source": each.source} for each in renames],
        "kept_out": kept_out | ({"series that agrees with no asset": len(strange)} if strange else {}),
        "not_tested": NOT_TESTED,
        "entries": [_entry(backtest, each) for each in backtest.entries],
        "refused": [_refusal(backtest, each) for each in backtest.refusals.values()],
        "quarters": _quarters(backtest),
    }


def _criterion(criteria: ListingCriteria, number: int) -> Mapping[str, Any]:
    row = criteria.rows[number]
    thresholds = [each._asdict() | {"begins": each.begins.isoformat()} for each in row.thresholds]
    return {"id": row.id, "words": row.words, "unit": row.unit, "breach": row.breach, "thresholds": thresholds}


def _entry(backtest: Backtest, entry: Entry) -> dict[str, Any]:
    return _name(backtest, entry.column) | {
        "listed_on": entry.listed_on.isoformat(),
        "removed_on": _iso(entry.removed_on),
        "how": entry.how,
        "reasons": [each.words for each in entry.findings],
        "evidence": [_finding(each) for each in entry.findings],
        "reviews": [
            {
                "opened_on": review.opened_on.isoformat(),
                "until": review.until.isoformat(),
                "closed_on": _iso(review.closed_on),
                "reasons": [each.words for each in review.findings],
            }
            for review in entry.reviews
        ],
    }


def _refusal(backtest: Backtest, refusal: ListingRefusal) -> dict[str, Any]:
    return _name(backtest, refusal.column) | {
        "first_on": refusal.first_on.isoformat(),
        "last_on": refusal.last_on.isoformat(),
        "meetings": refusal.meetings,
        "reasons": [each.words for each in refusal.findings],
        "evidence": [_finding(each) for each in refusal.findings],
    }


def _quarters(backtest: Backtest) -> list[dict[str, Any]]:
    names = {entry.column: _name(backtest, entry.column)["identity"] for entry in backtest.entries}
    found, before = [], set[int]()
    for meeting in backtest.meetings:
        now = set(backtest.listed_on(meeting))
        found.append(
            {
                "on": meeting.isoformat(),
                "listed": sorted(names[column] for column in now),
                "entered": sorted(names[column] for column in now - before),
                "left": sorted(names[column] for column in before - now),
            }
        )
        before = now
    return found


def _name(backtest: Backtest, column: int) -> dict[str, str]:
    asset = backtest.panel.assets[column]
    return {"asset": asset.symbol, "identity": asset.identity, "name": asset.name}


def _finding(finding: ListingFinding) -> dict[str, Any]:
    found = None if finding.found < 0 else finding.found
    return {"criterion": finding.criterion, "on": finding.on.isoformat(), "found": found, "limit": finding.limit}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
