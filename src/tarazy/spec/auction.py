"""Call auctions: one price for all orders of the call phase.

Orders of one owner that cross each other leave first (`self_crosses`), then the price is found (`clearing`), then
orders trade at it in price-time priority. One price, one walk: at the price of most volume nothing is left that
crosses. What is left of orders that stood in the call phase alone leaves at its end.
"""

from __future__ import annotations

from tarazy.domain.arithmetic import saturate_u64
from tarazy.domain.records import AuctionExtended, AuctionUncrossed, CancelReason
from tarazy.spec.book import BUY, MARKET_TYPES, SELL, Order
from tarazy.spec.cancel import cancel_open_orders
from tarazy.spec.clearing import find_clearing
from tarazy.spec.contingencies import elect, place_pending, settle_legs
from tarazy.spec.market_states import CONTINUOUS, change_state, set_auction_end
from tarazy.spec.matching import Replenishment, emit_replenishment
from tarazy.spec.self_crosses import resolve_self_crosses
from tarazy.spec.settlement import AUCTION, settle_fill
from tarazy.spec.state import NS_PER_MS, Market, State
from tarazy.spec.triggers import run_triggers


def uncross(state: State, market: Market) -> None:
    """Trade all that crosses at the auction's price, which becomes the reference; without a trade nothing changes."""
    resolve_self_crosses(state, market)
    if market.book.is_crossed():
        clear(state, market)
    leave_auction(state, market)


def leave_auction(state: State, market: Market) -> None:
    """Cancel what stood in the call phase alone: market orders, and limit orders of the opening or the close."""
    left = market.book.take_auction_only()
    without_price = [order for order in left if order.order_type in MARKET_TYPES]
    cancel_open_orders(state, market, without_price, CancelReason.no_liquidity)
    limited = [order for order in left if order.order_type not in MARKET_TYPES]
    cancel_open_orders(state, market, limited, CancelReason.expired)


def clear(state: State, market: Market) -> None:
    """Find the price of a crossed book, say it, and trade at it."""
    clearing = find_clearing(market)
    state.out.append(
        AuctionUncrossed(
            side=clearing.imbalance_side,
            seq=state.seq,
            market_id=market.market_id,
            price_ticks=clearing.price_ticks,
            volume_lots=saturate_u64(clearing.volume_lots),
            imbalance_lots=saturate_u64(clearing.imbalance_lots),
            reference_price_ticks=market.reference_price_ticks,
        ).pack()
    )
    trade_at(state, market, clearing.price_ticks)
    if market.book.is_crossed():
        state.invariants.broken("ORDER", f"market {market.market_id} is crossed after its auction")
    market.reference_price_ticks = clearing.price_ticks
    market.derive_bounds()
    settle_legs(state)
    elect(state, market, clearing.price_ticks)
    market.book.follow(clearing.price_ticks)
    place_pending(state)


def trade_at(state: State, market: Market, price_ticks: int) -> None:
    """Trade bids at or above against asks at or below a price."""
    book = market.book
    bid, ask = book.best(BUY), book.best(SELL)
    before = (0, 0)
    while bid and ask and bid.price_ticks >= price_ticks >= ask.price_ticks:
        before = check_auction_priority(state, bid, ask, before)
        lots = min(bid.visible_lots, ask.visible_lots)
        settle_fill(state, market, AUCTION, ask, bid, price_ticks, lots, bid.price_ticks)
        for order in (bid, ask):
            take_auctioned(state, market, order, lots)
        bid, ask = book.best(BUY), book.best(SELL)


def check_auction_priority(state: State, bid: Order, ask: Order, before: tuple[int, int]) -> tuple[int, int]:
    """Check ORDER: neither side's price improves from one trade of an auction to the next."""
    state.invariants.counts["ORDER"] += 1
    if before != (0, 0) and (bid.price_ticks > before[0] or ask.price_ticks < before[1]):
        state.invariants.broken("ORDER", f"orders {bid.order_id} and {ask.order_id} traded out of turn")
    return bid.price_ticks, ask.price_ticks


def take_auctioned(state: State, market: Market, order: Order, lots: int) -> None:
    """Take traded lots off an order of the book."""
    if market.book.fill(order, lots):
        emit_replenishment(state, market, Replenishment(order, order.visible_lots, order.leaves_lots))
    elif order.leaves_lots == 0:
        state.forget_order(market, order)


def extend_auction(state: State, market: Market) -> bool:
    """Let a call phase go on when its price would lie outside the corridors; return whether it does.

    Source: Xetra, volatility interruption in auctions; LSE, price monitoring extension.
    """
    rules = market.trading_rules
    if market.extension_count >= rules.extension_count_max:
        return False
    resolve_self_crosses(state, market)
    if not market.book.is_crossed():
        return False
    price, (low, high) = find_clearing(market).price_ticks, market.trade_bounds(state.last_ts_ns)
    if low <= price <= high:
        return False
    market.extension_count += 1
    set_auction_end(state, market, saturate_u64(state.last_ts_ns + rules.extension_ms * NS_PER_MS))
    state.out.append(
        AuctionExtended(
            extension_count=market.extension_count,
            seq=state.seq,
            market_id=market.market_id,
            price_ticks=price,
            reference_price_ticks=market.reference_price_ticks,
            auction_end_ns=market.auction_end_ns,
        ).pack()
    )
    return True


def open_continuous(state: State, market: Market, reason: int) -> None:
    """Begin continuous trading: uncross the call phase, then let elected orders act."""
    change_state(state, market, CONTINUOUS, reason)
    uncross(state, market)
    run_triggers(state, market)
