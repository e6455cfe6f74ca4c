"""freqtrade trades an hour of a made-up market, its stop loss on the exchange, and believes what the ledger knows.

The clocks of the facility and of the bot run forty times as fast. The oracle is the record: trades and balances from a
replay by the specification, compared with what the bot's own interface tells.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tarazy.cli.engines import load_engine
from tarazy.cli.journal.seek import command_frames
from tarazy.domain.records import RECORD_SIZE, EventKind, TradeExecuted
from tarazy.spec.venue import Venue

from ..servers import ROOT
from ..trading_bot import Bot, bot_environment, fast_clock, running_bot
from ..trading_stage import COIN, make_facility, new_key

FACTOR, HOUR_S = 40, 3_600
BOT, ACCOUNTS = 1, 7
SETTLE_S, STARTS = 30.0, 5


@contextmanager
def live_market(folder: Path, environment: dict[str, str]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve a facility whose market trades by itself; return its address and the process."""
    command = [sys.executable, "-m", "tests.live_stage", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"], process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


def settled(bot: Bot) -> tuple[Any, Any]:
    """Return the bot's orders and balances once two looks agree and it waits for no order but its stop."""
    give_up, before = time.monotonic() + SETTLE_S, None
    while time.monotonic() < give_up:
        time.sleep(1)
        open_trades = bot.ask("status")
        seen = ([*bot.ask("trades")["trades"], *open_trades], bot.ask("balance")["currencies"])
        orders = [
            (order["order_id"], order["status"], order["filled"]) for trade in seen[0] for order in trade["orders"]
        ]
        money = [(row["currency"], row["free"], row["used"]) for row in seen[1]]
        if before == (orders, money):
            return seen
        before = (orders, money)
    raise AssertionError(f"the bot does not come to rest: {bot.log.read_text()[-2000:]}")


def numbers(trades: Any) -> set[tuple[str, str]]:
    """Return the orders of trades, and how they stand."""
    return {(order["order_id"], order["status"]) for trade in trades for order in trade["orders"]}


def remembered(bot: Bot) -> tuple[Any, Any]:
    """Return the bot's orders and balances after a start from which it ordered nothing.

    It asks for balances at its start and then once an hour: what it ordered after that it does not yet count as held.
    """
    before = numbers(settled(bot)[0])
    for _ in range(STARTS):
        bot.begin_again()
        seen = settled(bot)
        if numbers(seen[0]) == before:
            return seen
        before = numbers(seen[0])
    raise AssertionError(f"the bot orders anew after each of {STARTS} starts: {bot.log.read_text()[-2000:]}")


def replayed(directory: Path) -> tuple[Any, dict[str, list[TradeExecuted]]]:
    """Return the specification's state at the record's end, and the trades of the bot's account by order."""
    engine, trades = load_engine("spec")(), defaultdict(list)
    kind = int(EventKind.trade_executed).to_bytes(2, "little")
    for frame in command_frames(directory):
        events = engine.apply(frame.commands)
        for at in range(0, len(events), RECORD_SIZE):
            if events[at : at + 2] == kind:
                trade = TradeExecuted.unpack(events, at)
                if BOT in (trade.maker_account_id, trade.taker_account_id):
                    mine = trade.maker_order_id if trade.maker_account_id == BOT else trade.taker_order_id
                    trades[str(mine)].append(trade)
    return Venue.restore(engine.snapshot()).state, trades


def test_freqtrade_trades_an_hour_and_its_view_is_the_ledger_s(tmp_path: Path) -> None:
    bot_environment()
    facility = tmp_path / "facility"
    make_facility(facility, accounts=ACCOUNTS, engine="core")
    environment = fast_clock(tmp_path, FACTOR)
    with (
        live_market(facility, environment) as (url, server),
        running_bot(tmp_path, url, new_key(facility, BOT), environment) as bot,
    ):
        bot.trade(HOUR_S / FACTOR)
        server.send_signal(signal.SIGUSR1)
        bot.ask("pause", b"")
        trades, balances = remembered(bot)
    state, executed = replayed(facility)
    closed = [trade for trade in trades if not trade["is_open"]]
    assert len(closed) >= 3, f"expected a bot that trades, found {closed}"
    assert "stoploss_on_exchange" in {trade["exit_reason"] for trade in closed}
    orders = {order["order_id"]: order for trade in trades for order in trade["orders"]}
    # What it holds filled, order by order, is what the record says was traded: lots are 10^-8 BTC, prices whole USD.
    filled = {number: (order["filled"], order["cost"]) for number, order in orders.items() if order["filled"]}
    assert filled == {
        number: (
            pytest.approx(sum(each.quantity_lots for each in found) / COIN, abs=1e-9),
            pytest.approx(sum(each.quantity_lots * each.price_ticks for each in found) / COIN, abs=1e-6),
        )
        for number, found in executed.items()
    }
    codes = {asset.asset_id: asset.asset_code.rstrip(b"\0").decode() for asset in state.assets}
    ledger = {code: state.ledger.balance(BOT, asset_id) for asset_id, code in codes.items()}
    assert {row["currency"]: (row["free"], row["used"]) for row in balances} == {
        code: (
            pytest.approx(balance.available.minor / COIN, abs=1e-8),
            pytest.approx(balance.held.minor / COIN, abs=1e-8),
        )
        for code, balance in ledger.items()
    }
