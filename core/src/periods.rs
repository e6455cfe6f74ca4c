//! Calendar periods of limits: which day and which month a moment lies in, in the stated time zone.
//!
//! A period has a number, counted without gaps: days from 31 December 1969, months from January of year 0. Two moments
//! lie in the same period when its number is the same. Numbers, not times, name the periods, so that a change of the
//! time zone within a month does not begin the month anew.

use crate::records::{LimitPeriod, ParameterTable};
use crate::state::State;

const MINUTE_NS: u64 = 60_000_000_000;
const DAY_MINUTES: u64 = 1440;
/// Days from 1 January 1968 to the day that day number 0 names.
const DAYS_BEFORE: u64 = 730;
const MONTH_DAYS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Return the number of the period in which the state's time lies.
///
/// The parameter is the zone's offset in minutes plus 1440, so that it is never negative; 0 stands for UTC.
pub fn period_number(state: &State, limit_period: u8) -> u32 {
    let offset_minutes = match state.parameter(ParameterTable::TIME_ZONE_OFFSET_MINUTES, 0) {
        0 => DAY_MINUTES,
        stated => stated as u64,
    };
    let day = (state.last_ts_ns / MINUTE_NS + offset_minutes) / DAY_MINUTES;
    if limit_period == LimitPeriod::DAY {
        day as u32
    } else {
        month_number(day + DAYS_BEFORE)
    }
}

/// Return when the local day ends in which the state's time lies, UTC nanoseconds.
pub fn day_end_ns(state: &State) -> u64 {
    let offset_minutes = match state.parameter(ParameterTable::TIME_ZONE_OFFSET_MINUTES, 0) {
        0 => DAY_MINUTES,
        stated => stated as u64,
    };
    let begin_minutes = (period_number(state, LimitPeriod::DAY) as u64 + 1) * DAY_MINUTES - offset_minutes;
    begin_minutes.saturating_mul(MINUTE_NS)
}

/// Return the month (year * 12 + 0..11) of a day counted from 1 January 1968.
fn month_number(days: u64) -> u32 {
    let mut year = 1968 + days / 366;
    while first_day(year + 1) <= days {
        year += 1;
    }
    let mut left = days - first_day(year);
    for (month, mut length) in MONTH_DAYS.into_iter().enumerate() {
        if month == 1 && is_leap(year) {
            length += 1;
        }
        if left < length {
            return year as u32 * 12 + month as u32;
        }
        left -= length;
    }
    year as u32 * 12 + 11
}

/// Return the days from 1 January 1968 to 1 January of a year not before it.
fn first_day(year: u64) -> u64 {
    let past = year - 1;
    365 * (year - 1968) + past / 4 - past / 100 + past / 400 - 476
}

/// Return whether a year has 29 February (Gregorian calendar).
fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}
