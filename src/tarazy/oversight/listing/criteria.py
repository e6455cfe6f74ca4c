"""The criteria of a file: what is measured, the thresholds by date, and what a breach leads to."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.oversight.listing.errors import ListingFileError
from tarazy.oversight.listing.measures import MEASURES

SHIPPED = Path(__file__).with_name("criteria.toml")
STATUSES = ("enacted", "expected", "proposal", "analog", "house")
BOUNDS = ("at_least", "at_most")
BREACHES = ("review", "suspend")
CRITERION = {"id": str, "words": str, "measure": str, "unit": str, "bound": str, "breach": str, "threshold": list}
FILE_MAX_BYTES = 1_000_000


class ListingThreshold(NamedTuple):
    """What is asked from a day on. `enter` or `stay` is None where the criterion does not gate that."""

    begins: date
    enter: int | None
    stay: int | None
    status: str
    source: str


@dataclass(frozen=True)
class ListingCriterion:
    """One criterion with its thresholds in the order of their days."""

    id: str
    words: str
    measure: str
    unit: str
    bound: str
    breach: str
    thresholds: tuple[ListingThreshold, ...]

    def at(self, day: date) -> ListingThreshold | None:
        """Return the threshold that counts on a day, or None before the first."""
        begun = [each for each in self.thresholds if each.begins <= day]
        return begun[-1] if begun else None

    def holds(self, found: int, limit: int) -> bool:
        """Return whether a known number meets a limit."""
        return found >= limit if self.bound == "at_least" else found <= limit

    def sentence(self, found: int, limit: int) -> str:
        """Say what is asked and what was found."""
        asked = f"{'at least' if self.bound == 'at_least' else 'at most'} {limit:,}"
        return f"{self.words}: {asked} {self.unit}; found {'unknown' if found < 0 else f'{found:,}'}"


@dataclass(frozen=True)
class ListingCriteria:
    """A file of criteria, with the SHA-256 by which a decision names it."""

    rows: tuple[ListingCriterion, ...]
    meeting_months: tuple[int, ...]
    review_days: int
    readmission_days: int
    sha256: str


def load_criteria(path: Path = SHIPPED) -> ListingCriteria:
    """Read a file of criteria.

    Raises: ListingFileError, which names the criterion.
    """
    data = path.read_bytes()
    if len(data) > FILE_MAX_BYTES:
        raise ListingFileError(path, f"at most {FILE_MAX_BYTES:,} bytes", f"{len(data):,}")
    try:
        document = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ListingFileError(path, "TOML", str(error)) from error
    terms, rows = document.get("list"), document.get("criterion")
    if set(document) != {"list", "criterion"} or not isinstance(terms, dict) or not isinstance(rows, list):
        raise ListingFileError(path, "a table [list] and tables [[criterion]]", ", ".join(document) or "nothing")
    found = tuple(_criterion(f"{path}, criterion {number}", row) for number, row in enumerate(rows, 1))
    names = [each.id for each in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ListingFileError(path, "one criterion for an id", f"two of {twice}")
    return ListingCriteria(found, *_terms(f"{path}, [list]", terms), hashlib.sha256(data).hexdigest())


def _terms(where: str, terms: dict[str, Any]) -> tuple[tuple[int, ...], int, int]:
    if set(terms) != {"meetings", "review_days", "readmission_days"}:
        raise ListingFileError(where, "meetings, review_days and readmission_days", ", ".join(terms))
    months = terms["meetings"]
    if not isinstance(months, list) or not months or not all(_is_whole(m) and 1 <= m <= 12 for m in months):
        raise ListingFileError(where, "meetings as a list of months from 1 to 12", repr(months)[:80])
    for name in ("review_days", "readmission_days"):
        if not _is_whole(terms[name]) or terms[name] < 0:
            raise ListingFileError(where, f"{name} as a whole number of days", repr(terms[name])[:80])
    return tuple(sorted(set(months))), terms["review_days"], terms["readmission_days"]


def _criterion(where: str, row: Any) -> ListingCriterion:
    if not isinstance(row, dict) or set(row) != set(CRITERION):
        raise ListingFileError(where, f"the fields {', '.join(CRITERION)}", ", ".join(row) if row else repr(row))
    for field, kind in CRITERION.items():
        if not isinstance(row[field], kind) or not row[field]:
            raise ListingFileError(where, f"{field} as a {kind.__name__} that is not empty", repr(row[field])[:80])
    for field, known in (("bound", BOUNDS), ("breach", BREACHES), ("measure", tuple(MEASURES))):
        if row[field] not in known:
            raise ListingFileError(where, f"{field} of {', '.join(known)}", repr(row[field])[:80])
    thresholds = tuple(_threshold(f"{where} ({row['id']})", each) for each in row["threshold"])
    days = [each.begins for each in thresholds]
    if days != sorted(set(days)):
        raise ListingFileError(where, "thresholds from different days, the oldest first", ", ".join(map(str, days)))
    return ListingCriterion(
        row["id"], row["words"], row["measure"], row["unit"], row["bound"], row["breach"], thresholds
    )


def _threshold(where: str, row: Any) -> ListingThreshold:
    if not isinstance(row, dict) or not {"from", "status", "source"} <= set(row) <= {*THRESHOLD}:
        raise ListingFileError(where, f"a threshold of {', '.join(THRESHOLD)}", repr(row)[:120])
    enter, stay = row.get("enter"), row.get("stay")
    given = [limit for limit in (enter, stay) if limit is not None]
    if not given or not all(_is_whole(limit) and limit >= 0 for limit in given):
        raise ListingFileError(where, "enter or stay as a whole number", repr((enter, stay)))
    if not isinstance(row["from"], date) or row["status"] not in STATUSES or not isinstance(row["source"], str):
        raise ListingFileError(where, f"from as a date, status of {', '.join(STATUSES)}, a source", repr(row)[:120])
    return ListingThreshold(row["from"], enter, stay, row["status"], row["source"])


THRESHOLD = ("from", "enter", "stay", "status", "source")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
