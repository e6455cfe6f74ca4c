"""Working days of Kazakhstan, by calendars of single years. A year without a calendar is asked for, never guessed."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from tarazy.facility.accounts.errors import ListFileError, ParameterUnsetError

CALENDARS = Path(__file__).with_name("calendars")
SATURDAY = 5


class YearCalendar(NamedTuple):
    """Days without work beside the weekends, and weekends with work, of one year."""

    year: int
    free: frozenset[date]
    work: frozenset[date]


class WorkCalendar:
    """The years that are known."""

    def __init__(self, years: list[YearCalendar]) -> None:
        self.years = {each.year: each for each in years}

    def is_working(self, day: date) -> bool:
        """Say whether people work on a day. Raises: ParameterUnsetError for a year without a calendar."""
        year = self.years.get(day.year)
        if year is None:
            known = ", ".join(map(str, sorted(self.years))) or "none"
            action = "Add the year's calendar"
            raise ParameterUnsetError("calendar", expected=f"one of {day.year}", found=known, action=action)
        return day in year.work or (day.weekday() < SATURDAY and day not in year.free)

    def after(self, day: date, count: int) -> date:
        """Return the last of so many working days that follow a day."""
        while count:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day


def load_calendars(folder: Path = CALENDARS) -> WorkCalendar:
    """Read every calendar of a folder. Raises: ListFileError."""
    return WorkCalendar([read_year(path) for path in sorted(folder.glob("*.toml"))])


def read_year(path: Path) -> YearCalendar:
    """Read the calendar of one year. Raises: ListFileError."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        found = YearCalendar(document["year"], frozenset(document["free"]), frozenset(document["work"]))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise ListFileError(path, expected="year, free and work in TOML", found=str(error)) from error
    wrong = [day for day in found.free | found.work if not isinstance(day, date) or day.year != found.year]
    if wrong:
        raise ListFileError(path, expected=f"days of {found.year}", found=str(wrong[0]))
    return found
