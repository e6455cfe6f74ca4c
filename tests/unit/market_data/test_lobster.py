"""LOBSTER files: each execution must hit the order that the exchange hit, also where only some levels are shown."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tarazy.market_data.errors import FlowFileError
from tarazy.market_data.lobster import LobsterFlow
from tarazy.market_data.lobster_rows import midnight_ns, ticker

from .playing import played
from .recorded_exchange import lobster_day

NAME = "AAPL_2012-06-21_34200000_57600000_message_10.csv"


def write(folder: Path, lines: list[str], end: str = "\n") -> Path:
    """Write a message file."""
    path = folder / NAME
    path.write_text(end.join(lines) + end, newline="")
    return path


def play_lines(folder: Path, lines: list[str]) -> Any:
    """Return the report of playing messages."""
    return played(LobsterFlow(write(folder, lines)))


def assert_all_hit(report: Any, executions: int) -> None:
    """Assert that every execution hit the order that the exchange hit."""
    assert (report.executions, report.hit_same_order) == (executions, executions), [
        str(miss) for miss in report.differences
    ]


@pytest.mark.parametrize("levels_shown", [0, 10, 3, 1])
@pytest.mark.parametrize("seed", [1, 2])
def test_random_day_hits_the_same_orders_whatever_the_file_shows(tmp_path: Path, seed: int, levels_shown: int) -> None:
    day = lobster_day(seed, 4000, levels_shown)
    report = play_lines(tmp_path, day.lines)
    assert_all_hit(report, day.executions)
    assert day.executions > 300


def test_both_engines_give_the_same_report(tmp_path: Path, engine: Any) -> None:
    day = lobster_day(3, 1500, 5)
    assert_all_hit(played(LobsterFlow(write(tmp_path, day.lines)), engine), day.executions)


def test_orders_older_than_the_file_queue_by_their_numbers(tmp_path: Path) -> None:
    lines = [
        "34200.1,1,900,10,1000000,1",
        "34200.2,3,120,50,1000100,-1",
        "34200.3,4,110,30,1000100,-1",
        "34200.4,4,130,20,1000100,-1",
        "34200.5,4,900,10,1000000,1",
    ]
    report = play_lines(tmp_path, lines)
    assert_all_hit(report, 3)
    assert report.played["seeded"] == 3


def test_partial_cancel_keeps_the_place_in_the_queue(tmp_path: Path) -> None:
    lines = [
        "34200.1,1,901,100,1000000,1",
        "34200.2,1,902,100,1000000,1",
        "34200.3,2,901,60,1000000,1",
        "34200.4,4,901,40,1000000,1",
        "34200.5,4,902,100,1000000,1",
    ]
    assert_all_hit(play_lines(tmp_path, lines), 2)


def test_order_that_left_the_shown_range_is_retired(tmp_path: Path) -> None:
    lines = ["34200.1,1,901,100,1000000,1", "34200.2,1,902,100,999900,1", "34200.3,4,902,100,999900,1"]
    report = play_lines(tmp_path, lines)
    assert_all_hit(report, 1)
    assert report.played["retired"] == 1


def test_order_with_priority_that_is_mentioned_later_is_a_miss_with_its_cause(tmp_path: Path) -> None:
    lines = [
        "34200.1,1,901,100,1000000,1",
        "34200.2,1,902,100,1000000,1",
        "34200.3,4,902,100,1000000,1",
        "34200.4,3,901,100,1000000,1",
    ]
    report = play_lines(tmp_path, lines)
    assert (report.executions, report.hit_same_order, report.hit_other_order) == (1, 0, 1)
    assert report.differences[0].line == 3
    assert "901" in report.differences[0].cause
    assert sum(report.causes.values()) == 1


def test_hidden_executions_and_crosses_are_counted_and_not_played(tmp_path: Path) -> None:
    lines = ["34200.1,1,901,100,1000000,1", "34200.2,5,0,10,1000050,1", "34200.3,6,-1,500,1000000,-1"]
    report = play_lines(tmp_path, lines)
    assert (report.hidden_executions, report.cross_trades, report.trades) == (1, 1, 0)


def test_halt_stops_the_market_and_resumption_opens_it(tmp_path: Path) -> None:
    lines = [
        "34200.1,1,901,100,1000000,1",
        "34200.2,7,0,0,-1,-1",
        "34200.3,3,901,100,1000000,1",
        "34200.4,7,0,0,0,-1",
        "34200.5,1,902,50,1000000,1",
        "34200.6,7,0,0,1,-1",
        "34200.7,4,902,50,1000000,1",
    ]
    report = play_lines(tmp_path, lines)
    assert_all_hit(report, 1)
    assert report.refused == {}
    assert report.played["halts"] == 3


@pytest.mark.parametrize("packing", ["crlf", "gz", "zip", "header", "blank lines", "no end of line"])
def test_other_forms_of_the_file_are_read(tmp_path: Path, packing: str) -> None:
    day = lobster_day(1, 400)
    text = "\n".join(day.lines) + "\n"
    path = tmp_path / NAME
    if packing == "crlf":
        path.write_text(text.replace("\n", "\r\n"), newline="")
    elif packing == "gz":
        path = tmp_path / f"{NAME}.gz"
        path.write_bytes(gzip.compress(text.encode()))
    elif packing == "zip":
        path = tmp_path / "AAPL.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(NAME, text)
            archive.writestr(NAME.replace("message", "orderbook"), "1")
    else:
        changed = {"header": "Time,Type,OrderID,Size,Price,Direction\n" + text, "blank lines": text + "\n\n"}
        path.write_text(changed.get(packing, text.rstrip()))
    assert_all_hit(played(LobsterFlow(path)), day.executions)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("34200.2,1,902,100,1000000", "expected six values (time, type, order id, size, price, direction), found 5"),
        (
            "soon,1,902,100,1000000,1",
            "column 1 (time): expected seconds after midnight, below 86400, at most 9 places, found 'soon'",
        ),
        ("34200.2,9,902,100,1000000,1", "column 2 (type): expected a type from 1 to 7, found '9'"),
        (
            "34200.2,1,0,100,1000000,1",
            "column 3 (order id): expected an order id above zero, at most 18446744073709551615, found '0'",
        ),
        (
            "34200.2,1,902,many,1000000,1",
            "column 4 (size): expected a size above zero, at most 288230376151711744, found 'many'",
        ),
        (
            "34200.2,1,902,100,-5,1",
            "column 5 (price): expected a price above zero, in units of 0.0001, at most 288230376151711744, found '-5'",
        ),
        ("34200.2,1,902,100,1000000,2", "column 6 (direction): expected a direction 1 (buy) or -1 (sell), found '2'"),
    ],
)
def test_bad_line_is_refused_with_its_number(tmp_path: Path, line: str, message: str) -> None:
    path = write(tmp_path, ["34200.1,1,901,100,1000000,1", line])
    with pytest.raises(FlowFileError) as caught:
        LobsterFlow(path)
    assert caught.value.line == 2
    assert message in str(caught.value)


def test_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("")
    with pytest.raises(FlowFileError, match="expected at least one message, found an empty file"):
        LobsterFlow(tmp_path / NAME)


def test_name_gives_the_day_and_the_ticker() -> None:
    assert midnight_ns(Path(NAME)) == 1_340_236_800_000_000_000
    assert midnight_ns(Path("messages.csv")) == 946_684_800_000_000_000
    assert (ticker(Path(NAME)), ticker(Path("messages.csv"))) == ("AAPL", "SHARE")


def test_messages_that_contradict_each_other_are_played_on_and_counted(tmp_path: Path) -> None:
    lines = [
        "34200.1,1,901,100,1000000,1",
        "34200.2,2,901,400,1000000,1",
        "34200.3,1,902,100,1000000,1",
        "34200.4,1,902,70,999900,1",
        "34200.3,4,902,70,999900,1",
    ]
    report = play_lines(tmp_path, lines)
    assert report.executions == 1
    assert (report.played["too_large"], report.played["duplicate"]) == (1, 1)
