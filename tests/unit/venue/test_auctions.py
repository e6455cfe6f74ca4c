"""Call auctions: the call phase, the price rule with its tie breaks, opening and closing, what carries over."""

from __future__ import annotations

import random

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    AuctionUncrossed,
    CommandRejected,
    MarketReason,
    MarketState,
    OrderType,
    TimeInForce,
    TradeExecuted,
    TradeKind,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, DAVE, MILLION, SECOND_NS, USD, Floor, Lots, open_floor

AUCTION, CONTINUOUS, CLOSED = MarketState.auction, MarketState.continuous, MarketState.closed
Book = list[tuple[int, int]]


def uncross(engine: type[Engine], bids: Book, asks: Book, reference: int = 0) -> AuctionUncrossed:
    """Enter (price, lots) on both sides and return the outcome of the auction."""
    floor = open_floor(engine)
    floor.to(AUCTION, reference_price_ticks=reference)
    for price, lots in bids:
        floor.buy(ALICE, lots, price)
    for price, lots in asks:
        floor.sell(BOB, lots, price)
    return floor.to(CONTINUOUS).one(AuctionUncrossed)


# bids, asks, reference, then price, volume, imbalance, side of the imbalance. By hand: every tick from the best ask to
# the best bid is a candidate; docs/concepts/auctions.md has the four steps.
CASES = {
    "most volume wins": ([(103, 5), (101, 5)], [(99, 5), (101, 5)], 0, 101, 10, 0, 0),
    "most volume wins over nearness to the reference": ([(103, 5), (101, 5)], [(99, 5), (101, 5)], 103, 101, 10, 0, 0),
    "least imbalance breaks the tie": ([(102, 5), (100, 3)], [(100, 5)], 102, 102, 5, 0, 0),
    "nearest to the reference breaks the next tie": ([(105, 5)], [(100, 5)], 105, 105, 5, 0, 0),
    "reference itself is a candidate": ([(105, 5)], [(100, 5)], 103, 103, 5, 0, 0),
    "reference above the crossed prices takes the highest": ([(105, 5)], [(100, 5)], 110, 105, 5, 0, 0),
    "reference below the crossed prices takes the lowest": ([(105, 5)], [(100, 5)], 90, 100, 5, 0, 0),
    "no surplus and no reference takes the middle": ([(105, 5)], [(100, 5)], 0, 102, 5, 0, 0),
    "buyers left over push up": ([(105, 9)], [(100, 5)], 0, 105, 5, 4, 1),
    "sellers left over push down": ([(105, 5)], [(100, 9)], 0, 100, 5, 4, 2),
    "buyers push no further than five percent": ([(115, 9)], [(100, 5)], 100, 105, 5, 4, 1),
    "sellers push no further than five percent": ([(110, 5)], [(90, 9)], 100, 95, 5, 4, 2),
}
# The ten published examples of BNB Beacon Chain's match specification (limit of the pressure: five percent): bids and
# asks as (price, lots), reference price, then price, volume, imbalance and its side. Where a figure names no
# reference price the first two steps decide.
PUBLISHED = {
    "1": ([(100, 150), (98, 150)], [(97, 50), (98, 250)], 0, 98, 300, 0, 0),
    "2": ([(100, 150), (99, 50), (97, 300)], [(96, 100), (97, 200)], 0, 97, 300, 200, 1),
    "3": (
        [(102, 300), (100, 100), (99, 200), (98, 300)],
        [(96, 1000), (97, 250), (98, 250)],
        0,
        96,
        900,
        100,
        2,
    ),
    "4": ([(102, 30), (101, 10), (99, 50), (96, 15)], [(95, 50), (97, 50), (98, 10)], 0, 97, 90, 10, 2),
    "5.1": ([(102, 10), (97, 10)], [(95, 50)], 80, 95, 20, 30, 2),
    "5.2": ([(99, 10), (94, 10)], [(92, 50)], 100, 94, 20, 30, 2),
    "5.3": ([(99, 100)], [(92, 50)], 90, 94, 50, 50, 1),
    "5.4": ([(101, 10), (96, 10)], [(94, 50)], 100, 95, 20, 30, 2),
    "6.1": ([(100, 25), (97, 25)], [(95, 25), (98, 25)], 99, 99, 25, 25, 2),
    "6.2": ([(100, 25), (97, 25)], [(95, 25), (98, 25)], 97, 97, 25, 25, 1),
}


@pytest.mark.parametrize("case", PUBLISHED.values(), ids=PUBLISHED.keys())
def test_published_auction_clears_at_the_published_price(
    engine: type[Engine], case: tuple[Book, Book, int, int, int, int, int]
) -> None:
    test_price_rule(engine, case)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_price_rule(engine: type[Engine], case: tuple[Book, Book, int, int, int, int, int]) -> None:
    bids, asks, reference, price, volume, imbalance, side = case
    found = uncross(engine, bids, asks, reference)
    assert (found.price_ticks, found.volume_lots, found.imbalance_lots, found.side) == (price, volume, imbalance, side)
    assert found.reference_price_ticks == reference


def test_orders_of_a_call_phase_do_not_trade(floor: Floor) -> None:
    floor.to(AUCTION)
    bid = floor.buy(ALICE, 5, 105)
    ask = floor.sell(BOB, 5, 100)
    assert bid.kinds == ask.kinds == ["OrderAccepted"]
    assert floor.bids[0].price_ticks > floor.asks[0].price_ticks


def test_everybody_trades_at_one_price(floor: Floor) -> None:
    floor.to(AUCTION)
    floor.buy(ALICE, 5, 105)
    floor.buy(CAROL, 5, 103)
    floor.sell(BOB, 5, 100)
    floor.sell(DAVE, 5, 102)
    trades = floor.to(CONTINUOUS).of(TradeExecuted)
    assert {(trade.price_ticks, trade.trade_kind, trade.side) for trade in trades} == {(102, TradeKind.auction, 0)}
    assert sum(trade.quantity_lots for trade in trades) == 10
    assert floor.balance(ALICE, USD) == (MILLION - 5 * 102, 0)
    assert floor.balance(BOB, USD) == (MILLION + 5 * 102, 0)


def test_auction_trades_name_the_seller_as_maker_and_the_buyer_as_taker(floor: Floor) -> None:
    floor.to(AUCTION)
    bid = floor.buy(ALICE, 5, 105).order_id
    ask = floor.sell(BOB, 5, 100).order_id
    trade = floor.to(CONTINUOUS).one(TradeExecuted)
    assert (trade.maker_order_id, trade.maker_account_id) == (ask, BOB)
    assert (trade.taker_order_id, trade.taker_account_id) == (bid, ALICE)


def test_auction_fills_in_price_time_priority(floor: Floor) -> None:
    floor.to(AUCTION)
    late_better = [
        floor.buy(account, 2, price).order_id for account, price in ((ALICE, 100), (CAROL, 101), (DAVE, 101))
    ]
    floor.sell(BOB, 5, 100)
    trades = floor.to(CONTINUOUS).of(TradeExecuted)
    filled = [(trade.taker_order_id, trade.quantity_lots) for trade in trades]
    assert filled == [(late_better[1], 2), (late_better[2], 2), (late_better[0], 1)]
    assert floor.bids == [Lots(late_better[0], 100, 1)]


def test_icebergs_count_whole_in_the_price_and_trade_slice_by_slice(floor: Floor) -> None:
    floor.to(AUCTION)
    iceberg = floor.sell(ALICE, 10, 100, display_lots=4).order_id
    other = floor.sell(BOB, 4, 100).order_id
    floor.buy(CAROL, 12, 100)
    opened = floor.to(CONTINUOUS)
    assert opened.one(AuctionUncrossed).volume_lots == 12
    trades = [(trade.maker_order_id, trade.quantity_lots) for trade in opened.of(TradeExecuted)]
    assert trades == [(iceberg, 4), (other, 4), (iceberg, 4)]


def test_orders_of_one_owner_that_cross_leave_before_the_price_is_found(floor: Floor) -> None:
    # By hand: without Alice, who would only meet herself, the book is 2 bid at 101 against 2 asked at 100; her 50 lots
    # must show neither in the volume nor in the price, and the reference before was 100.
    floor.to(AUCTION, reference_price_ticks=100)
    floor.buy(ALICE, 50, 130)
    floor.sell(ALICE, 50, 90)
    floor.buy(CAROL, 2, 101)
    floor.sell(BOB, 2, 100)
    opened = floor.to(CONTINUOUS)
    found = opened.one(AuctionUncrossed)
    assert opened.kinds.index("OrderCanceled") < opened.kinds.index("AuctionUncrossed")
    assert sum(trade.quantity_lots for trade in opened.of(TradeExecuted)) == found.volume_lots
    assert found.price_ticks <= 105


def test_auction_of_one_owner_alone_has_no_price_and_leaves_the_reference(floor: Floor) -> None:
    floor.to(AUCTION, reference_price_ticks=100)
    floor.buy(ALICE, 50, 130)
    floor.sell(ALICE, 50, 90)
    opened = floor.to(CONTINUOUS)
    assert not opened.of(AuctionUncrossed)
    assert not opened.of(TradeExecuted)
    assert floor.state.markets[0].reference_price_ticks == 100


@pytest.mark.parametrize("seed", range(40))
def test_auction_has_one_price_and_its_volume_is_what_trades(engine: type[Engine], seed: int) -> None:
    floor, chance = open_floor(engine), random.Random(seed)
    floor.to(AUCTION, reference_price_ticks=100)
    for _ in range(60):
        floor.order(
            chance.choice((1, 2)),
            chance.choice((ALICE, BOB, CAROL, DAVE)),
            chance.randint(1, 30),
            chance.randint(90, 110),
            self_trade_prevention=chance.randint(1, 4),
        )
    opened = floor.to(CONTINUOUS)
    trades = opened.of(TradeExecuted)
    assert len(opened.of(AuctionUncrossed)) <= 1
    for found in opened.of(AuctionUncrossed):
        assert {trade.price_ticks for trade in trades} == {found.price_ticks}
        assert sum(trade.quantity_lots for trade in trades) == found.volume_lots
    assert not floor.bids or not floor.asks or floor.bids[0].price_ticks < floor.asks[0].price_ticks


def test_auction_without_a_cross_opens_without_a_trade(floor: Floor) -> None:
    floor.to(AUCTION)
    floor.buy(ALICE, 5, 99)
    floor.sell(BOB, 5, 100)
    assert floor.to(CONTINUOUS).kinds == ["MarketStateChanged"]


def test_what_does_not_trade_carries_over(floor: Floor) -> None:
    floor.to(AUCTION)
    bid = floor.buy(ALICE, 9, 105).order_id
    floor.sell(BOB, 5, 100)
    floor.to(CONTINUOUS)
    assert floor.bids == [Lots(bid, 105, 4)]


def test_timed_auction_ends_by_itself(floor: Floor) -> None:
    floor.to(AUCTION, auction_end_ns=floor.now + SECOND_NS)
    floor.buy(ALICE, 5, 105)
    floor.sell(BOB, 5, 100)
    assert floor.wait(SECOND_NS).kinds == ["MarketStateChanged", "AuctionUncrossed", "TradeExecuted"]


def test_end_of_a_timed_auction_comes_before_the_command_that_brings_the_time(floor: Floor) -> None:
    floor.to(AUCTION, auction_end_ns=floor.now + 5)
    bid = floor.buy(ALICE, 5, 105).order_id
    floor.now += 5
    result = floor.sell(BOB, 5, 100)
    assert result.kinds == ["MarketStateChanged", "OrderAccepted", "TradeExecuted"]
    assert result.fills == [Lots(bid, 105, 5)]


def test_closing_auction_trades_and_then_closes(floor: Floor) -> None:
    floor.to(AUCTION, leads_to=CLOSED, auction_end_ns=floor.now + 5)
    floor.buy(ALICE, 5, 105)
    floor.sell(BOB, 5, 100)
    closed = floor.wait(5)
    assert closed.kinds == ["AuctionUncrossed", "TradeExecuted", "MarketStateChanged"]
    assert (closed[-1].market_state, closed[-1].market_reason) == (CLOSED, MarketReason.auction_end)
    assert floor.sell(BOB, 5, 100).reject_code == RejectCode.market_not_open


def test_halted_auction_does_not_uncross(floor: Floor) -> None:
    floor.to(AUCTION, auction_end_ns=floor.now + 5)
    floor.buy(ALICE, 5, 105)
    floor.sell(BOB, 5, 100)
    assert floor.to(MarketState.halted).kinds == ["MarketStateChanged"]
    assert floor.wait(100) == []
    assert floor.balance(ALICE, BTC)[0] == MILLION


def test_pre_open_is_a_call_phase_and_opens_with_an_uncross(empty: Floor) -> None:
    floor = empty
    floor.asset("BTC")
    floor.asset("USD")
    floor.market(open_it=False)
    buyer, seller = floor.account(usd=MILLION), floor.account(btc=MILLION)
    floor.to(MarketState.pre_open)
    floor.buy(buyer, 5, 105)
    floor.sell(seller, 5, 100)
    assert floor.to(CONTINUOUS).one(TradeExecuted).quantity_lots == 5


@pytest.mark.parametrize(
    "options",
    [
        {"time_in_force": 2},
        {"time_in_force": 3},
        {"order_type": OrderType.post_only},
        {"order_type": OrderType.market, "time_in_force": 2, "price_ticks": 0},
    ],
    ids=["ioc", "fok", "post-only", "market"],
)
def test_what_does_not_fit_a_call_phase_is_refused(floor: Floor, options: dict[str, int]) -> None:
    floor.to(AUCTION)
    post_only = options.get("order_type") == OrderType.post_only
    code = RejectCode.order_not_in_auction if post_only else RejectCode.time_in_force_not_in_auction
    assert floor.buy(ALICE, 5, 100, **options).reject_code == code


def test_auction_beyond_64_bits_of_lots_states_the_largest_number(empty: Floor) -> None:
    floor = empty
    floor.asset("BTC")
    floor.asset("USD")
    floor.market(quantity_max_lots=(1 << 64) - 1)
    floor.to(AUCTION)
    for _ in range(2):
        floor.buy(floor.account(usd=1 << 64), (1 << 64) - 1, 1)
        floor.sell(floor.account(btc=1 << 64), (1 << 64) - 1, 1)
    opened = floor.to(CONTINUOUS)
    assert opened.one(AuctionUncrossed).volume_lots == (1 << 64) - 1
    assert sum(trade.quantity_lots for trade in opened.of(TradeExecuted)) == 2 * ((1 << 64) - 1)


@pytest.mark.parametrize("time_in_force", [TimeInForce.gtc, TimeInForce.at_the_opening, TimeInForce.at_the_close])
def test_market_order_enters_no_call_phase_without_a_reference_price(floor: Floor, time_in_force: int) -> None:
    # Xetra's market model: market orders that only meet each other trade at the reference price. Without one a buy of
    # one lot would pay the middle between a tick and all its money, and that price would be the market's reference.
    terms = {"order_type": OrderType.market, "time_in_force": time_in_force}
    floor.to(AUCTION)
    for side in (1, 2):
        refused = floor.order(side, ALICE, 1, **terms).one(CommandRejected)
        assert RejectCode(refused.reject_code) == RejectCode.reference_missing
        assert (refused.expected, refused.found) == (1, 0)
    floor.buy(BOB, 2, 100)
    floor.sell(CAROL, 1, 100)
    assert floor.to(CONTINUOUS).one(TradeExecuted).price_ticks == 100
    floor.to(AUCTION)
    assert floor.sell(ALICE, 1, **terms).order_id


def test_market_orders_that_only_meet_each_other_trade_at_the_reference_price(floor: Floor) -> None:
    floor.to(AUCTION, reference_price_ticks=100)
    terms = {"order_type": OrderType.market, "time_in_force": TimeInForce.gtc}
    floor.buy(ALICE, 1, **terms)
    floor.sell(BOB, 1, **terms)
    assert floor.to(CONTINUOUS).one(TradeExecuted).price_ticks == 100
