"""Bitstamp files: what the rows of an order say decides how it is played, and the trades happen by themselves."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from tarazy.market_data.bitstamp import BitstampFlow

from .bitstamp_writer import HEADER, TRADES_HEADER, bitstamp_day
from .playing import played, recorded

T0 = 1_700_000_000_000
SNAPSHOT = [
    (11, T0, "99", "1", "created", "bid"),
    (12, T0, "98", "2", "created", "bid"),
    (13, T0, "0.0", "1", "created", "bid"),
    (21, T0, "101", "1", "created", "ask"),
    (22, T0, "101", "1", "created", "ask"),
    (23, T0, "102", "3", "created", "ask"),
]
Event = tuple[int, int, str, str, str, str]


def write(folder: Path, events: list[Event], trades: list[tuple[str, str, int, int]]) -> tuple[Path, Path]:
    """Write an order file of (id, ms, price, volume, action, direction) and a trades file."""
    rows = [f"{i},{ms + 60},{ms},{price},{volume},{action},{side}" for i, ms, price, volume, action, side in events]
    truth = [f"{n},0,{T0},{price},{amount},{buy},{sell},buy" for n, (price, amount, buy, sell) in enumerate(trades)]
    (folder / "orders.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    (folder / "trades.csv").write_text("\n".join([TRADES_HEADER, *truth]) + "\n")
    return folder / "orders.csv", folder / "trades.csv"


def play_events(folder: Path, events: list[Event], trades: list[tuple[str, str, int, int]]) -> Any:
    """Return the report of playing the snapshot and then the events."""
    return played(BitstampFlow(*write(folder, SNAPSHOT + events, trades)))


def assert_exact(report: Any, count: int) -> None:
    """Assert that all trades were made as recorded and no other."""
    assert (report.truth, report.exact, report.partial, report.missing, report.extra) == (count, count, 0, 0, 0), [
        str(difference) for difference in report.differences
    ]


def test_aggressor_sweeps_the_queue_in_price_and_time_priority(tmp_path: Path) -> None:
    events: list[Event] = [
        (31, T0 + 5, "102", "2.5", "created", "bid"),
        (31, T0 + 5, "101", "1.5", "changed", "bid"),
        (21, T0 + 5, "101", "0", "deleted", "ask"),
        (31, T0 + 5, "101", "0.5", "changed", "bid"),
        (22, T0 + 5, "101", "0", "deleted", "ask"),
        (31, T0 + 5, "102", "0", "deleted", "bid"),
        (23, T0 + 5, "102", "2.5", "changed", "ask"),
    ]
    report = play_events(tmp_path, events, [("101", "1", 31, 21), ("101", "1", 31, 22), ("102", "0.5", 31, 23)])
    assert_exact(report, 3)
    assert report.executions_in_rows == report.executions_reproduced == 3


def test_order_created_and_deleted_whole_is_refused_as_post_only(tmp_path: Path) -> None:
    events: list[Event] = [(31, T0 + 5, "101", "1", "created", "bid"), (31, T0 + 5, "101", "1", "deleted", "bid")]
    report = play_events(tmp_path, events, [])
    assert_exact(report, 0)
    assert report.refused == {"post_only_would_cross": 1}


def test_market_order_at_price_zero_takes_what_rests(tmp_path: Path) -> None:
    events: list[Event] = [
        (31, T0 + 5, "0.0", "0.25", "created", "ask"),
        (31, T0 + 5, "99", "0", "deleted", "ask"),
        (11, T0 + 5, "99", "0.75", "changed", "bid"),
    ]
    assert_exact(play_events(tmp_path, events, [("99", "0.25", 11, 31)]), 1)


def test_cash_order_takes_its_size_from_what_it_met(tmp_path: Path) -> None:
    events: list[Event] = [
        (31, T0 + 5, "999999999.0", "0.0", "created", "bid"),
        (31, T0 + 5, "101", "0", "changed", "bid"),
        (21, T0 + 5, "101", "0", "deleted", "ask"),
        (31, T0 + 5, "101", "0", "deleted", "bid"),
        (22, T0 + 5, "101", "0.4", "changed", "ask"),
    ]
    report = play_events(tmp_path, events, [("101", "1", 31, 21), ("101", "0.6", 31, 22)])
    assert_exact(report, 2)
    assert report.played["cash_orders"] == 1


def test_rest_of_an_aggressor_rests_and_trades_later(tmp_path: Path) -> None:
    events: list[Event] = [
        (31, T0 + 5, "99", "1.5", "created", "ask"),
        (31, T0 + 5, "99", "0.5", "changed", "ask"),
        (11, T0 + 5, "99", "0", "deleted", "bid"),
        (32, T0 + 9, "99", "0.5", "created", "bid"),
        (32, T0 + 9, "99", "0", "deleted", "bid"),
        (31, T0 + 9, "99", "0", "deleted", "ask"),
    ]
    assert_exact(play_events(tmp_path, events, [("99", "1", 11, 31), ("99", "0.5", 32, 31)]), 2)


def test_amendment_down_keeps_the_place_and_up_loses_it(tmp_path: Path) -> None:
    events: list[Event] = [
        (21, T0 + 3, "101", "0.5", "changed", "ask"),
        (31, T0 + 5, "101", "0.5", "created", "bid"),
        (31, T0 + 5, "101", "0", "deleted", "bid"),
        (21, T0 + 5, "101", "0", "deleted", "ask"),
        (24, T0 + 6, "101", "1", "created", "ask"),
        (22, T0 + 7, "101", "2", "changed", "ask"),
        (32, T0 + 9, "101", "1", "created", "bid"),
        (32, T0 + 9, "101", "0", "deleted", "bid"),
        (24, T0 + 9, "101", "0", "deleted", "ask"),
    ]
    report = play_events(tmp_path, events, [("101", "0.5", 31, 21), ("101", "1", 32, 24)])
    assert_exact(report, 2)
    assert report.played["amendments"] == 2


def test_cancel_behind_the_aggressor_of_its_millisecond_goes_first(tmp_path: Path) -> None:
    events: list[Event] = [
        (31, T0 + 5, "101", "1", "created", "bid"),
        (31, T0 + 5, "101", "0", "deleted", "bid"),
        (22, T0 + 5, "101", "0", "deleted", "ask"),
        (21, T0 + 5, "101", "1", "deleted", "ask"),
    ]
    report = play_events(tmp_path, events, [("101", "1", 31, 22)])
    assert_exact(report, 1)
    assert report.played["reordered"] == 1


def test_snapshot_order_that_was_gone_is_retired_by_the_fill_behind_it(tmp_path: Path) -> None:
    sweep: list[Event] = [(i, T0 + 900, "100", "1", "deleted", "ask") for i in (21, 23)]
    events: list[Event] = [
        (31, T0 + 5, "101", "1", "created", "bid"),
        (31, T0 + 5, "101", "0", "deleted", "bid"),
        (22, T0 + 5, "101", "0", "deleted", "ask"),
        *sweep,
        (11, T0 + 900, "99", "1", "deleted", "bid"),
        (12, T0 + 900, "98", "2", "deleted", "bid"),
    ]
    report = play_events(tmp_path, events, [("101", "1", 31, 22)])
    assert_exact(report, 1)
    assert report.played["retired"] == 1
    assert report.played["cancels"] == 0, "the closing sweep is not played"


def test_snapshot_queue_that_a_fill_contradicts_is_reordered(tmp_path: Path) -> None:
    events: list[Event] = [
        (31, T0 + 5, "101", "1", "created", "bid"),
        (31, T0 + 5, "101", "0", "deleted", "bid"),
        (22, T0 + 5, "101", "0", "deleted", "ask"),
        (32, T0 + 9, "101", "1", "created", "bid"),
        (32, T0 + 9, "101", "0", "deleted", "bid"),
        (21, T0 + 9, "101", "0", "deleted", "ask"),
    ]
    report = play_events(tmp_path, events, [("101", "1", 31, 22), ("101", "1", 32, 21)])
    assert_exact(report, 2)
    assert report.played["requeued"] == 1


def test_order_without_a_creation_is_placed_by_its_age(tmp_path: Path) -> None:
    events: list[Event] = [
        (30, T0 + 4, "97", "1", "created", "bid"),
        (31, T0 + 5, "100", "0.5", "created", "bid"),
        (31, T0 + 5, "100", "0", "deleted", "bid"),
        (25, T0 + 5, "100", "0.5", "changed", "ask"),
        (25, T0 + 8, "100", "0.5", "deleted", "ask"),
    ]
    report = play_events(tmp_path, events, [("100", "0.5", 31, 25)])
    assert_exact(report, 1)
    assert report.played["seeded"] == 1


def test_aggressor_that_the_file_never_creates_is_missing_with_that_cause(tmp_path: Path) -> None:
    events: list[Event] = [(21, T0 + 5, "101", "0", "deleted", "ask")]
    report = play_events(tmp_path, events, [("101", "1", 77, 21)])
    assert (report.exact, report.missing) == (0, 1)
    assert "no creation of the aggressor 77" in report.differences[0].cause or "no row" in report.differences[0].cause


def test_trade_that_the_orders_deny_is_missing_with_their_rows_as_cause(tmp_path: Path) -> None:
    events: list[Event] = [(31, T0 + 5, "100", "1", "created", "bid"), (31, T0 + 50, "100", "1", "deleted", "bid")]
    report = play_events(tmp_path, events, [("101", "1", 31, 21)])
    assert report.missing == 1
    assert "never traded" in report.differences[0].cause
    assert "line 8" in report.differences[0].cause


def test_trade_that_only_we_make_is_extra_and_names_what_was_in_reach(tmp_path: Path) -> None:
    events: list[Event] = [
        (31, T0 + 5, "101", "1", "created", "bid"),
        (31, T0 + 5, "101", "0", "deleted", "bid"),
        (22, T0 + 5, "101", "0", "deleted", "ask"),
        (21, T0 + 9, "101", "0.9", "changed", "ask"),
        (21, T0 + 99, "101", "0.9", "deleted", "ask"),
    ]
    report = play_events(tmp_path, events, [("101", "0.4", 31, 22), ("101", "0.6", 31, 23)])
    assert report.exact == 0
    assert {d.kind for d in report.differences} == {"partial", "missing"}
    assert all(d.cause for d in report.differences)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_day_is_reproduced_whole(tmp_path: Path, seed: int) -> None:
    report = played(BitstampFlow(*bitstamp_day(seed, 2500).save(tmp_path)))
    assert_exact(report, report.truth)
    assert report.truth > 300


@pytest.mark.parametrize(("shuffled", "lost_share", "floor"), [(True, 0, 96), (False, 0.01, 94)])
def test_disordered_or_holed_record_is_mostly_reproduced_and_every_difference_has_a_cause(
    tmp_path: Path, shuffled: bool, lost_share: float, floor: int
) -> None:
    day = bitstamp_day(4, 2500)
    report = played(BitstampFlow(*day.save(tmp_path, shuffled=shuffled, lost_share=lost_share)))
    assert 100 * report.exact >= floor * report.truth
    assert report.exact + report.partial + report.missing == report.truth
    assert len(report.differences) == report.partial + report.missing + report.extra
    assert all(difference.cause for difference in report.differences)


def test_events_between_snapshot_and_first_row_are_made_good(tmp_path: Path) -> None:
    report = played(BitstampFlow(*bitstamp_day(2, 2500, lost_steps=60).save(tmp_path)))
    assert 1000 * report.exact >= 995 * report.truth
    assert report.played["retired"] > 0


def test_both_engines_give_the_same_report(tmp_path: Path, engine: Any) -> None:
    report = played(BitstampFlow(*bitstamp_day(5, 600).save(tmp_path)), engine)
    assert_exact(report, report.truth)


def test_crlf_quotes_dotted_header_and_blank_lines_are_read(tmp_path: Path) -> None:
    orders, trades = bitstamp_day(1, 300).save(tmp_path)
    text = orders.read_text().replace("exchange_timestamp", "exchange.timestamp")
    quoted = "\r\n".join(",".join(f'"{value}"' for value in line.split(",")) for line in text.splitlines())
    orders.write_text(quoted + "\r\n\r\n", newline="")
    report = played(BitstampFlow(orders, trades))
    assert_exact(report, report.truth)


def test_file_in_order_of_arrival_is_put_in_order_of_the_exchange(tmp_path: Path) -> None:
    day = bitstamp_day(3, 600)
    for place in range(200, len(day.rows) - 200, 9):
        if day.rows[place][0] < day.rows[place + 1][0]:
            day.rows[place], day.rows[place + 1] = day.rows[place + 1], day.rows[place]
    report = played(BitstampFlow(*day.save(tmp_path)))
    assert_exact(report, report.truth)


def test_prices_with_cents_make_a_quote_scale_that_is_exact(tmp_path: Path) -> None:
    flow = BitstampFlow(*bitstamp_day(1, 100).save(tmp_path))
    assert flow.plan.quote_scale == flow.survey.price_places + flow.survey.volume_places
    assert flow.plan.tick_value_minor == 1


def with_seconds(orders: Path, unit: int) -> None:
    """Let the exchange's times of a file show whole seconds only: as milliseconds (unit 1000), or as seconds (1)."""
    header, *rows = orders.read_text().splitlines()
    values = [row.split(",") for row in rows]
    for each in values:
        each[2] = str(int(each[2]) // 1000 * unit)
    orders.write_text("\n".join([header, *map(",".join, values)]) + "\n")


@pytest.mark.parametrize("unit", [1000, 1], ids=["milliseconds", "seconds"])
@pytest.mark.parametrize("seed", [1, 2])
def test_whole_seconds_are_said_and_played_in_the_order_of_the_file(tmp_path: Path, seed: int, unit: int) -> None:
    orders, trades = bitstamp_day(seed, 2500).save(tmp_path)
    with_seconds(orders, unit)
    flow = BitstampFlow(orders, trades)
    assert "exchange_timestamp is in" in flow.remarks[0]
    report = played(flow)
    assert 100 * report.exact >= 99 * report.truth
    assert report.extra <= report.truth // 100


@pytest.mark.slow
def test_recorded_half_hour_in_whole_seconds_is_reproduced_too(tmp_path: Path) -> None:
    orders, trades = recorded("bitstamp_btcusd_l3_orders.csv.gz"), recorded("bitstamp_btcusd_trades.csv.gz")
    coarse = tmp_path / "orders.csv"
    coarse.write_bytes(gzip.decompress(orders.read_bytes()))
    with_seconds(coarse, 1000)
    assert_exact(played(BitstampFlow(coarse, trades)), 284)


@pytest.mark.slow
def test_recorded_half_hour_is_reproduced_with_all_its_trades() -> None:
    orders, trades = recorded("bitstamp_btcusd_l3_orders.csv.gz"), recorded("bitstamp_btcusd_trades.csv.gz")
    assert_exact(played(BitstampFlow(orders, trades)), 284)
