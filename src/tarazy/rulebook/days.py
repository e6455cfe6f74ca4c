"""Arithmetic of days: years, months and quarters after a day."""

from __future__ import annotations

import calendar
from datetime import date


def years_after(day: date, years: int) -> date:
    """Return the same day some years on; of the last of February in a leap year the last of February."""
    return months_after(day, 12 * years)


def months_after(day: date, months: int) -> date:
    """Return the same day some months on, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def quarter_before(day: date) -> str:
    """Return the name of the last whole quarter before a day: `2026-Q3`."""
    quarter = (day.month - 1) // 3
    return f"{day.year}-Q{quarter}" if quarter else f"{day.year - 1}-Q4"
