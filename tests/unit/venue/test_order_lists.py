"""Order lists: OCO, OTO and OTOCO, each a life from placement to its end, with restarts and audits on the way.

Source of the right values: Binance Spot API, "Trading endpoints", New Order list OCO / OTO / OTOCO: of a pair the first
that executes or is elected cancels the other, also by a part; a sell's limit lies above the last price, its stop below;
pending orders are placed when the working order is fully filled; canceling one order cancels the list. Amounts by hand:
lots and ticks of a floor are worth one minor unit and there are no fees.
"""

from __future__ import annotations

import pytest

from tarazy.domain.records import (
    AccountState,
    CancelReason,
    MarketState,
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderElected,
    OrderHeld,
    OrderListKind,
    OrderListPlaced,
    OrderTriggered,
    OrderType,
    RemoveAsset,
    SetAccountState,
    SetCancelTimer,
    SuspendAsset,
    TrailingStopStarted,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, DAVE, MARKET, MILLION, USD, Floor, Result

BUY, SELL = 1, 2
LIST = CancelReason.order_list


@pytest.fixture(params=[False, True], ids=["", "restarting"])
def traded(floor: Floor, request: pytest.FixtureRequest) -> Floor:
    """A floor whose last price is 100; with restarts it goes on from its snapshot before every command."""
    if request.param:
        apply = floor.send

        def send(command: object) -> Result:
            floor.venue = type(floor.venue).restore(floor.venue.snapshot())  # type: ignore[attr-defined]
            return apply(command)

        floor.send = send  # type: ignore[method-assign]
    floor.print_at(100)
    return floor


def canceled(result: Result) -> list[tuple[int, int, int]]:
    """Return number, reason and what was given back of the orders that left."""
    return [(e.order_id, e.cancel_reason, e.released_minor) for e in result.of(OrderCanceled)]


def legs(result: Result) -> list[int]:
    """Return the numbers of the accepted orders by their places in the list."""
    return sorted(event.order_id for event in result.of(OrderAccepted))


# ---------------------------------------------------------------- OCO
def test_oco_states_list_and_orders_and_holds_once(traded: Floor) -> None:
    placed = traded.oco(SELL, ALICE, 10, 110, 90, client_order_id=7)
    listed = placed.one(OrderListPlaced)
    assert (listed.list_kind, listed.list_id, listed.client_order_id) == (OrderListKind.oco, placed[0].seq, 7)
    stop, limit = placed.of(OrderAccepted)
    assert (limit.client_order_id, limit.held_minor, limit.order_type) == (7, 10, OrderType.post_only)
    assert (stop.client_order_id, stop.held_minor, stop.order_type) == (8, 0, OrderType.stop_loss)
    assert traded.balance(ALICE, BTC) == (MILLION - 10, 10)
    traded.checkpoint()


@pytest.mark.parametrize("lots", [4, 10], ids=["a part", "all"])
def test_fill_of_the_limit_order_cancels_the_stop(traded: Floor, lots: int) -> None:
    limit, stop = legs(traded.oco(SELL, ALICE, 10, 110, 90))
    result = traded.buy(BOB, lots, 110)
    assert [fill.order_id for fill in result.fills] == [limit]
    assert canceled(result) == [(stop, LIST, 0)]
    assert traded.balance(ALICE, BTC) == (MILLION - 10, 10 - lots)
    traded.checkpoint()
    assert canceled(traded.cancel_all(ALICE)) == ([(limit, CancelReason.cancel_all, 6)] if lots == 4 else [])


def test_election_of_the_stop_cancels_the_limit_order_and_takes_its_hold(traded: Floor) -> None:
    limit, stop = legs(traded.oco(SELL, ALICE, 10, 110, 90))
    traded.buy(BOB, 10, 85)
    result = Result(traded.print_at(90))
    assert canceled(result) == [(limit, LIST, 10)]
    assert result.one(OrderElected).order_id == stop
    assert (result.one(OrderHeld).order_id, result.one(OrderHeld).held_minor) == (stop, 10)
    assert traded.balance(ALICE, BTC) == (MILLION - 10, 0)
    assert traded.balance(ALICE, USD) == (MILLION + 850, 0)
    traded.checkpoint()


def test_buying_pair_holds_the_larger_need_once(traded: Floor) -> None:
    # Buy 10 at 90, or once 110 prints at up to 120: 900 and 1,200, of which 300 are the stop's.
    limit, _ = legs(traded.oco(BUY, ALICE, 10, 90, 110, stop_price_ticks=120))
    assert traded.balance(ALICE, USD) == (MILLION - 1_200, 1_200)
    traded.sell(BOB, 10, 112)
    result = Result(traded.print_at(110))
    assert canceled(result) == [(limit, LIST, 900)]
    assert traded.balance(ALICE, USD) == (MILLION - 1_120, 0)
    again = legs(traded.oco(BUY, ALICE, 10, 90, 120, stop_price_ticks=120))
    result = traded.sell(BOB, 1, 90)
    assert canceled(result) == [(again[1], LIST, 300)]
    assert traded.balance(ALICE, USD) == (MILLION - 1_120 - 900, 810)
    traded.checkpoint()


@pytest.mark.parametrize("which", [0, 1], ids=["limit", "stop"])
def test_cancel_of_one_order_cancels_the_pair(traded: Floor, which: int) -> None:
    pair = legs(traded.oco(SELL, ALICE, 10, 110, 90))
    result = traded.cancel(ALICE, pair[which])
    held = [10, 0]
    assert canceled(result) == [
        (pair[which], CancelReason.requested, held[which]),
        (pair[1 - which], LIST, held[1 - which]),
    ]
    assert traded.balance(ALICE, BTC) == (MILLION, 0)


def test_list_answers_to_its_number_and_to_those_of_its_orders(traded: Floor) -> None:
    for name in ({"list_id": -1}, {"client_order_id": 7}, {"client_order_id": 8}):
        placed = traded.oco(SELL, ALICE, 10, 110, 90, client_order_id=7)
        names = {key: placed[0].seq if value < 0 else value for key, value in name.items()}
        assert [row[0] for row in canceled(traded.cancel_list(ALICE, **names))] == legs(placed)
        assert traded.cancel_list(ALICE, **names).reject_code == RejectCode.order_list_unknown
        traded.buy(ALICE, 1, 50, client_order_id=99)
    placed = traded.oco(SELL, ALICE, 10, 110, 90)
    assert traded.cancel_list(BOB, placed[0].seq).reject_code == RejectCode.order_list_unknown
    assert traded.cancel_list(ALICE, 1 << 48 | placed[0].seq).reject_code == RejectCode.order_list_unknown


def test_retry_of_a_list_is_no_second_list(traded: Floor) -> None:
    placed = traded.oco(SELL, ALICE, 10, 110, 90, client_order_id=7)
    refused = traded.oco(SELL, ALICE, 10, 110, 90, client_order_id=7)
    assert (refused.reject_code, refused[0].expected) == (RejectCode.client_order_id_taken, legs(placed)[0])
    traded.cancel_list(ALICE, placed[0].seq)
    assert traded.oco(SELL, ALICE, 10, 110, 90, client_order_id=7).reject_code == RejectCode.client_order_id_taken


@pytest.mark.parametrize(
    ("side", "price", "trigger", "code"),
    [
        (SELL, 100, 90, RejectCode.list_prices_crossed),
        (SELL, 110, 100, RejectCode.trigger_already_reached),
        (BUY, 100, 110, RejectCode.list_prices_crossed),
        (BUY, 90, 100, RejectCode.trigger_already_reached),
    ],
)
def test_prices_lie_on_both_sides_of_the_last(traded: Floor, side: int, price: int, trigger: int, code: int) -> None:
    assert traded.oco(side, ALICE, 10, price, trigger).reject_code == code


def test_pair_that_the_balance_does_not_cover_leaves_no_trace(traded: Floor) -> None:
    assert traded.oco(SELL, ALICE, MILLION + 1, 110, 90).reject_code == RejectCode.insufficient_balance
    assert traded.oco(BUY, ALICE, 9_000, 90, 110, stop_price_ticks=112).reject_code == RejectCode.insufficient_balance
    assert (traded.balance(ALICE, BTC), traded.balance(ALICE, USD)) == ((MILLION, 0), (MILLION, 0))


def test_pair_through_a_halt_and_an_auction(traded: Floor) -> None:
    limit, stop = legs(traded.oco(SELL, ALICE, 10, 110, 90))
    traded.to(MarketState.halted)
    traded.to(MarketState.auction)
    traded.buy(BOB, 4, 112)
    traded.now += 2_000_000_000
    opened = traded.to(MarketState.continuous)
    assert [fill.lots for fill in opened.fills] == [4]
    assert canceled(opened) == [(stop, LIST, 0)]
    traded.cancel(ALICE, limit)
    limit, stop = legs(traded.oco(SELL, ALICE, 10, 130, 90))
    traded.to(MarketState.auction)
    traded.sell(CAROL, 3, 88)
    traded.buy(DAVE, 3, 88)
    opened = traded.to(MarketState.continuous)
    assert canceled(opened)[0] == (limit, LIST, 10)
    assert opened.one(OrderTriggered).order_id == stop
    traded.checkpoint()


def test_self_trade_prevention_of_one_order_ends_the_pair(traded: Floor) -> None:
    limit, stop = legs(traded.oco(SELL, ALICE, 10, 110, 90))
    result = traded.buy(ALICE, 5, 110, self_trade_prevention=2)
    assert canceled(result) == [(limit, CancelReason.self_trade_prevention, 10), (stop, LIST, 0)]
    limit, stop = legs(traded.oco(SELL, ALICE, 10, 115, 90))
    reduced = traded.buy(ALICE, 4, 116, self_trade_prevention=4)
    assert canceled(reduced) == [(stop, LIST, 0)]
    assert traded.balance(ALICE, BTC)[1] == 10 - 4
    traded.checkpoint()


def test_freezing_delisting_timers_and_expiry_end_the_pair(traded: Floor) -> None:
    def place(**options: int) -> list[int]:
        return legs(traded.oco(SELL, ALICE, 10, 110, 90, **options))

    pair = place(expire_ns=traded.now + 1_000_000, stop_price_ticks=80)
    assert [row[0] for row in canceled(traded.wait(2_000_000))] == pair
    pair = place()
    traded.do(SetCancelTimer(0, ALICE, 5))
    assert [row[0] for row in canceled(traded.wait(6_000_000))] == pair
    pair = place()
    frozen = traded.act(SetAccountState(AccountState.frozen, account_id=ALICE, decision_hash=traded.new_hash()))
    assert [row[0] for row in canceled(frozen)] == pair
    traded.act(SetAccountState(AccountState.active, account_id=ALICE, decision_hash=traded.new_hash()))
    pair = place()
    traded.act(SuspendAsset(asset_id=BTC, decision_hash=traded.new_hash()))
    removed = traded.act(RemoveAsset(asset_id=BTC, decision_hash=traded.new_hash()))
    assert [row[0] for row in canceled(removed)] == pair
    assert traded.balance(ALICE, BTC) == (MILLION, 0)
    assert not traded.state.markets[MARKET - 1].book.leg_holds


def test_amendment_of_an_order_of_a_pair_is_refused(traded: Floor) -> None:
    limit, stop = legs(traded.oco(SELL, ALICE, 10, 110, 90))
    for order_id in (limit, stop):
        assert traded.amend(ALICE, order_id, 5).reject_code == RejectCode.amend_not_allowed


def test_trailing_stop_of_a_pair(traded: Floor) -> None:
    # A sell that trails by 10%: from 100 to 120 its trigger goes from 90 to 108.
    placed = traded.oco(SELL, ALICE, 10, 150, 0, trailing_bp=1_000)
    limit, stop = legs(placed)
    assert placed.one(TrailingStopStarted).trigger_price_ticks == 90
    result = Result(traded.print_at(120, 109, 108))
    assert (result.one(OrderElected).order_id, result.one(OrderElected).trigger_price_ticks) == (stop, 108)
    assert (limit, LIST, 10) in canceled(result)
    traded.checkpoint()


# ---------------------------------------------------------------- OTO
def test_oto_places_the_pending_order_when_the_working_one_is_full(traded: Floor) -> None:
    working, pending = legs(traded.oto(BUY, ALICE, 10, 95, 105, client_order_id=7))
    assert traded.balance(ALICE, BTC) == (MILLION, 0)
    assert traded.sell(BOB, 4, 95).of(OrderHeld) == []
    result = traded.sell(BOB, 6, 95)
    assert (result.one(OrderHeld).order_id, result.one(OrderHeld).held_minor) == (pending, 10)
    assert traded.balance(ALICE, BTC) == (MILLION, 10)
    assert [fill.order_id for fill in traded.buy(BOB, 3, 105).fills] == [pending]
    assert traded.cancel(ALICE, working).reject_code == RejectCode.order_unknown
    assert canceled(traded.cancel(ALICE, 0, 8)) == [(pending, CancelReason.requested, 7)]
    traded.checkpoint()


def test_working_order_that_fills_at_once_places_the_pending_one_in_the_same_command(traded: Floor) -> None:
    traded.sell(BOB, 10, 95)
    traded.buy(CAROL, 4, 94)
    result = traded.oto(BUY, ALICE, 10, 95, 94)
    assert [fill.lots for fill in result.fills] == [10, 4]
    assert traded.balance(ALICE, BTC) == (MILLION, 6)
    traded.checkpoint()


@pytest.mark.parametrize("which", [0, 1], ids=["working", "pending"])
def test_cancel_of_either_order_ends_the_list(traded: Floor, which: int) -> None:
    pair = legs(traded.oto(BUY, ALICE, 10, 95, 105))
    traded.sell(BOB, 4, 95)
    assert [row[0] for row in canceled(traded.cancel(ALICE, pair[which]))] == [pair[which], pair[1 - which]]
    assert traded.sell(BOB, 6, 95).fills == []
    assert traded.balance(ALICE, USD) == (MILLION - 380, 0)


def test_pending_order_that_cannot_be_held_for_leaves(traded: Floor) -> None:
    _, pending = legs(traded.oto(BUY, ALICE, 10, 95, 105, pending_quantity_lots=MILLION + 11))
    result = traded.sell(BOB, 10, 95)
    assert canceled(result) == [(pending, CancelReason.insufficient_balance, 0)]
    assert traded.balance(ALICE, BTC) == (MILLION + 10, 0)
    traded.checkpoint()


def test_pending_stop_whose_trigger_is_reached_is_elected_at_once(traded: Floor) -> None:
    stop = {"pending_type": OrderType.stop_loss, "trigger_price_ticks": 96}
    _, pending = legs(traded.oto(BUY, ALICE, 10, 95, 0, **stop))
    traded.buy(CAROL, 10, 90)
    result = traded.sell(BOB, 10, 95)
    assert result.one(OrderElected).order_id == pending
    assert result.fills[-1].price_ticks == 90
    traded.checkpoint()


def test_pending_trailing_stop_follows_from_the_fill(traded: Floor) -> None:
    stop = {"pending_type": OrderType.stop_loss, "trailing_bp": 1_000}
    _, pending = legs(traded.oto(BUY, ALICE, 10, 90, 0, **stop))
    traded.print_at(120)
    started = traded.sell(BOB, 10, 90).one(TrailingStopStarted)
    assert (started.order_id, started.extreme_price_ticks, started.trigger_price_ticks) == (pending, 90, 81)
    traded.buy(CAROL, 20, 70)
    assert Result(traded.print_at(110, 99)).one(OrderElected).order_id == pending
    traded.checkpoint()


def test_amended_working_order_keeps_its_list(traded: Floor) -> None:
    working, pending = legs(traded.oto(BUY, ALICE, 10, 95, 105))
    assert traded.amend(ALICE, working, 8, 96).of(OrderAmended)
    assert traded.sell(BOB, 8, 96).one(OrderHeld).order_id == pending


def test_auction_fills_the_working_order_and_the_pending_one_waits_for_its_turn(traded: Floor) -> None:
    _, pending = legs(traded.oto(BUY, ALICE, 10, 95, 105))
    traded.to(MarketState.auction, leads_to=MarketState.closed)
    traded.sell(BOB, 10, 95)
    closed = traded.to(MarketState.closed)
    assert closed.one(OrderHeld).order_id == pending
    assert not closed.of(OrderTriggered)
    traded.checkpoint()
    traded.to(MarketState.pre_open)
    opened = traded.to(MarketState.continuous)
    assert [fill.order_id for fill in traded.buy(BOB, 10, 105).fills] == [pending], opened


def test_market_orders_and_stops_do_not_work_first(traded: Floor) -> None:
    refused = traded.oto(BUY, ALICE, 10, 0, 105, order_type=OrderType.market)
    assert refused.reject_code == RejectCode.list_type_not_allowed
    refused = traded.oto(BUY, ALICE, 10, 95, 0, pending_type=OrderType.market)
    assert refused.reject_code == RejectCode.list_type_not_allowed


# ---------------------------------------------------------------- OTOCO
def test_otoco_places_a_pair_that_cancels_itself(traded: Floor) -> None:
    _, limit, stop = legs(traded.otoco(BUY, ALICE, 10, 95, 110, 90, client_order_id=7))
    result = traded.sell(BOB, 10, 95)
    assert [(e.order_id, e.held_minor) for e in result.of(OrderHeld)] == [(limit, 10), (stop, 0)]
    assert traded.balance(ALICE, BTC) == (MILLION, 10)
    traded.checkpoint()
    result = traded.buy(BOB, 10, 110)
    assert canceled(result) == [(stop, LIST, 0)]
    assert traded.balance(ALICE, BTC) == (MILLION, 0)
    _, limit, stop = legs(traded.otoco(BUY, ALICE, 10, 95, 120, 90))
    traded.sell(BOB, 10, 95)
    traded.buy(CAROL, 10, 85)
    assert canceled(Result(traded.print_at(90)))[0] == (limit, LIST, 10)
    traded.checkpoint()


@pytest.mark.parametrize("which", [0, 1, 2])
def test_cancel_of_any_order_ends_an_otoco(traded: Floor, which: int) -> None:
    three = legs(traded.otoco(BUY, ALICE, 10, 95, 110, 90))
    assert sorted(row[0] for row in canceled(traded.cancel(ALICE, three[which]))) == three
    assert traded.balance(ALICE, USD) == (MILLION, 0)
    assert not traded.state.markets[MARKET - 1].book.pending


def test_pending_limit_maker_that_would_trade_leaves_with_its_stop(traded: Floor) -> None:
    traded.sell(BOB, 10, 100)
    traded.buy(CAROL, 5, 99)
    _, limit, stop = legs(traded.otoco(BUY, ALICE, 10, 100, 99, 90))
    assert traded.state.markets[MARKET - 1].book.resting.keys().isdisjoint({limit, stop})
    assert traded.balance(ALICE, BTC) == (MILLION + 10, 0)
    traded.checkpoint()
