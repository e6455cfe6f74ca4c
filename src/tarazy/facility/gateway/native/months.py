"""Months of statements, in the time zone in which the venue counts its days (parameter time_zone_offset_minutes)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NamedTuple

from tarazy.domain.records import ParameterTable
from tarazy.facility.gateway.native.history_reads import Period
from tarazy.facility.projections.venue import VenueTerms
from tarazy.oversight.requests.errors import INVALID_PARAMETER, DialectError

TIME_ZONE = (int(ParameterTable.time_zone_offset_minutes), 0)
NS_PER_S = 1_000_000_000
DAY_MINUTES = 1440
MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
DAY = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])-([0-2][0-9]|3[01])")


class Month(NamedTuple):
    """One calendar month with its bounds."""

    name: str
    period: Period
    zone: str


def zone_of(venue: VenueTerms) -> timezone:
    """Return the venue's time zone; the parameter is the offset in minutes and 1440, and 0 stands for UTC."""
    minutes = (venue.parameters.rows.get(TIME_ZONE, (0,))[0] or DAY_MINUTES) - DAY_MINUTES
    return timezone(timedelta(minutes=minutes)) if minutes else UTC


def read_month(venue: VenueTerms, text: str) -> Month:
    """Return the month that a text such as 2026-11 names.

    Raises: DialectError.
    """
    found = MONTH.fullmatch(text)
    if found is None:
        raise DialectError(INVALID_PARAMETER, "Data sent for parameter 'month' is not valid: such as 2026-11.")
    year, month = int(found[1]), int(found[2])
    zone = zone_of(venue)
    first = datetime(year, month, 1, tzinfo=zone)
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
    return Month(text, Period(ns_of(first), ns_of(following)), first.tzname() or "UTC")


def read_day(text: str) -> date:
    """Return the day that a text such as 2026-11-30 names.

    Raises: DialectError.
    """
    try:
        if DAY.fullmatch(text) is not None:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise DialectError(INVALID_PARAMETER, "Data sent for parameter 'date' is not valid: such as 2026-11-30.")


def ns_of(moment: datetime) -> int:
    """Return UTC nanoseconds."""
    return int(moment.timestamp()) * NS_PER_S


def in_words(ts_ns: int, zone: timezone) -> str:
    """Return a time in words, to the millisecond."""
    moment = datetime.fromtimestamp(ts_ns // NS_PER_S, zone)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{ts_ns // 1_000_000 % 1000:03}"
