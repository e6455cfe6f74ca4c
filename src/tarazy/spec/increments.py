"""Change a market's lot size and tick value, with the orders that stand in it.

A price and a quantity mean the same before and after: `price * tick value / lot size` and `quantity * lot size`. An
order all of whose numbers are whole in the new units keeps its place, and holds exactly what it held; every other is
canceled in the old units. Source: published practice of OKX for both tick size and trading amount precision;
docs/concepts/ticks-and-lots.md
"""

from __future__ import annotations

from math import gcd
from typing import NamedTuple

from tarazy.domain.arithmetic import U64_MAX, div_exact, div_floor, saturate_u64
from tarazy.domain.records import CancelReason, ChangeIncrements, IncrementsChanged, MarketState
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.book import Book, Order
from tarazy.spec.cancel import cancel_open_orders
from tarazy.spec.legs import is_leg
from tarazy.spec.lookup import find_market
from tarazy.spec.matching import emit_amended
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.settings import market_of
from tarazy.spec.settlement import hold_minor
from tarazy.spec.state import Market, State


class Scale(NamedTuple):
    """A ratio in lowest terms: a number in new units is the old one * numerator / denominator."""

    numerator: int
    denominator: int

    def is_whole(self, number: int) -> bool:
        """Return whether the number is whole in the new units and fits."""
        units = div_floor(number, self.denominator)
        return units * self.denominator == number and units * self.numerator <= U64_MAX

    def expected(self, number: int) -> int:
        """Return what a number had to be a multiple of or, where it is one and does not fit, at most."""
        if div_floor(number, self.denominator) * self.denominator != number:
            return self.denominator
        return div_floor(U64_MAX, self.numerator) * self.denominator

    def of(self, number: int) -> int:
        """Return the number in the new units, rounded down, at least 1 where it was not 0."""
        return saturate_u64(max(div_floor(number * self.numerator, self.denominator), min(number, 1)))


def scale(numerator: int, denominator: int) -> Scale:
    """Return a ratio in lowest terms."""
    common = gcd(numerator, denominator)
    return Scale(div_exact(numerator, common), div_exact(denominator, common))


def scales(lot_before: int, tick_before: int, lot: int, tick: int) -> tuple[Scale, Scale]:
    """Return the ratios of prices and of quantities between lot sizes and tick values."""
    return scale(tick_before * lot, lot_before * tick), scale(lot_before, lot)


def scales_of(market: Market, command: ChangeIncrements) -> tuple[Scale, Scale]:
    """Return the ratios of prices and of quantities that a command brings."""
    after = (command.lot_size_minor, command.tick_value_minor)
    return scales(market.lot_size_minor, market.tick_value_minor, *after)


def check_increments(state: State, market: Market, command: ChangeIncrements) -> None:
    """Refuse a change while the market trades or settings in the old units wait, and one that changes nothing."""
    if market.market_state not in (MarketState.closed, MarketState.halted):
        raise Refusal(RejectCode.market_not_at_rest, MarketState.halted, market.market_state)
    if command.lot_size_minor == 0 or command.tick_value_minor == 0:
        raise Refusal(RejectCode.market_increment_zero, 1, 0)
    require_hash(command.rulebook_hash, RejectCode.rulebook_hash_missing)
    for seq, record in state.pending.items():
        if market_of(record) == market.market_id:
            raise Refusal(RejectCode.setting_pending, 0, seq)
    if (command.lot_size_minor, command.tick_value_minor) == (market.lot_size_minor, market.tick_value_minor):
        raise Refusal(RejectCode.increments_invalid, 1, 0)
    price, _ = scales_of(market, command)
    for number in (number for band in market.tick_bands for number in band):
        if not price.is_whole(number):
            raise Refusal(RejectCode.increments_invalid, price.expected(number), number)


def change_increments(state: State, command: ChangeIncrements) -> None:
    """Change lot size and tick value; orders that are whole in the new units stay."""
    # GATE
    market = find_market(state, command.market_id)
    check_increments(state, market, command)
    # POST EMIT
    price, quantity = scales_of(market, command)
    orders = [*market.book.resting.values(), *market.book.untriggered.values()]
    trails = market.book.trails
    left = [
        order
        for order in orders
        if is_leg(order.order_id) or order.order_id in trails or not fits(order, price, quantity)
    ]
    cancel_open_orders(state, market, left, CancelReason.tick_change)
    before = (market.lot_size_minor, market.tick_value_minor)
    restate(market, command, price, quantity)
    state.out.append(
        IncrementsChanged(
            seq=state.seq,
            market_id=market.market_id,
            lot_size_minor=market.lot_size_minor,
            tick_value_minor=market.tick_value_minor,
            from_lot_size_minor=before[0],
            from_tick_value_minor=before[1],
            quantity_max_lots=market.quantity_max_lots,
            rulebook_hash=market.rulebook_hash,
        ).pack()
    )
    for _, order in sorted({**market.book.resting, **market.book.untriggered}.items()):
        held = hold_minor(market, order.side, order.price_ticks, order.leaves_lots)
        emit_amended(state, market, order, 1, held)


def fits(order: Order, price: Scale, quantity: Scale) -> bool:
    """Return whether all numbers of an order are whole in the new units."""
    lots = (order.quantity_lots, order.leaves_lots, order.visible_lots, order.display_lots)
    ticks = (order.price_ticks, order.trigger_price_ticks)
    return all(map(quantity.is_whole, lots)) and all(map(price.is_whole, ticks))


def restate(market: Market, command: ChangeIncrements, price: Scale, quantity: Scale) -> None:
    """Put the market, its table and its orders into the new units. Places in queues stay."""
    before = market.book
    market.lot_size_minor, market.tick_value_minor = command.lot_size_minor, command.tick_value_minor
    market.rulebook_hash = command.rulebook_hash
    market.quantity_max_lots = quantity.of(market.quantity_max_lots)
    market.reference_price_ticks = price.of(market.reference_price_ticks)
    market.last_price_ticks = price.of(market.last_price_ticks)
    market.tick_bands = [(price.of(start), price.of(step)) for start, step in market.tick_bands]
    market.derive_bounds()
    market.book = Book()
    market.book.priority_next = before.priority_next
    for levels in before.levels.values():
        for order in (order for level in levels.values() for order in level.values()):
            restate_order(order, price, quantity)
            market.book.restore(order)
    for order in before.untriggered.values():
        restate_order(order, price, quantity)
        market.book.add_untriggered(order)


def restate_order(order: Order, price: Scale, quantity: Scale) -> None:
    """Put an order into the new units."""
    order.price_ticks, order.trigger_price_ticks = price.of(order.price_ticks), price.of(order.trigger_price_ticks)
    order.quantity_lots, order.leaves_lots = quantity.of(order.quantity_lots), quantity.of(order.leaves_lots)
    order.visible_lots, order.display_lots = quantity.of(order.visible_lots), quantity.of(order.display_lots)
