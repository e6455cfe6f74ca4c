"""Trailing stops: the scenarios of the page that describes them, trade by trade, and lives with restarts and halts.

Source of the right values: Binance Spot API, "Spot Trailing Stop order FAQ" (faqs/trailing-stop-faq.md), scenarios A to
E with their prices. Scenario D turns at 43,012.5, so its prices are in half units here. The band of distances, 10 to
2,000 basis points, is that of the filter TRAILING_DELTA ("Filters" of the same documentation).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tarazy.domain.records import (
    CancelReason,
    MarketState,
    OrderCanceled,
    OrderElected,
    OrderTriggered,
    OrderType,
    TradeExecuted,
    TrailingStopPlaced,
    TrailingStopStarted,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, DAVE, MILLION, USD, Floor, open_floor

BUY, SELL = 1, 2
STOP, TAKE = OrderType.stop_loss_limit, OrderType.take_profit_limit


class Scenario(NamedTuple):
    """A scenario of the page: the order, the prints after it, the print that starts it, and its trigger at the end."""

    side: int
    order_type: int
    begin: int
    bp: int
    limit: int
    prints: tuple[int, ...]
    start: tuple[int, int]
    trigger: int


SCENARIOS = {
    "A": Scenario(BUY, STOP, 44_000, 500, 45_000, (37_000, 44_000, 46_000, 42_000, 44_100), (44_000, 46_200), 44_100),
    "B": Scenario(
        SELL, STOP, 39_000, 1_000, 38_000, (41_500, 39_000, 37_000, 41_000, 36_900), (39_000, 35_100), 36_900
    ),
    "C": Scenario(
        BUY, TAKE, 38_000, 850, 38_500, (42_000, 38_000, 37_000, 39_000, 38_000, 40_145), (38_000, 41_230), 40_145
    ),
    "D": Scenario(
        SELL,
        TAKE,
        84_000,
        750,
        82_000,
        (83_000, 78_000, 84_000, 90_000, 88_000, 93_000, 86_025),
        (84_000, 77_700),
        86_025,
    ),
    "E": Scenario(SELL, STOP, 0, 700, 39_000, (42_000, 39_500, 45_500, 42_315), (40_000, 37_200), 42_315),
}


def restart(floor: Floor) -> None:
    """Let the venue go on from its own snapshot, and audit it."""
    floor.venue = type(floor.venue).restore(floor.venue.snapshot())  # type: ignore[attr-defined]
    floor.checkpoint()


@pytest.mark.parametrize("over_restarts", [False, True])
@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_of_the_page(floor: Floor, name: str, over_restarts: bool) -> None:
    case = SCENARIOS[name]
    floor.print_at(80_000 if name == "D" else 40_000)
    options = {"order_type": case.order_type}
    placed = floor.trailing(case.side, ALICE, 1, case.bp, case.limit, case.begin, **options)
    assert placed.one(TrailingStopPlaced).trailing_bp == case.bp
    events: list[Any] = list(placed)
    for price in case.prints:
        assert not any(isinstance(event, OrderElected) for event in events), f"elected before {price}"
        if over_restarts:
            restart(floor)
        events += floor.print_at(price)
    started = next(event for event in events if isinstance(event, TrailingStopStarted))
    assert (started.extreme_price_ticks, started.trigger_price_ticks) == case.start
    elected = next(event for event in events if isinstance(event, OrderElected))
    assert (elected.order_id, elected.trigger_price_ticks) == (placed.order_id, case.trigger)
    assert elected.print_price_ticks == case.prints[-1]
    assert any(isinstance(event, OrderTriggered) for event in events)


@pytest.mark.parametrize(
    ("side", "near", "turn"), [(SELL, 36_901, 36_900), (BUY, 44_099, 44_100)], ids=["scenario B", "scenario A"]
)
def test_a_tick_before_the_distance_does_not_elect(floor: Floor, side: int, near: int, turn: int) -> None:
    best, bp = (41_000, 1_000) if side == SELL else (42_000, 500)
    floor.print_at(best)
    floor.trailing(side, ALICE, 1, bp, 30_000 if side == SELL else 50_000)
    assert not [e for e in floor.print_at(near) if isinstance(e, OrderElected)]
    assert [e for e in floor.print_at(turn) if isinstance(e, OrderElected)]


def test_trigger_between_two_ticks_is_never_early(floor: Floor) -> None:
    # 10 basis points below 1,001 are 999.999, above 999 are 999.999: a sell turns at 999, a buy at 1,000.
    floor.print_at(1_001)
    sell = floor.trailing(SELL, ALICE, 1, 10, 900)
    assert sell.one(TrailingStopStarted).trigger_price_ticks == 999
    floor.print_at(1_000)
    buy = floor.trailing(BUY, BOB, 1, 10, 1_100)
    assert buy.one(TrailingStopStarted).trigger_price_ticks == 1_001


def test_every_print_of_a_sweep_moves_and_elects(floor: Floor) -> None:
    # A sell at 10% from 1,000: the sweep prints 1,000 first, 950 and 900 after, and 900 elects.
    floor.print_at(900)
    stop = floor.trailing(SELL, ALICE, 1, 1_000, 800).order_id
    for price in (1_000, 950, 900):
        floor.buy(BOB, 1, price)
    swept = floor.sell(CAROL, 3, 900)
    elected = swept.one(OrderElected)
    assert (elected.order_id, elected.trigger_price_ticks, elected.print_price_ticks) == (stop, 900, 900)


def test_trailing_market_buy_holds_what_its_trigger_can_cost_and_no_more(engine: type) -> None:
    # Collar 10%: begins at 1,000, trails by 5%, so that it acts at 1,050 at most and may pay 1,155.
    floor = open_floor(engine)
    floor.print_at(1_000)
    floor.rules(collar_ppm=100_000)
    placed = floor.trailing(BUY, ALICE, 2, 500)
    assert floor.balance(ALICE, USD) == (MILLION - 2 * 1_155, 2 * 1_155)
    floor.print_at(960)
    floor.sell(BOB, 2, 1_008)
    result = floor.buy(DAVE, 1, 1_008)
    assert result.one(OrderElected).trigger_price_ticks == 1_008
    assert floor.balance(ALICE, BTC)[0] == MILLION + 1
    canceled = result.one(OrderCanceled)
    assert (canceled.order_id, canceled.leaves_lots) == (placed.order_id, 1)
    assert floor.balance(ALICE, USD) == (MILLION - 1_008, 0)


def test_elected_through_a_halt_it_stays_elected(floor: Floor) -> None:
    floor.print_at(1_000)
    stop = floor.trailing(SELL, ALICE, 5, 100, 900).order_id
    floor.to(MarketState.auction)
    floor.sell(CAROL, 1, 990)
    floor.buy(DAVE, 1, 990)
    floor.to(MarketState.halted)
    floor.to(MarketState.auction)
    restart(floor)
    floor.sell(BOB, 1, 990)
    floor.buy(DAVE, 1, 990)
    floor.now += 2_000_000_000
    opened = floor.to(MarketState.continuous)
    assert opened.one(OrderElected).order_id == stop
    assert opened.one(OrderTriggered).order_id == stop


def test_answers_to_its_numbers_and_leaves_with_the_account(floor: Floor) -> None:
    floor.print_at(1_000)
    floor.trailing(SELL, ALICE, 5, 100, 900, client_order_id=7)
    assert floor.cancel(ALICE, 0, 7).one(OrderCanceled).released_minor == 5
    floor.trailing(SELL, ALICE, 5, 100, 900, client_order_id=8)
    left = floor.cancel_all(ALICE, side=SELL).one(OrderCanceled)
    assert (left.client_order_id, left.cancel_reason) == (8, CancelReason.cancel_all)
    assert floor.balance(ALICE, BTC) == (MILLION, 0)
    restart(floor)
    floor.print_at(2_000, 1_000)
    assert not floor.state.markets[0].book.trails


def test_distance_out_of_the_band_and_no_price_to_begin_at_are_refused(floor: Floor) -> None:
    assert floor.trailing(SELL, ALICE, 5, 100, 900).reject_code == RejectCode.trailing_price_missing
    floor.print_at(1_000)
    for bp in (0, 9, 2_001):
        assert floor.trailing(SELL, ALICE, 5, bp, 900).reject_code == RejectCode.trailing_delta_out_of_range
    for bp in (10, 2_000):
        assert floor.trailing(SELL, ALICE, 5, bp, 900).order_id
    reached = floor.trailing(SELL, ALICE, 5, 100, 900, begin=1_001)
    assert reached.reject_code == RejectCode.trigger_already_reached


def test_sweep_moves_trailing_stops_to_its_last_print_and_starts_others_on_its_way(floor: Floor) -> None:
    # 10 % behind 130 is 117; a take-profit that begins at 120 follows from there to 130 as well, 5 % behind: 123.5.
    # A buy follows to the low of 100, the first print of the sweep: 20 % above is 120.
    floor.print_at(105)
    first = floor.trailing(SELL, ALICE, 1, 1_000, 90).order_id
    begun = floor.trailing(SELL, ALICE, 1, 500, 90, begin=120, order_type=TAKE).order_id
    bought = floor.trailing(BUY, ALICE, 1, 2_000, 140).order_id
    for price in (100, 120, 130):
        floor.sell(BOB, 1, price)
    events = floor.buy(CAROL, 3, 130)
    assert [trade.price_ticks for trade in events.of(TradeExecuted)] == [100, 120, 130]
    assert events.one(TrailingStopStarted).order_id == begun
    # The print of 120 has elected the buy: 100 * 1.2.
    assert (events.one(OrderElected).order_id, events.one(OrderElected).trigger_price_ticks) == (bought, 120)
    book = floor.state.markets[0].book
    assert {number: order.trigger_price_ticks for number, order in book.untriggered.items()} == {first: 117, begun: 123}
