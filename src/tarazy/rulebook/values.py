"""Dated values of a rule: `values.toml`, one `[[value]]` for a key from a day on.

The newest row that has begun is in force. A row ends with `to`, or the day before the next begins. Refused: two rows
that overlap, a number without a unit, a row that calls itself enacted although its text was not seen. A row without a
value has the status `unset`: nobody has seen the number, and a check that asks for it stays unknown.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.rulebook.errors import MissingEvidenceError, RulebookError, RuleGapError
from tarazy.rulebook.evidence import settled_by_value
from tarazy.rulebook.provisions import BINDING, SEEN, provisions
from tarazy.rulebook.toml_files import check_fields, read_toml, rows_of

STATUSES = ("enacted", "expected", "proposal", "default", "unset")
NEEDED = {"key": str, "unit": str, "from": date, "status": str, "citation": str, "grade": str}
OPTIONAL = {"value": (int, str, date, list), "to": date, "note": str}
DAY = timedelta(days=1)


class DatedValue(NamedTuple):
    """One value from a day on; `citation` is a provision, `grade` how its text was seen."""

    key: str
    value: Any
    unit: str
    begins: date
    ends: date | None
    status: str
    citation: str
    grade: str
    note: str

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        ends = self.ends.isoformat() if self.ends else None
        value = self.value.isoformat() if isinstance(self.value, date) else self.value
        return self._asdict() | {"begins": self.begins.isoformat(), "ends": ends, "value": value}


class DatedValues:
    """All values of one rule."""

    def __init__(self, where: str, rows: list[DatedValue]) -> None:
        self.where = where
        self.rows = sorted(rows, key=lambda row: (row.key, row.begins))
        self.keys = sorted({row.key for row in rows})
        self._check_periods()

    def _check_periods(self) -> None:
        """Refuse rows of one key that overlap."""
        for before, after in zip(self.rows, self.rows[1:], strict=False):
            if before.key != after.key:
                continue
            if before.begins == after.begins or (before.ends is not None and before.ends >= after.begins):
                raise RulebookError(
                    f"{self.where}, {before.key}",
                    expected="rows whose periods do not overlap",
                    found=f"one from {before.begins} to {before.ends or 'open'} and one from {after.begins}",
                    action="End the older row before the newer begins",
                )

    def at(self, key: str, day: date) -> DatedValue:
        """Return the row that is in force on a day, also one whose number nobody has seen.

        Raises: RuleGapError where no row covers the day.
        """
        begun = [row for row in self.rows if row.key == key and row.begins <= day]
        if not begun or (begun[-1].ends is not None and begun[-1].ends < day):
            known = ", ".join(self.keys) or "none"
            raise RuleGapError(f"{self.where}, {key}", expected=f"a row in force on {day}", found=f"keys: {known}")
        return begun[-1]

    def number(self, key: str, day: date) -> DatedValue:
        """Return the row in force that has a value.

        Raises: MissingEvidenceError where it is unset.
        """
        row = self.at(key, day)
        if row.status == "unset":
            text = f"no text was seen that sets {key} ({row.unit}); a person sets it"
            raise MissingEvidenceError(text, settled_by_value(key))
        return row


def load_values(path: Path, where: str) -> DatedValues:
    """Read `values.toml` of a rule; a rule without the file has no values.

    Raises: RulebookError.
    """
    document = read_toml(path) if path.exists() else {}
    if set(document) - {"value"}:
        raise RulebookError(path, expected="tables [[value]] alone", found=", ".join(document))
    rows = rows_of(path, document, "value")
    return DatedValues(where, [value_of(f"{where}, value {at}", row) for at, row in enumerate(rows, 1)])


def value_of(where: str, row: dict[str, Any]) -> DatedValue:
    """Return one row.

    Raises: RulebookError.
    """
    check_fields(where, row, NEEDED, OPTIONAL)
    _check_words(where, row)
    begins, ends = row["from"], row.get("to")
    if ends is not None and ends < begins:
        raise RulebookError(
            where, expected="a row that ends on or after the day it begins", found=f"{begins} to {ends}"
        )
    return DatedValue(
        row["key"], row.get("value"), row["unit"], begins, ends,
        row["status"], row["citation"], row["grade"], row.get("note", ""),
    )  # fmt: skip


def _check_words(where: str, row: dict[str, Any]) -> None:
    """Refuse a status, a citation, a grade or a unit that cannot be right."""
    if row["status"] not in STATUSES:
        raise RulebookError(where, expected=f"a status of {', '.join(STATUSES)}", found=repr(row["status"])[:60])
    if row["grade"] not in SEEN:
        raise RulebookError(where, expected=f"a grade of {', '.join(SEEN)}", found=repr(row["grade"])[:60])
    if row["citation"] not in provisions():
        raise RulebookError(where, expected="the id of a provision", found=repr(row["citation"])[:60])
    if (row["status"] == "unset") != ("value" not in row):
        raise RulebookError(where, expected="a value, or the status unset and none", found=f"status {row['status']}")
    if not row["unit"].strip():
        raise RulebookError(where, expected="a unit", found="a threshold without one", action="Name what it counts")
    is_seen = row["grade"] in BINDING and provisions()[row["citation"]].is_seen
    if row["status"] == "enacted" and not is_seen:
        action = "Call it a default until the text is seen"
        raise RulebookError(where, expected="a text that was seen", found=f"grade {row['grade']}", action=action)


def day_before(day: date) -> date:
    """Return the day before a day."""
    return day - DAY
