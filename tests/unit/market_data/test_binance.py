"""Binance captures: levels follow the differences, trades happen at their price, gaps are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tarazy.market_data.binance import BinanceFlow
from tarazy.market_data.errors import FlowFileError

from .playing import played, recorded

T0 = 1_700_000_000_000
Message = dict[str, Any]
SNAPSHOT: Message = {
    "lastUpdateId": 100,
    "bids": [["99.50000000", "1.00000000"], ["99.00000000", "2.00000000"]],
    "asks": [["100.50000000", "1.00000000"], ["101.00000000", "2.00000000"]],
}


def depth(ms: int, first: int, last: int, bids: list[list[str]], asks: list[list[str]]) -> Message:
    """Return a difference of the book."""
    return {"e": "depthUpdate", "E": T0 + ms, "s": "BTCUSDT", "U": first, "u": last, "b": bids, "a": asks}


def trade(ms: int, number: int, price: str, quantity: str, buyer_is_maker: bool) -> Message:
    """Return a trade."""
    numbers = {"t": number, "p": price, "q": quantity, "m": buyer_is_maker}
    return {"e": "trade", "E": T0 + ms, "T": T0 + ms, "s": "BTCUSDT"} | numbers


def ticker(update: int, bid: str, bid_size: str, ask: str, ask_size: str) -> Message:
    """Return the best quotes."""
    return {"u": update, "s": "BTCUSDT", "b": bid, "B": bid_size, "a": ask, "A": ask_size}


def write(folder: Path, messages: list[Message]) -> Path:
    """Write a capture, a message every 10 ms, wrapped as combined streams are."""
    lines = [
        f"{(T0 + 10 * n) * 1_000_000} {json.dumps(m if 'lastUpdateId' in m else {'stream': 'x', 'data': m})}"
        for n, m in enumerate(messages)
    ]
    path = folder / "capture.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


def play_messages(folder: Path, messages: list[Message], engine: Any = None) -> Any:
    """Return the report of playing a snapshot, a first difference, and the messages."""
    first = depth(0, 99, 101, [["98.00000000", "1.00000000"]], [])
    return played(BinanceFlow(write(folder, [SNAPSHOT, first, *messages])), engine)


def test_levels_follow_the_differences_and_match_the_best_quotes(tmp_path: Path, engine: Any) -> None:
    messages = [
        depth(100, 102, 110, [["99.50", "0.00"], ["99.60", "3.00"]], [["100.50", "0.25"]]),
        ticker(110, "99.60", "3.00", "100.50", "0.25"),
        depth(200, 111, 120, [["99.60", "1.25"], ["99.00", "5.00"]], [["100.50", "0.00"]]),
        ticker(119, "99.60", "1.25", "101.00", "2.00"),
    ]
    report = play_messages(tmp_path, messages, engine)
    assert (report.best_checked, report.best_equal) == (2, 2)
    assert report.levels_equal == report.levels_stated == 4
    assert report.gaps == []
    assert report.refused == {}


def test_trade_is_made_by_our_matching_at_its_price(tmp_path: Path) -> None:
    messages = [trade(50, 1, "99.50", "0.40", True), depth(100, 102, 110, [["99.50", "0.60"]], [])]
    report = play_messages(tmp_path, messages)
    assert (report.trades_recorded, report.trades_whole, report.supplied_lots) == (1, 1, 0)
    assert report.levels_equal == report.levels_stated


def test_trade_proves_what_came_and_went_between_two_differences(tmp_path: Path) -> None:
    messages = [
        trade(50, 1, "100.20", "0.40", False),
        trade(60, 2, "101.00", "0.10", False),
        depth(100, 102, 110, [], [["101.00", "1.90"]]),
        ticker(108, "99.50", "1.00", "100.50", "1.00"),
    ]
    report = play_messages(tmp_path, messages)
    assert (report.trades_recorded, report.trades_whole) == (2, 2)
    assert report.supplied_lots == 4
    assert report.played["withdrawn"] == 1
    assert report.best_equal == 1, "the level that the trade only withdrew is back with the next difference"


def test_trade_that_arrives_after_the_difference_is_played_before_it(tmp_path: Path) -> None:
    messages = [depth(100, 102, 110, [["99.50", "0.60"]], []), trade(50, 1, "99.50", "0.40", True)]
    report = play_messages(tmp_path, messages)
    assert (report.trades_whole, report.supplied_lots) == (1, 0)
    assert report.levels_equal == report.levels_stated


def test_gap_in_the_update_ids_is_named(tmp_path: Path) -> None:
    report = play_messages(tmp_path, [depth(100, 105, 110, [], [])])
    assert report.gaps == [
        "line 3: expected an update that follows id 101, found one that follows 104: 3 updates are missing"
    ]


def test_differences_older_than_the_snapshot_are_passed_over(tmp_path: Path) -> None:
    old = depth(-100, 90, 95, [["99.50", "0.00"]], [])
    report = played(BinanceFlow(write(tmp_path, [old, SNAPSHOT, depth(0, 99, 101, [], [])])))
    assert report.levels_equal == report.levels_stated == 4


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("no time", "expected a local time in nanoseconds, a space, a JSON text"),
        ('5 {"e": ', "expected a JSON text after the time"),
        ("5 [1, 2]", "expected a JSON object"),
        ('5 {"e":"trade","E":1,"m":true,"t":1,"q":"1"}', "expected a field 'p' in a trade message"),
        (
            '5 {"e":"trade","E":1,"m":true,"t":1,"q":"1","p":"x"}',
            "column p: expected a decimal number in a trade message, found 'x'",
        ),
    ],
)
def test_bad_line_is_refused_with_its_number(tmp_path: Path, line: str, message: str) -> None:
    path = write(tmp_path, [SNAPSHOT])
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(FlowFileError) as caught:
        played(BinanceFlow(path))
    assert caught.value.line == 2
    assert message in str(caught.value)


def test_capture_without_a_snapshot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FlowFileError, match="expected a depth snapshot"):
        BinanceFlow(write(tmp_path, [depth(0, 1, 2, [], [])]))


def two_symbols() -> list[Message]:
    """Return a capture of two symbols, each with a snapshot of its own that does not name it."""
    other = {"lastUpdateId": 9000, "bids": [["10.5", "1"]], "asks": [["10.6", "1"]]}
    others = [
        {**depth(0, 8999, 9001, [["10.4", "7"]], []), "s": "ETHUSDT"},
        {**trade(60, 1, "10.5", "0.25", True), "s": "ETHUSDT"},
        {**ticker(9005, "10.50", "0.75", "10.60", "1.00"), "s": "ETHUSDT"},
        {**depth(100, 9002, 9010, [["10.5", "0.75"]], []), "s": "ETHUSDT"},
    ]
    mine = [
        depth(0, 99, 101, [], []),
        trade(50, 1, "99.50", "0.40", True),
        depth(100, 102, 110, [["99.50", "0.6"]], []),
    ]
    return [SNAPSHOT, other, *(message for pair in zip(mine, others, strict=False) for message in pair), others[-1]]


@pytest.mark.parametrize(("wanted", "trades", "levels"), [("BTCUSDT", 1, 4), ("btcusdt", 1, 4), ("ETHUSDT", 1, 3)])
def test_chosen_symbol_is_played_alone(tmp_path: Path, wanted: str, trades: int, levels: int) -> None:
    flow = BinanceFlow(write(tmp_path, two_symbols()), symbol=wanted)
    report = played(flow)
    assert (report.symbol, report.trades_whole, report.trades_recorded) == (wanted.upper(), trades, trades)
    assert report.levels_equal == report.levels_stated == levels
    assert (report.gaps, report.refused) == ([], {})


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("", r"expected one symbol, found 2: BTCUSDT \(3 messages\), ETHUSDT \(4 messages\); choose one with --symbol"),
        ("XRPUSDT", r"expected messages of the symbol 'XRPUSDT', found BTCUSDT \(3"),
    ],
)
def test_several_symbols_are_never_mixed(tmp_path: Path, wanted: str, words: str) -> None:
    with pytest.raises(FlowFileError, match=words):
        BinanceFlow(write(tmp_path, two_symbols()), symbol=wanted)


def test_snapshot_that_could_be_of_either_symbol_is_refused(tmp_path: Path) -> None:
    messages = [SNAPSHOT, depth(0, 99, 101, [], []), {**depth(0, 98, 102, [], []), "s": "ETHUSDT"}]
    with pytest.raises(FlowFileError, match="expected a depth snapshot of BTCUSDT, found one that could be of ETHUSDT"):
        BinanceFlow(write(tmp_path, messages), symbol="BTCUSDT")


@pytest.mark.parametrize("symbol", ["btc_usdt", "1000PEPEUSDT", "币安人生USDT", "BTC-USD", "BTCUSDT_261225"])
def test_symbols_of_real_venues_are_played(tmp_path: Path, symbol: str) -> None:
    messages = [SNAPSHOT, depth(0, 99, 101, [], []), trade(50, 1, "99.50", "0.40", True), depth(100, 102, 110, [], [])]
    report = played(BinanceFlow(write(tmp_path, [{**m, "s": symbol} if "e" in m else m for m in messages])))
    assert (report.orders > 0, report.trades_whole) == (True, 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["btcusdt", "ethusdt"])
def test_recorded_minutes_equal_the_best_quote_stream_after_every_difference(name: str) -> None:
    report = played(BinanceFlow(recorded(f"binance_spot_{name}_20240808.gz")))
    assert report.trades_whole == report.trades_recorded
    assert report.best_equal == report.best_checked > 2000
    assert report.gaps == []
