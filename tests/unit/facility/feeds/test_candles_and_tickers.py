"""Candles, tickers and trades in memory against sums over the events themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tarazy.facility.feeds.intervals import INTERVALS, first_start, next_start, start_of, steps_back
from tarazy.facility.feeds.klines import SLACK, Kline
from tarazy.facility.feeds.streams.messages import average_text, ticker_plain, window_ticker_plain
from tarazy.facility.feeds.streams.names import WINDOWS_NS, UnknownStreamError, parse
from tarazy.facility.feeds.tape import aggregates
from tarazy.facility.feeds.views import BeyondMemoryError
from tarazy.facility.projections.candles import FIRST_TRADE, TRADES, TURNOVER

from ....floor import ALICE, BOB, MARKET, SECOND_NS
from .playing import Life, frames, new_views


def at(text: str) -> int:
    """Return a time in UTC nanoseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND_NS


@pytest.mark.parametrize(
    ("interval", "moment", "start", "end"),
    [
        ("1s", "2026-11-30T07:41:26", "2026-11-30T07:41:26", "2026-11-30T07:41:27"),
        ("3m", "2026-11-30T07:41:26", "2026-11-30T07:39:00", "2026-11-30T07:42:00"),
        ("12h", "2026-11-30T13:00:00", "2026-11-30T12:00:00", "2026-12-01T00:00:00"),
        ("1w", "2026-11-29T23:59:59", "2026-11-23T00:00:00", "2026-11-30T00:00:00"),
        ("1M", "2026-12-31T23:59:59", "2026-12-01T00:00:00", "2027-01-01T00:00:00"),
        ("1M", "2028-02-29T00:00:00", "2028-02-01T00:00:00", "2028-03-01T00:00:00"),
    ],
)
def test_candle_begins_and_ends_where_the_calendar_says(interval: str, moment: str, start: str, end: str) -> None:
    assert start_of(interval, at(moment)) == at(start)
    assert next_start(interval, at(start)) == at(end)
    assert first_start(interval, at(moment)) == (at(end) if moment != start else at(start))


@pytest.mark.parametrize("interval", INTERVALS)
def test_steps_back_are_as_many_steps_forward(interval: str) -> None:
    start = start_of(interval, at("2026-11-30T07:41:26"))
    begin = steps_back(interval, start, 14)
    for _ in range(14):
        begin = next_start(interval, begin)
    assert begin == start


def trade(life: Life, moment: str, price: int, lots: int, *, buyer_comes: bool = True) -> None:
    """Let Alice buy from Bob at a time."""
    life.floor.now = at(moment)
    first, second = ((life.floor.sell, BOB), (life.floor.buy, ALICE))[:: 1 if buyer_comes else -1]
    first[0](first[1], lots, price)
    second[0](second[1], lots, price)


def told(candles: list[Kline]) -> list[tuple[str, int, int, int, int, int, int, int]]:
    """Return time of day, open, high, low, close, lots, lots that takers bought and trades."""
    return [
        (datetime.fromtimestamp(c.start_ns // SECOND_NS, UTC).strftime("%H:%M:%S"), *c[2:7], c.taker_buy_lots, c.trades)
        for c in candles
    ]


@pytest.fixture
def traded() -> Life:
    """Return a market with four trades in three minutes, then nothing for two."""
    life = Life()
    trade(life, "2026-11-30T10:00:01", 100, 2)
    trade(life, "2026-11-30T10:00:59", 110, 3, buyer_comes=False)
    trade(life, "2026-11-30T10:01:00", 105, 1)
    trade(life, "2026-11-30T10:03:30", 90, 7)
    life.floor.now = at("2026-11-30T10:05:10")
    return life


def test_minutes_without_trades_are_flat_candles_at_the_close_before(traded: Life) -> None:
    """The dialect's klines have no gaps: an interval without trades repeats the last close with volume 0."""
    assert told(traded.views.candles(MARKET, "1m", 500)) == [
        ("10:00:00", 100, 110, 100, 110, 5, 2, 2),
        ("10:01:00", 105, 105, 105, 105, 1, 1, 1),
        ("10:02:00", 105, 105, 105, 105, 0, 0, 0),
        ("10:03:00", 90, 90, 90, 90, 7, 7, 1),
        ("10:04:00", 90, 90, 90, 90, 0, 0, 0),
        ("10:05:00", 90, 90, 90, 90, 0, 0, 0),
    ]


@pytest.mark.parametrize(
    ("start", "end", "limit", "expected"),
    [
        (None, None, 2, ["10:04:00", "10:05:00"]),
        ("10:01:01", None, 2, ["10:02:00", "10:03:00"]),
        ("10:01:00", "10:02:59", 500, ["10:01:00", "10:02:00"]),
        (None, "10:01:59", 500, ["10:00:00", "10:01:00"]),
        (None, "09:59:59", 500, []),
        ("10:06:00", None, 500, []),
    ],
)
def test_window_of_candles_is_the_one_asked_for(
    traded: Life, start: str | None, end: str | None, limit: int, expected: list[str]
) -> None:
    """startTime and endTime bound the open times, both included; without a start the newest ones count."""
    begin, finish = (at(f"2026-11-30T{each}") if each else None for each in (start, end))
    assert [each[0] for each in told(traded.views.candles(MARKET, "1m", limit, begin, finish))] == expected


@pytest.mark.parametrize("interval", ["3m", "1h", "1d", "3d", "1w", "1M"])
def test_longer_candle_is_that_of_all_trades_in_it(traded: Life, interval: str) -> None:
    candles = traded.views.candles(MARKET, interval, 500)
    first = (100, 110, 100, 105, 6, 3, 3) if interval == "3m" else (100, 110, 90, 90, 13, 10, 4)
    assert told(candles)[0][1:] == first
    assert sum(each.quote_minor for each in candles) == 100 * 2 + 110 * 3 + 105 * 1 + 90 * 7
    assert candles[0].first_number == 1


def test_ticker_is_of_the_last_day_and_no_longer(traded: Life) -> None:
    symbol = traded.views.symbol(MARKET)
    assert symbol is not None
    ticker = traded.views.ticker(symbol)
    assert ticker.candle is not None
    assert ticker.candle[2:7] == (100, 110, 90, 90, 13)
    plain = ticker_plain(symbol, ticker, (None, None), 0)
    # From 100 to 90 is -10 %; 1265 cents for 13 units of 10^-8 BTC are 97,307,692.30769230... dollars for one.
    assert (plain["P"], plain["w"], plain["F"], plain["L"], plain["n"]) == ("-10.000", "97307692.30769230", 1, 4, 4)
    traded.floor.now = at("2026-12-01T10:01:30")
    later = traded.views.ticker(symbol).candle
    assert later is not None
    assert (later.open_ticks, later.trades) == (105, 2)  # the minute 10:01 is still in: the window is whole minutes
    traded.floor.now = at("2026-12-01T10:04:30")
    flat = traded.views.ticker(symbol).candle
    assert flat is not None
    assert (flat.open_ticks, flat.close_ticks, flat.trades) == (90, 90, 0)


def test_ticker_of_a_shorter_window_opens_at_a_whole_minute_and_says_what_the_dialect_says(traded: Life) -> None:
    """The letters, in their order, are those of web-socket-streams.md, Rolling Window Statistics Streams."""
    symbol = traded.views.symbol(MARKET)
    assert symbol is not None
    traded.floor.now = at("2026-11-30T11:01:30")  # from 10:01 on: 105 and then 90, so -14.286 %
    plain = window_ticker_plain(symbol, "1h", traded.views.ticker(symbol, WINDOWS_NS["1h"]), 5)
    assert "".join(plain) == "eEspPohlcwvqOCFLn"
    assert (plain["e"], plain["E"], plain["P"], plain["F"], plain["L"], plain["n"]) == (
        "1hTicker",
        5,
        "-14.286",
        3,
        4,
        2,
    )
    assert plain["O"] == at("2026-11-30T10:01:00") // 10**6
    assert plain["C"] == at("2026-11-30T11:01:30") // 10**6
    whole = window_ticker_plain(symbol, "4h", traded.views.ticker(symbol, WINDOWS_NS["4h"]), 5)
    assert (whole["e"], whole["F"], whole["n"]) == ("4hTicker", 1, 4)


def test_names_of_rolling_windows_are_those_of_the_dialect() -> None:
    market_of = {"btcusd": MARKET}.get
    for size in ("1h", "4h", "1d"):
        assert parse(f"btcusd@ticker_{size}", market_of)[1:4] == ("windowTicker", MARKET, size)
        assert parse(f"!ticker_{size}@arr", market_of)[1:4] == ("windowTicker", 0, size)
    for name in ("btcusd@ticker_2h", "btcusd@ticker_1h@100ms", "btcusd@miniTicker_1h", "!ticker_7d@arr"):
        with pytest.raises(UnknownStreamError):
            parse(name, market_of)


def test_average_is_quote_by_base_of_five_minutes_and_the_last_price_where_nothing_traded(traded: Life) -> None:
    symbol = traded.views.symbol(MARKET)
    assert symbol is not None
    traded.floor.now = at("2026-11-30T10:05:30")
    found = traded.views.average(MARKET)
    assert found is not None
    assert (found.quote_minor, found.lots) == (110 * 3 + 105 * 1 + 90 * 7, 11)
    traded.floor.now = at("2026-11-30T11:00:00")
    found = traded.views.average(MARKET)
    assert found is not None
    assert average_text(symbol, found.quote_minor, found.lots) == "90000000.00000000"


def test_market_without_trades_has_no_candles_and_an_empty_ticker() -> None:
    life = Life()
    symbol = life.views.symbol(MARKET)
    assert symbol is not None
    assert life.views.candles(MARKET, "1m", 500) == []
    assert life.views.average(MARKET) is None
    assert ticker_plain(symbol, life.views.ticker(symbol), (None, None), 0)["n"] == 0


def test_trades_of_one_taker_at_one_price_are_one_aggregate() -> None:
    life = Life()
    life.floor.now = at("2026-11-30T10:00:00")
    for lots, price in ((1, 100), (2, 100), (4, 101)):
        life.floor.sell(BOB, lots, price)
    life.floor.buy(ALICE, 7, 101)
    life.floor.sell(BOB, 1, 101)
    life.floor.buy(ALICE, 1, 101)
    found = aggregates(life.views.trades(MARKET, 500))
    assert [(a.number, a.first.number, a.last_number, a.lots) for a in found] == [
        (1, 1, 2, 3),
        (2, 3, 3, 4),
        (3, 4, 4, 1),
    ]


def test_memory_is_bounded_and_says_where_it_begins() -> None:
    life = Life()
    life.views.tape.trades_max = life.views.klines.candles_max = 10
    seconds = 10 + SLACK + 5
    for number in range(seconds):
        moment = datetime.fromtimestamp(at("2026-11-30T10:00:00") // SECOND_NS + number, UTC)
        trade(life, moment.replace(tzinfo=None).isoformat(), 100 + number % 3, 1)
    assert len(life.views.trades(MARKET, 500)) == 10
    assert life.views.tape.from_number(MARKET, 1, 500) is None
    with pytest.raises(BeyondMemoryError):
        life.views.candles(MARKET, "1s", 500)
    assert len(life.views.candles(MARKET, "1s", 10)) == 10
    assert len(life.views.klines.candles.rows) < 16 * (10 + SLACK + 1)


@pytest.mark.parametrize("seed", range(4))
def test_candles_of_random_flow_are_sums_of_its_trades(seed: int) -> None:
    views, expected = new_views(), {}
    for frame, events, _ in frames(seed, 2_500):
        views.apply(frame, events)
        for trade in views.tape.fresh:
            for interval in INTERVALS:
                key = (trade.market_id, interval, start_of(interval, trade.ts_ns))
                sums = expected.setdefault(key, [0, 0, trade.number])
                sums[0] += trade.quote_minor
                sums[1] += 1
    rows = views.klines.candles.rows
    assert {key: [row[TURNOVER], row[TRADES], row[FIRST_TRADE]] for key, row in rows.items()} == expected
