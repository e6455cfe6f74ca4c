"""The invariants, computed from the events alone and compared with the engine's own state.

`conserve`, `segregate`, `cover` and `exit` follow an independent ledger, `order` an independent book; `admit` and `own`
follow the events and the commands. RELEASE is the sequencer's and tested with it.
"""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    AccountOpened,
    AccountRole,
    AssetMigrated,
    AssetStatusChanged,
    DepositUndone,
    FeesSwept,
    HouseDrawn,
    LossRecorded,
    MarketOpened,
    MarketState,
    MarketStateChanged,
    NetworkFeePaid,
    PlaceOco,
    PlaceOrder,
    PlaceOto,
    PlaceOtoco,
    PlaceTrailingStop,
    TradeExecuted,
    WithdrawalApproved,
    WithdrawalDispatched,
    WithdrawalRequested,
    WithdrawalSettled,
)
from tarazy.spec.legs import list_of
from tarazy.spec.snapshot import decode

from .ledger import BOOKED, HOUSE, LOCATIONS, EventLedger
from .queue import Queues
from .streams import Stream, stream

COUNT = 3_000


@pytest.fixture(scope="module", params=range(8), ids=lambda seed: f"seed{seed}")
def played(engine: type[Engine], request: pytest.FixtureRequest) -> Stream:
    """Return an episode of each shape of world."""
    return stream(engine, request.param, COUNT)


def test_conserve_every_unit_is_where_the_events_put_it(played: Stream) -> None:
    ledger = EventLedger()
    for step in played.steps:
        for event in step.events:
            ledger.learn(event)
    state = decode(played.snapshot)
    balances = {(key >> 32, key & 0xFFFFFFFF): balance for key, balance in state.ledger.balances.items()}
    assert {key: b.available.minor for key, b in balances.items() if b.available.minor} == nonzero(ledger.available)
    assert {key: b.held.minor for key, b in balances.items() if b.held.minor} == nonzero(ledger.held)
    for asset_id, asset in enumerate(state.ledger.assets, 1):
        assert asset.fees_earned.minor == ledger.fees[asset_id]
        assert asset.house_equity.minor == ledger.equity[asset_id]
        assert asset.shortfall.minor == ledger.shortfall[asset_id]
        assert asset.unattributed.minor == ledger.unattributed[asset_id]
        assert asset.network_float.minor == ledger.float[asset_id]
        for estate, locations in asset.custody.items():
            found = [location.minor for location in locations]
            assert found == [ledger.custody[estate, location, asset_id] for location in LOCATIONS]
    open_receipts = {number: receipt.amount_minor for number, receipt in state.receipts.items() if receipt.amount_minor}
    assert open_receipts == nonzero(ledger.receipts)


def test_segregate_client_pool_and_stated_shortfall_are_what_is_owed_out_of_it(played: Stream) -> None:
    ledger, assets = EventLedger(), 0
    for step in played.steps:
        for event in step.events:
            ledger.learn(event)
            assets += type(event).__name__ == "AssetRegistered"
        if step.seq % 20 == 0:
            for asset in range(1, assets + 1):
                there = ledger.client_pool(asset) + ledger.shortfall[asset]
                assert there == ledger.owed(asset), f"after command {step.seq}"
                house = sum(ledger.custody[HOUSE, location, asset] for location in LOCATIONS)
                assert house == ledger.equity[asset], f"after command {step.seq}"


def test_cover_no_balance_place_or_claim_is_ever_negative(played: Stream) -> None:
    ledger = EventLedger()
    for step in played.steps:
        for event in step.events:
            ledger.learn(event)
            assert all(order.held >= 0 for order in orders_of(ledger, event)), f"command {step.seq}: {event}"
        if any(type(event).__name__ in MOVING for event in step.events):
            for amounts in (ledger.available, ledger.held, ledger.custody, ledger.fees, ledger.equity):
                assert min(amounts.values(), default=0) >= 0, f"after command {step.seq}"
            for more in (ledger.shortfall, ledger.unattributed, ledger.float, ledger.receipts):
                assert min(more.values(), default=0) >= 0, f"after command {step.seq}"


def test_exit_client_pool_shrinks_only_by_the_marked_types_and_by_their_exact_amounts(played: Stream) -> None:
    ledger = EventLedger()
    requested: dict[int, WithdrawalRequested] = {}
    dispatched: set[int] = set()
    for step in played.steps:
        for event in step.events:
            asset = getattr(event, "asset_id", 0)
            before, earned = ledger.client_pool(asset), ledger.fees[asset]
            ledger.learn(event)
            left = before - ledger.client_pool(asset)
            if isinstance(event, WithdrawalRequested):
                requested[event.withdrawal_id] = event
            elif isinstance(event, WithdrawalDispatched):
                dispatched.add(event.withdrawal_id)
            if isinstance(event, WithdrawalSettled):
                asked = requested[event.withdrawal_id]
                assert (asked.account_id, asked.asset_id, asked.amount_minor) == (event.account_id, asset, left)
                assert event.withdrawal_id in dispatched
            elif isinstance(event, FeesSwept):
                assert left == event.amount_minor <= earned
            elif isinstance(event, LossRecorded | AssetMigrated):
                assert left == event.amount_minor
            elif isinstance(event, NetworkFeePaid):
                assert left == event.float_minor + event.fees_minor + event.lost_minor
            elif isinstance(event, DepositUndone):
                assert left == event.taken_minor + event.unattributed_minor + event.lost_minor
            else:
                assert left <= 0, f"command {step.seq}: {event}"


def test_shortfall_stops_sweeps_draws_approvals_and_dispatches_of_its_asset(played: Stream) -> None:
    ledger = EventLedger()
    stopped = (FeesSwept, HouseDrawn, WithdrawalApproved, WithdrawalDispatched)
    for step in played.steps:
        for event in step.events:
            if isinstance(event, stopped):
                assert not ledger.shortfall[event.asset_id], f"command {step.seq}: {event}"
            ledger.learn(event)


def test_admit_trades_are_of_admitted_assets_in_open_markets(played: Stream) -> None:
    admitted: dict[int, int] = {}
    markets: dict[int, MarketOpened] = {}
    states: dict[int, int] = {}
    trades = 0
    for step in played.steps:
        for event in step.events:
            if isinstance(event, AssetStatusChanged):
                admitted[event.asset_id] = event.asset_status
            elif isinstance(event, MarketOpened):
                markets[event.market_id] = event
            elif isinstance(event, MarketStateChanged):
                states[event.market_id] = event.market_state
            elif isinstance(event, TradeExecuted):
                trades += 1
                market = markets[event.market_id]
                assert admitted[market.base_asset_id] == admitted[market.quote_asset_id] == 2
                assert states[event.market_id] in (MarketState.continuous, MarketState.auction)
    assert trades > 100


def test_own_no_owner_trades_with_itself_and_the_house_not_at_all(played: Stream) -> None:
    accounts: dict[int, AccountOpened] = {}
    approvals: dict[int, int] = {}
    for step in played.steps:
        if isinstance(step.command, PLACING):
            approvals[step.seq] = step.command.approval_id
        for event in step.events:
            if isinstance(event, AccountOpened):
                accounts[event.account_id] = event
            elif isinstance(event, TradeExecuted):
                maker, taker = accounts[event.maker_account_id], accounts[event.taker_account_id]
                assert maker.owner_id != taker.owner_id
                for account, order_id in ((maker, event.maker_order_id), (taker, event.taker_order_id)):
                    assert account.account_role != AccountRole.house
                    assert (account.approval_id != 0) == (account.account_role == AccountRole.affiliate)
                    assert approvals[list_of(order_id)] == account.approval_id


def test_order_every_trade_is_with_the_first_in_the_queue_at_its_price(played: Stream) -> None:
    queues = Queues()
    continuous: set[int] = set()
    for step in played.steps:
        for event in step.events:
            queues.learn(event)
            if isinstance(event, MarketStateChanged):
                (continuous.add if event.market_state == MarketState.continuous else continuous.discard)(
                    event.market_id
                )
        queues.end_of_command(continuous)
    assert queues.trades[1] > 50
    resting = {
        order.order_id: (order.price_ticks, order.leaves_lots, order.visible_lots)
        for market in decode(played.snapshot).markets
        for order in market.book.resting.values()
    }
    assert {o.order_id: (o.price, o.leaves, o.visible) for o in queues.orders.values() if o.rests} == resting


PLACING = (PlaceOrder, PlaceTrailingStop, PlaceOco, PlaceOto, PlaceOtoco)
MOVING = set(BOOKED) - {
    "MarketOpened", "IncrementsChanged", "OrderAccepted", "OrderCanceled", "OrderAmended", "OrderReduced", "OrderHeld",
}  # fmt: skip


def orders_of(ledger: EventLedger, event: Any) -> list[Any]:
    """Return the open orders that an event names."""
    names = (getattr(event, field, 0) for field in ("order_id", "maker_order_id", "taker_order_id"))
    return [ledger.orders[name] for name in names if name in ledger.orders]


def nonzero(amounts: dict[Any, int]) -> dict[Any, int]:
    """Return the amounts that are not zero."""
    return {key: amount for key, amount in amounts.items() if amount}
