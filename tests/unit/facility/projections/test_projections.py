"""Every projection equals what the engine itself holds, and what is rebuilt equals what grew live.

The engine's state is decoded from its snapshot by `spec`; the projections see events alone.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from tarazy.domain.arithmetic import U64_MAX
from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    EventKind,
    IncrementsChanged,
    MarketOpened,
    OrderAmended,
    Side,
    TradeExecuted,
    WithdrawalKind,
)
from tarazy.facility.projections.balances import Balances
from tarazy.facility.projections.base import Projection
from tarazy.facility.projections.batch import Batch
from tarazy.facility.projections.book import Book
from tarazy.facility.projections.candles import INTERVALS_MIN, MINUTE_NS, Candles
from tarazy.facility.projections.effects import EFFECTS, NO_EFFECT, OF_ORDERS, Pool
from tarazy.facility.projections.open_orders import OpenOrders
from tarazy.facility.projections.orders import Orders, Status
from tarazy.facility.projections.tape import Tape
from tarazy.facility.projections.trades import Trades
from tarazy.facility.projections.transfers import Transfers
from tarazy.facility.projections.withdrawals import Withdrawals, WithdrawalStep
from tarazy.spec.snapshot import decode
from tarazy.spec.state import State
from tests.floor import decode_events

from .histories import History, history

COUNT = 2_500


@pytest.fixture(scope="module", params=range(8), ids=lambda seed: f"seed{seed}")
def played(engine: type[Engine], request: pytest.FixtureRequest) -> History:
    """Return a history of each shape of world."""
    return history(engine, request.param, COUNT)


def grown(kind: type[Projection], played: History) -> Projection:
    """Return a projection that was fed the whole history."""
    projection = kind()
    for frame, events in played.frames:
        projection.apply(frame, events)
    return projection


def records_of(played: History) -> list[tuple[int, object]]:
    """Return the time and the record of every event, in order."""
    found: list[tuple[int, object]] = []
    for frame, events in played.frames:
        batch = Batch(frame, events)
        found += [(batch.times_ns[e.seq - frame.header.first_seq], e) for e in decode_events(events)]
    return found


def trades_of(played: History) -> list[tuple[int, TradeExecuted]]:
    """Return the time and the event of every trade, in order."""
    return [(ts_ns, event) for ts_ns, event in records_of(played) if isinstance(event, TradeExecuted)]


def test_balances_are_those_of_the_engine(played: History) -> None:
    state, balances = decode(played.snapshot), grown(Balances, played)
    assert isinstance(balances, Balances)
    owned = {(key >> 32, key & 0xFFFFFFFF): b for key, b in state.ledger.balances.items()}
    expected = {key: [b.available.minor, b.held.minor] for key, b in owned.items() if b.available.minor or b.held.minor}
    assert balances.accounts.rows == expected
    for asset_id, asset in enumerate(state.ledger.assets, 1):
        for pool in (Pool.shortfall, Pool.unattributed, Pool.fees_earned, Pool.network_float, Pool.house_equity):
            assert balances.pool(asset_id, pool) == getattr(asset, pool.name).minor, (asset_id, pool.name)
        for locations, pool in zip(asset.custody.values(), (Pool.client_custody, Pool.house_custody), strict=True):
            found = [balances.pool(asset_id, pool, at) for at in range(1, len(locations) + 1)]
            assert found == [location.minor for location in locations]


def test_every_kind_of_event_has_its_effect_or_is_known_to_have_none() -> None:
    moving = [kind.name for kind in (*EFFECTS, *OF_ORDERS)]
    assert NO_EFFECT.isdisjoint(moving)
    missing = [kind.name for kind in EventKind if kind.name not in {*moving, *NO_EFFECT}]
    assert not missing, f"say in effects.py what these kinds of event move: {missing}"


def test_every_order_holds_what_its_account_holds_but_for_withdrawals(played: History) -> None:
    state, balances = decode(played.snapshot), grown(Balances, played)
    assert isinstance(balances, Balances)
    held: dict[tuple[int, int], int] = {}
    for account_id, asset_id, _, minor, *_ in balances.holds.rows.values():
        held[account_id, asset_id] = held.get((account_id, asset_id), 0) + minor
    for withdrawal in state.withdrawals.values():
        if withdrawal.kind != WithdrawalKind.withdrawal:
            continue  # a return or a seizure is held in its receipt
        key = (withdrawal.account_id, withdrawal.asset_id)
        held[key] = held.get(key, 0) + withdrawal.amount_minor
    rows = balances.accounts.rows
    # An account with nothing of an asset has no row of it, and may have an order there that holds nothing yet.
    assert all(minor == 0 for key, minor in held.items() if key not in rows)
    assert {k: m for k, m in held.items() if k in rows} == {k: r[1] for k, r in rows.items() if r[1] or k in held}


def test_book_is_the_engine_s(played: History) -> None:
    book = grown(Book, played)
    assert isinstance(book, Book)
    markets = decode(played.snapshot).markets
    for market in markets:
        for side in (1, 2):
            assert book.side(market.market_id, side) == levels(market.market_id, side, decode(played.snapshot))
    assert sum(len(market.book.resting) for market in markets) == sum(row[2] for row in book.levels.rows.values())


def levels(market_id: int, side: int, state: State) -> list[tuple[int, int, int, int]]:
    """Return the levels of the engine's book, best first."""
    found = []
    for key, queue in state.markets[market_id - 1].book.levels[side].items():
        orders = list(queue.values())
        visible, leaves = sum(o.visible_lots for o in orders), sum(o.leaves_lots for o in orders)
        found.append((abs(key), visible, leaves, len(orders)))
    return sorted(found, reverse=side == 1)


def test_open_orders_are_the_engine_s(played: History) -> None:
    projection = grown(OpenOrders, played)
    assert isinstance(projection, OpenOrders)
    expected = {}
    for market in decode(played.snapshot).markets:
        for order in (*market.book.resting.values(), *market.book.untriggered.values()):
            untriggered = int(order.order_id in market.book.untriggered)
            expected[order.order_id] = [
                market.market_id,
                order.account_id,
                order.side,
                order.order_type,
                order.time_in_force,
                untriggered,
                0,
                order.client_order_id,
                projection.orders.rows[order.order_id][8] if untriggered else order.price_ticks,
                order.trigger_price_ticks,
                order.quantity_lots,
                order.leaves_lots,
                order.display_lots,
                projection.orders.rows[order.order_id][13] if untriggered else order.visible_lots,
            ]
    assert projection.orders.rows == expected


def test_orders_are_complete_and_their_fills_are_the_trades(played: History) -> None:
    orders, open_orders = grown(Orders, played), grown(OpenOrders, played)
    assert isinstance(orders, Orders)
    assert isinstance(open_orders, OpenOrders)
    rows = orders.orders.rows
    assert {number for number, row in rows.items() if row[6] == Status.open} == set(open_orders.orders.rows)
    filled: dict[int, int] = {}
    changed_seq = 0
    for _, event in records_of(played):
        if isinstance(event, TradeExecuted):
            for number in (event.maker_order_id, event.taker_order_id):
                filled[number] = filled.get(number, 0) + event.quantity_lots
        elif isinstance(event, IncrementsChanged):
            changed_seq = event.seq
        elif isinstance(event, OrderAmended) and event.seq == changed_seq and event.order_id in filled:
            # What was filled is stated in the new lots, too.
            filled[event.order_id] = event.quantity_lots - event.leaves_lots
    assert {number: row[16] for number, row in rows.items() if row[16]} == filled


def test_every_trade_has_its_row(played: History) -> None:
    projection, expected = grown(Trades, played), trades_of(played)
    assert isinstance(projection, Trades)
    rows = [projection.trades.rows[key] for key in sorted(projection.trades.rows)]
    assert [(row[7], row[8], row[9], row[5], row[6]) for row in rows] == [
        (ts_ns, t.price_ticks, t.quantity_lots, t.maker_order_id, t.taker_order_id) for ts_ns, t in expected
    ]


def test_candles_are_what_the_trades_of_their_interval_say(played: History) -> None:
    """A trade counts in the lots and ticks of its time; where these change, a market's newest candles are restated.

    A price has 64 bits: one that would not fit stands at the highest, as for orders (`Scale.of`).
    """
    projection = grown(Candles, played)
    assert isinstance(projection, Candles)
    units: dict[int, tuple[int, int]] = {}
    counts: dict[int, int] = {}
    expected: dict[tuple[int, int, int], list[int]] = {}
    newest: dict[tuple[int, int], int] = {}
    for ts_ns, event in records_of(played):
        if isinstance(event, MarketOpened):
            units[event.market_id] = (event.lot_size_minor, event.tick_value_minor)
        elif isinstance(event, IncrementsChanged):
            (lot, tick), units[event.market_id] = units[event.market_id], (event.lot_size_minor, event.tick_value_minor)
            price = Fraction(tick * event.lot_size_minor, lot * event.tick_value_minor)
            for minutes in INTERVALS_MIN:
                row = expected.get((event.market_id, minutes, newest.get((event.market_id, minutes), -1)), [0] * 13)
                row[2:6] = [min(max(int(ticks * price), 1), U64_MAX) for ticks in row[2:6]]
                for at in (6, 8):
                    row[at] = max(row[at] * lot // event.lot_size_minor, min(row[at], 1))
                row[11:] = units[event.market_id]
        elif isinstance(event, TradeExecuted):
            ticks, lots, unit = event.price_ticks, event.quantity_lots, units[event.market_id]
            number = counts[event.market_id] = counts.get(event.market_id, 0) + 1
            for minutes in INTERVALS_MIN:
                start_ns = ts_ns - ts_ns % (minutes * MINUTE_NS)
                newest[event.market_id, minutes] = start_ns
                first = [0, 0, ticks, ticks, ticks, 0, 0, 0, 0, 0, number, *unit]
                row = expected.setdefault((event.market_id, minutes, start_ns), first)
                row[3], row[4], row[5] = max(row[3], ticks), min(row[4], ticks), ticks
                row[1], row[6], row[7] = row[1] + 1, row[6] + lots, row[7] + ticks * lots * unit[1]
                if event.side == Side.buy:
                    row[8], row[9] = row[8] + lots, row[9] + ticks * lots * unit[1]
    for market_id, minutes, start_ns in expected:
        expected[market_id, minutes, start_ns][0] = int(newest[market_id, minutes] != start_ns)
    assert projection.candles.rows == expected


def test_tape_numbers_each_market_s_trades_without_gaps_and_joins_those_of_one_taker_at_one_price(
    played: History,
) -> None:
    """Aggregates: Binance, "trades that fill at the time, from the same order, with the same price"."""
    projection, expected = grown(Tape, played), trades_of(played)
    assert isinstance(projection, Tape)
    counts: dict[int, int] = {}
    aggregates: dict[int, tuple[int, object]] = {}
    for ts_ns, trade in expected:
        number = counts[trade.market_id] = counts.get(trade.market_id, 0) + 1
        row = projection.trades.rows[trade.market_id, number]
        same = (trade.seq, trade.taker_order_id, trade.price_ticks)
        before, last = aggregates.get(trade.market_id, (0, None))
        aggregate = before + (same != last)
        aggregates[trade.market_id] = (aggregate, same)
        terms = (trade.side, trade.trade_kind, trade.seq, trade.trade_index, ts_ns)
        assert row == (*terms, trade.price_ticks, trade.quantity_lots, aggregate)
    assert len(projection.trades.rows) == len(expected)


def test_tape_says_what_the_lots_and_ticks_of_each_trade_were_worth(played: History) -> None:
    projection = grown(Tape, played)
    assert isinstance(projection, Tape)
    units: dict[int, tuple[int, int]] = {}
    counts: dict[int, int] = {}
    for _, event in records_of(played):
        if isinstance(event, MarketOpened | IncrementsChanged):
            units[event.market_id] = (event.lot_size_minor, event.tick_value_minor)
        elif isinstance(event, TradeExecuted):
            number = counts[event.market_id] = counts.get(event.market_id, 0) + 1
            before = max(key for key in projection.units.rows if key <= (event.market_id, number))
            assert before[0] == event.market_id
            assert projection.units.rows[before] == units[event.market_id]


def test_trades_and_transfers_sum_to_what_every_account_owns(played: History) -> None:
    """The whole life of an account: what came and went outside trading, and both sides of each trade with its fee."""
    transfers, balances = grown(Transfers, played), grown(Balances, played)
    assert isinstance(transfers, Transfers)
    assert isinstance(balances, Balances)
    owned: dict[tuple[int, int], int] = {}

    def add(account_id: int, asset_id: int, minor: int) -> None:
        owned[account_id, asset_id] = owned.get((account_id, asset_id), 0) + minor

    for (account_id, _, _), row in transfers.transfers.rows.items():
        available_in, available_out, held_in, held_out = row[3:7]
        add(account_id, row[0], available_in - available_out + held_in - held_out)
    worth: dict[int, tuple[int, int, int, int]] = {}
    for _, event in records_of(played):
        if isinstance(event, MarketOpened):
            terms = (event.base_asset_id, event.quote_asset_id, event.lot_size_minor, event.tick_value_minor)
            worth[event.market_id] = terms
        elif isinstance(event, IncrementsChanged):
            worth[event.market_id] = (*worth[event.market_id][:2], event.lot_size_minor, event.tick_value_minor)
        elif isinstance(event, TradeExecuted):
            base, quote, lot_size, tick_value = worth[event.market_id]
            maker, taker = (
                (event.maker_account_id, event.maker_fee_minor),
                (event.taker_account_id, event.taker_fee_minor),
            )
            buyer, seller = (maker, taker) if event.side == Side.sell else (taker, maker)  # an auction's taker buys
            quantity, cost = event.quantity_lots * lot_size, event.price_ticks * event.quantity_lots * tick_value
            add(buyer[0], base, quantity - buyer[1])
            add(buyer[0], quote, -cost)
            add(seller[0], base, -quantity)
            add(seller[0], quote, cost - seller[1])
    expected = {key: row[0] + row[1] for key, row in balances.accounts.rows.items()}
    assert {key: minor for key, minor in owned.items() if minor} == expected


def test_open_withdrawals_are_those_of_the_engine(played: History) -> None:
    state, withdrawals = decode(played.snapshot), grown(Withdrawals, played)
    assert isinstance(withdrawals, Withdrawals)
    open_steps = (WithdrawalStep.requested, WithdrawalStep.approved, WithdrawalStep.dispatched)
    found = {
        number: (row[0], row[1], row[2], row[8])
        for number, row in withdrawals.withdrawals.rows.items()
        if row[2] in open_steps
    }
    assert found == {
        each.withdrawal_id: (each.account_id, each.asset_id, each.withdrawal_state, each.amount_minor)
        for each in state.withdrawals.values()
        if each.kind == WithdrawalKind.withdrawal
    }
