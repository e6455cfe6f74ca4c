"""Candles by the clock of a time zone, and windows that begin at a whole minute, against sums by hand.

Forms: binance/binance-spot-api-docs, rest-api.md: klines with `timeZone`, "Rolling window price change statistics".
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tarazy.facility.feeds.intervals import DAY_NS, HOUR_NS, MINUTE_NS
from tarazy.facility.feeds.klines import Kline, Window
from tarazy.facility.feeds.ticker import window_candle, window_open
from tarazy.facility.feeds.units import Units
from tarazy.facility.feeds.zones import (
    STEPS_MAX,
    ZoneError,
    end_of_hour,
    is_same_as_utc,
    offset_of,
    step_minutes,
    zone_candles,
    zone_window,
)

ALMATY, KATHMANDU = offset_of("5"), offset_of("05:45")
UNITS = Units(1, 1)


def at(text: str) -> int:
    """Return a time in UTC nanoseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


def hour(begin: str, price: int, lots: int, number: int) -> Kline:
    """Return a stored candle of an hour with one trade."""
    start = at(begin)
    return Kline(start, start + HOUR_NS, *[price] * 4, lots, price * lots, 0, 0, 1, number, UNITS)


def told(candles: list[Kline]) -> list[tuple[str, int, int, int]]:
    """Return when each candle begins in UTC, open, close and lots."""
    return [
        (datetime.fromtimestamp(each.start_ns // 10**9, UTC).isoformat()[:16], each[2], each[5], each.lots)
        for each in candles
    ]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("0", 0),
        ("5", 300),
        ("+5", 300),
        (" 5", 300),  # a plus that was not percent-encoded
        ("05:45", 345),
        ("-1:00", -60),
        ("-12:00", -720),
        ("14:00", 840),
    ],
)
def test_zone_is_hours_with_or_without_minutes(text: str, minutes: int) -> None:
    assert offset_of(text) == minutes * MINUTE_NS


@pytest.mark.parametrize("text", ["", "x", "5:3", "5:60", "-12:15", "14:15", "15", "100", "5:07", "--5", "5.5"])
def test_zone_beyond_the_bounds_or_off_the_quarter_is_none(text: str) -> None:
    with pytest.raises(ZoneError):
        offset_of(text)


@pytest.mark.parametrize(
    ("interval", "offset", "same"),
    [
        ("1h", ALMATY, True),
        ("2h", ALMATY, False),
        ("15m", KATHMANDU, True),
        ("30m", KATHMANDU, False),
        ("1d", ALMATY, False),
        ("1M", ALMATY, False),
        ("1M", 0, True),
    ],
)
def test_only_lengths_that_do_not_fit_the_offset_begin_elsewhere(interval: str, offset: int, same: bool) -> None:
    assert is_same_as_utc(interval, offset) is same


def test_stored_candles_of_an_offset_are_the_longest_that_fit() -> None:
    assert [step_minutes(offset_of(text)) for text in ("5", "-3:30", "5:45", "-12")] == [60, 30, 15, 60]


def test_day_of_almaty_begins_at_nineteen_hours_utc_and_a_quiet_one_is_flat() -> None:
    stored = [
        hour("2026-11-27T18:00", 90, 1, 1),  # the last hour of 27 November there, before the window
        hour("2026-11-28T18:00", 100, 2, 2),  # 23:00 of the 28th
        hour("2026-11-28T19:00", 110, 3, 3),  # midnight: the 29th
        hour("2026-11-29T18:00", 105, 4, 4),  # 23:00 of the 29th
    ]
    asked = zone_window("1d", ALMATY, at("2026-12-01T00:00"), None, None, 4)
    assert told(zone_candles("1d", ALMATY, asked, stored)) == [
        ("2026-11-27T19:00", 100, 100, 2),
        ("2026-11-28T19:00", 110, 105, 7),
        ("2026-11-29T19:00", 105, 105, 0),
        ("2026-11-30T19:00", 105, 105, 0),  # 1 December has begun there at 19:00
    ]


def test_month_of_almaty_ends_five_hours_before_that_of_utc() -> None:
    stored = [hour("2026-11-30T18:00", 100, 1, 1), hour("2026-11-30T19:00", 120, 2, 2)]
    asked = zone_window("1M", ALMATY, at("2026-12-15T00:00"), at("2026-10-31T19:00"), None, 10)
    assert told(zone_candles("1M", ALMATY, asked, stored)) == [
        ("2026-10-31T19:00", 100, 100, 1),
        ("2026-11-30T19:00", 120, 120, 2),
    ]


def test_start_and_end_of_a_question_are_times_of_utc() -> None:
    """rest-api.md: startTime and endTime are always interpreted in UTC."""
    bounds = at("2026-11-28T19:00"), at("2026-11-30T18:59")
    first, last = zone_window("1d", ALMATY, at("2026-12-01T00:00"), *bounds, 500)
    assert (first - ALMATY, last - ALMATY) == (at("2026-11-28T19:00"), at("2026-11-29T19:00"))


def test_window_that_would_merge_too_much_is_shorter_at_its_far_end() -> None:
    now = at("2026-12-01T00:00")
    newest, oldest = (zone_window("1M", ALMATY, now, start, None, 1_000) for start in (None, at("1975-01-01T00:00")))
    for first, last in (newest, oldest):
        assert last - first <= STEPS_MAX * HOUR_NS < last - first + 40 * DAY_NS
    assert newest.last_ns == at("2026-12-01T00:00")  # of its own clock: 1 December has begun there
    assert oldest.first_ns == at("1975-02-01T00:00")


def test_rolling_window_opens_at_the_minute_of_the_published_example() -> None:
    """rest-api.md: closeTime 1641287867099 and 1d make openTime 1641201420000."""
    assert window_open(1_641_287_867_099 * 10**6, DAY_NS) == 1_641_201_420_000 * 10**6
    assert end_of_hour(at("2026-11-30T10:00")) == at("2026-11-30T10:00")
    assert end_of_hour(at("2026-11-30T10:01")) == at("2026-11-30T11:00")


def test_window_is_one_candle_flat_where_quiet_and_nothing_before_the_first_trade() -> None:
    open_ns, close_ns = at("2026-11-28T18:30"), at("2026-11-28T20:00")
    rows = [hour("2026-11-28T18:00", 100, 2, 2), hour("2026-11-28T19:00", 110, 3, 3)]
    inside = window_candle(open_ns, close_ns, rows, UNITS)
    assert inside is not None
    assert (inside.start_ns, inside.open_ticks, inside.lots, inside.quote_minor, inside.trades) == (
        open_ns,
        110,
        3,
        330,
        1,
    )
    quiet = window_candle(open_ns, close_ns, rows[:1], UNITS)
    assert quiet is not None
    assert (quiet.open_ticks, quiet.close_ticks, quiet.lots, quiet.last_number) == (100, 100, 0, 2)
    assert window_candle(open_ns, close_ns, [], UNITS) is None
    assert zone_candles("1d", ALMATY, Window(0, 0), []) == []
