"""QuickFIX trades over FIX: what it is told equals what the ledger holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ..fix_client import FixKey, quickfix_client
from ..trading_stage import Served, make_facility, served

PORTS = ("--fix-port", "0", "--fix-market-data-port", "0")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a facility by FIX for all tests of this file."""
    directory = tmp_path_factory.mktemp("fix") / "facility"
    make_facility(directory)
    with served(directory, *PORTS) as found:
        yield found


def test_orders_are_placed_filled_changed_and_canceled(running: Served, tmp_path: Path) -> None:
    maker, taker = FixKey(running.directory, 1), FixKey(running.directory, 2)
    orders = running.fix["orders"]
    with (
        quickfix_client(orders, maker, "MAKER", tmp_path) as first,
        quickfix_client(orders, taker, "TAKER", tmp_path) as second,
    ):
        first.say("D", {11: "bid-1", 55: "BTCUSD", 54: 1, 40: 2, 38: "2", 44: "100", 59: 1})
        placed = first.next("8", f11="bid-1")
        assert (placed[150], placed[39], placed[14], placed[151]) == ("0", "0", "0.00000000", "2.00000000")
        second.say("D", {11: "sell-1", 55: "BTCUSD", 54: 2, 40: 1, 38: "0.5"})
        filled = second.next("8", f150="F")
        assert (filled[39], filled[31], filled[32], filled[1057]) == ("2", "100.00000000", "0.50000000", "Y")
        bought = first.next("8", f150="F")
        assert (bought[39], bought[14], bought[151], bought[1057]) == ("1", "0.50000000", "1.50000000", "N")
        assert (bought[1003], bought[138]) == (filled[1003], "BTC")
