"""Self-crosses: orders of one owner that would meet in a call auction leave before its price is found.

Every owner's crossing orders are paired best price first, then time, and the later order's self-trade prevention mode
decides, until the owner's best bid lies below its best ask. From then on no price of the auction lets an owner meet
itself, so that price, volume and imbalance come from trades that will happen.
Cost: one walk over the crossed orders and one sort of those whose owner stands on both sides.
"""

from __future__ import annotations

from tarazy.domain.records import CancelReason, SelfTradePrevention
from tarazy.spec.book import BUY, SELL, Order
from tarazy.spec.settlement import hold_minor, settle_cancel, settle_reduction
from tarazy.spec.state import Market, State


def resolve_self_crosses(state: State, market: Market) -> None:
    """Take out what would trade with its own owner, owner by owner, lowest number first."""
    if not market.book.is_crossed():
        return
    bids, asks = crossed_orders(market, BUY), crossed_orders(market, SELL)
    for owner_id in sorted(bids.keys() & asks.keys()):
        resolve_owner(state, market, bids[owner_id], asks[owner_id])


def crossed_orders(market: Market, side: int) -> dict[int, list[Order]]:
    """Return the orders of a side that cross the other one, by owner, in price-time priority."""
    book = market.book
    worst = book.best_price(SELL if side == BUY else BUY)
    orders: dict[int, list[Order]] = {}
    for key in reversed(book.keys[side]):
        price = abs(key)
        if price < worst if side == BUY else price > worst:
            break
        for order in book.levels[side][key].values():
            orders.setdefault(order.owner_id, []).append(order)
    return orders


def resolve_owner(state: State, market: Market, bids: list[Order], asks: list[Order]) -> None:
    """Pair one owner's orders until they no longer cross."""
    bid_at, ask_at = 0, 0
    while bid_at < len(bids) and ask_at < len(asks) and bids[bid_at].price_ticks >= asks[ask_at].price_ticks:
        bid_stays, ask_stays = prevent_self_trade_in_auction(state, market, bids[bid_at], asks[ask_at])
        bid_at += not bid_stays
        ask_at += not ask_stays


def prevent_self_trade_in_auction(state: State, market: Market, bid: Order, ask: Order) -> tuple[bool, bool]:
    """Apply the later order's mode to two orders of one owner; return whether the bid and the ask stay."""
    bid_is_later = bid.priority > ask.priority
    later, earlier = (bid, ask) if bid_is_later else (ask, bid)
    mode = later.self_trade_prevention
    if mode == SelfTradePrevention.decrement:
        lots = min(bid.leaves_lots, ask.leaves_lots)
        reduce_in_auction(state, market, earlier, lots)
        reduce_in_auction(state, market, later, lots)
        return bid.leaves_lots > 0, ask.leaves_lots > 0
    later_stays = mode == SelfTradePrevention.expire_maker
    earlier_stays = mode == SelfTradePrevention.expire_taker
    if not earlier_stays:
        expire_in_auction(state, market, earlier)
    if not later_stays:
        expire_in_auction(state, market, later)
    return (later_stays, earlier_stays) if bid_is_later else (earlier_stays, later_stays)


def reduce_in_auction(state: State, market: Market, order: Order, lots: int) -> None:
    """Take lots off an order that would trade with its own owner."""
    market.book.reduce(order, lots)
    held = hold_minor(market, order.side, order.price_ticks, lots)
    settle_reduction(state, market, order, lots, order.leaves_lots, held)
    if order.leaves_lots == 0:
        state.forget_order(market, order)


def expire_in_auction(state: State, market: Market, order: Order) -> None:
    """Cancel an order that would trade with its own owner."""
    market.book.remove(order)
    state.forget_order(market, order)
    held = hold_minor(market, order.side, order.price_ticks, order.leaves_lots)
    settle_cancel(state, market, order, CancelReason.self_trade_prevention, order.leaves_lots, held)
