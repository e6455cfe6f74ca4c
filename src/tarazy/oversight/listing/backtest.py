"""The list as it would have been: meetings that let assets in, a watch on every day, and reviews with a deadline.

An asset enters at a meeting, on the first day of a quarter, when it meets every criterion; what is unknown is not met.
From then on every day is looked at. A breach that suspends takes it off at once. Any other breach opens a review; when
the deadline comes and a breach still stands, it goes. Nothing here knows an asset's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from tarazy.oversight.listing.criteria import ListingCriteria, ListingCriterion
from tarazy.oversight.listing.measures import MEASURES
from tarazy.oversight.listing.panel import Grid, Panel


class ListingFinding(NamedTuple):
    """A criterion that was not met on a day. `found` is -1 where it is unknown."""

    criterion: str
    on: date
    found: int
    limit: int
    words: str


@dataclass
class Review:
    """A review of a listed asset: since when, until when, and what opened it."""

    opened_on: date
    until: date
    findings: list[ListingFinding]
    closed_on: date | None = None


@dataclass
class Entry:
    """One stay on the list."""

    column: int
    listed_on: date
    removed_on: date | None = None
    how: str = "listed"  # listed, suspended, reviewed
    findings: list[ListingFinding] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)


@dataclass
class ListingRefusal:
    """An asset of a listed asset's size that a meeting did not let in, with what stood against it."""

    column: int
    first_on: date
    last_on: date
    meetings: int
    findings: list[ListingFinding]


class Backtest:
    """Runs the criteria over a panel, from its first day to its last."""

    def __init__(self, panel: Panel, criteria: ListingCriteria) -> None:
        self.panel, self.criteria = panel, criteria
        wanted = {each.measure for each in criteria.rows}
        self.grids: dict[str, Grid] = {name: MEASURES[name](panel) for name in MEASURES if name in wanted}
        self.meetings: list[date] = []
        self.entries: list[Entry] = []
        self.refusals: dict[int, ListingRefusal] = {}
        self._listed: dict[int, Entry] = {}
        self._away_until: dict[int, date] = {}

    def run(self) -> Backtest:
        """Go through the days; return itself."""
        for day in range(self.panel.days):
            today = self.day(day)
            self._watch(day, today)
            if today.day == 1 and today.month in self.criteria.meeting_months:
                self.meetings.append(today)
                self._meet(day, today)
        return self

    def day(self, number: int) -> date:
        """Return the date of a day's number."""
        return date.fromordinal(self.panel.first_day + number)

    def listed_on(self, today: date) -> list[int]:
        """Return the columns of the assets that are on the list at the end of a day."""
        return [e.column for e in self.entries if e.listed_on <= today and (not e.removed_on or today < e.removed_on)]

    def against_entry(self, day: int, column: int) -> list[ListingFinding]:
        """Return what stands against an asset's entry on a day."""
        return list(self._findings(day, column, "enter"))

    def _findings(self, day: int, column: int, gate: str) -> Iterator[ListingFinding]:
        today = self.day(day)
        for each in self.criteria.rows:
            threshold = each.at(today)
            limit = getattr(threshold, gate) if threshold else None
            if limit is None:
                continue
            found = int(self.grids[each.measure][day, column])
            if found < 0 or not each.holds(found, limit):
                yield ListingFinding(each.id, today, found, limit, each.sentence(found, limit))

    def _meet(self, day: int, today: date) -> None:
        for column in self._large_enough(day, today):
            if column in self._listed:
                continue
            against = self.against_entry(day, column)
            away_until = self._away_until.get(column)
            if away_until and today < away_until:
                words = f"it left the list and may be asked for again from {away_until}"
                against.append(ListingFinding("list.readmission", today, 0, 0, words))
            if against:
                self._refuse(column, today, against)
            else:
                self._listed[column] = Entry(column, today)
                self.entries.append(self._listed[column])

    def _large_enough(self, day: int, today: date) -> list[int]:
        """Return the assets that meet the criteria of size, so that a refusal says something about an asset."""
        sizes = [each for each in self.criteria.rows if each.id.startswith("size.")]
        return [c for c in range(len(self.panel.assets)) if all(self._passes(each, day, c, today) for each in sizes)]

    def _passes(self, criterion: ListingCriterion, day: int, column: int, today: date) -> bool:
        threshold, found = criterion.at(today), int(self.grids[criterion.measure][day, column])
        if threshold is None or threshold.enter is None:
            return True
        return found >= 0 and criterion.holds(found, threshold.enter)

    def _refuse(self, column: int, today: date, against: list[ListingFinding]) -> None:
        known = self.refusals.setdefault(column, ListingRefusal(column, today, today, 0, against))
        known.last_on, known.findings = today, against
        known.meetings += 1

    def _watch(self, day: int, today: date) -> None:
        severe = {each.id for each in self.criteria.rows if each.breach == "suspend"}
        for entry in list(self._listed.values()):
            findings = list(self._findings(day, entry.column, "stay"))
            if any(each.criterion in severe and each.found >= 0 for each in findings):
                self._remove(entry, today, "suspended", findings)
            else:
                self._review(entry, today, findings)

    def _review(self, entry: Entry, today: date, findings: list[ListingFinding]) -> None:
        review = entry.reviews[-1] if entry.reviews and not entry.reviews[-1].closed_on else None
        if review is None and findings:
            entry.reviews.append(Review(today, today + timedelta(days=self.criteria.review_days), findings))
        elif review is not None and not findings:
            review.closed_on = today
        elif review is not None and today >= review.until:
            self._remove(entry, today, "reviewed", findings)

    def _remove(self, entry: Entry, today: date, how: str, findings: list[ListingFinding]) -> None:
        known = [each for each in findings if each.found >= 0]
        entry.removed_on, entry.how, entry.findings = today, how, known or findings
        self._away_until[entry.column] = today + timedelta(days=self.criteria.readmission_days)
        del self._listed[entry.column]
