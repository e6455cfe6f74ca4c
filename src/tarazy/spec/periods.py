"""Calendar periods of limits: which day and which month a moment lies in, in the stated time zone.

A period has a number, counted without gaps: days from 31 December 1969, months from January of year 0. Two moments lie
in the same period when its number is the same. Numbers, not times, name the periods, so that a change of the time zone
within a month does not begin the month anew.
"""

from __future__ import annotations

from tarazy.domain.arithmetic import div_floor, saturate_u64
from tarazy.domain.records import LimitPeriod, ParameterTable
from tarazy.spec.state import State

MINUTE_NS = 60_000_000_000
DAY_MINUTES = 1440
TIME_ZONE = int(ParameterTable.time_zone_offset_minutes)
DAY = int(LimitPeriod.day)
# Days from 1 January 1968 to the day that day number 0 names.
DAYS_BEFORE = 730
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def period_number(state: State, limit_period: int) -> int:
    """Return the number of the period in which the state's time lies.

    The parameter is the zone's offset in minutes plus 1440, so that it is never negative; 0 stands for UTC.
    """
    offset_minutes = state.parameter(TIME_ZONE, 0) or DAY_MINUTES
    day = div_floor(div_floor(state.last_ts_ns, MINUTE_NS) + offset_minutes, DAY_MINUTES)
    return day if limit_period == DAY else month_number(day + DAYS_BEFORE)


def day_end_ns(state: State) -> int:
    """Return when the local day ends in which the state's time lies, UTC nanoseconds."""
    offset_minutes = state.parameter(TIME_ZONE, 0) or DAY_MINUTES
    begin_minutes = (period_number(state, DAY) + 1) * DAY_MINUTES - offset_minutes
    return saturate_u64(begin_minutes * MINUTE_NS)


def month_number(days: int) -> int:
    """Return the month (year * 12 + 0..11) of a day counted from 1 January 1968."""
    year = 1968 + days // 366
    while first_day(year + 1) <= days:
        year += 1
    left = days - first_day(year)
    for month, length in enumerate(MONTH_DAYS):
        length += month == 1 and is_leap(year)
        if left < length:
            return year * 12 + month
        left -= length
    return year * 12 + 11


def first_day(year: int) -> int:
    """Return the days from 1 January 1968 to 1 January of a year not before it."""
    past = year - 1
    return 365 * (year - 1968) + past // 4 - past // 100 + past // 400 - 476


def is_leap(year: int) -> bool:
    """Return whether a year has 29 February (Gregorian calendar)."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
