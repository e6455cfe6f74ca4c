"""Settle what matching found: the postings and events of a fill, of a cancellation and of a reduction."""

from __future__ import annotations

from tarazy.domain.records import (
    AccountRole,
    AssetStatus,
    CancelReason,
    MakerRebated,
    MarketState,
    OrderCanceled,
    OrderReduced,
    TradeExecuted,
    TradeKind,
)
from tarazy.spec.book import BUY, Order
from tarazy.spec.fees import charge_minor, rates_of, rebate_minor
from tarazy.spec.ledger import FEE, REBATE, RELEASE, TRADE
from tarazy.spec.legs import is_leg
from tarazy.spec.limits import PURCHASES, is_limited
from tarazy.spec.purchases import close_purchase, count_purchase, reduce_purchase
from tarazy.spec.state import Market, State
from tarazy.spec.state_parts import Trade

CONTINUOUS = TradeKind.continuous
AUCTION = TradeKind.auction
CONTINUOUS_STATE = int(MarketState.continuous)
AUCTION_STATE = int(MarketState.auction)
ADMITTED = int(AssetStatus.admitted)
HOUSE = int(AccountRole.house)
ORDER_LIST = int(CancelReason.order_list)


def paying_asset(market: Market, side: int) -> int:
    """Return the asset that an order of this side holds."""
    return market.quote_asset_id if side == BUY else market.base_asset_id


def hold_minor(market: Market, side: int, price_ticks: int, lots: int) -> int:
    """Return what an order must hold for these lots, minor units of the asset it pays with."""
    if side == BUY:
        return market.cost_minor(price_ticks, lots)
    return lots * market.lot_size_minor


def held_by(market: Market, order: Order) -> int:
    """Return what an open order holds: of a list's order it may be less than it would need alone."""
    own = market.book.leg_holds.get(order.order_id) if is_leg(order.order_id) else None
    return hold_minor(market, order.side, order.price_ticks, order.leaves_lots) if own is None else own


def check_trade(state: State, market: Market, buyer: Order, seller: Order) -> None:
    """Check ADMIT and OWN on a trade about to be posted."""
    invariants = state.invariants
    invariants.counts["ADMIT"] += 1
    if market.market_state not in (CONTINUOUS_STATE, AUCTION_STATE):
        invariants.broken("ADMIT", f"trade in market {market.market_id}, state {market.market_state}")
    for asset_id in (market.base_asset_id, market.quote_asset_id):
        if state.assets[asset_id - 1].asset_status != ADMITTED:
            invariants.broken("ADMIT", f"trade of asset {asset_id}, which is not admitted")
    invariants.counts["OWN"] += 1
    if buyer.owner_id == seller.owner_id:
        invariants.broken("OWN", f"owner {buyer.owner_id} trades with itself")
    for order in (buyer, seller):
        account = state.accounts[order.account_id - 1]
        mine = account.account_role != HOUSE and order.approval_id == account.approval_id
        if not mine or not state.may_trade(account):
            invariants.broken("OWN", f"order {order.order_id} of account {order.account_id} may not trade")


def settle_fill(
    state: State,
    market: Market,
    kind: int,
    maker: Order,
    taker: Order,
    price_ticks: int,
    lots: int,
    hold_ticks: int,
) -> None:
    """Post and emit one fill. `hold_ticks` is the price at which the buyer held, 0 when it held an amount.

    In an auction the maker is the seller, the taker the buyer, and both pay the maker's rate; a rebate is none there.
    """
    buyer, seller = (taker, maker) if taker.side == BUY else (maker, taker)
    check_trade(state, market, buyer, seller)
    # POST
    ledger, base, quote = state.ledger, market.base_asset_id, market.quote_asset_id
    cost = market.cost_minor(price_ticks, lots)
    quantity = lots * market.lot_size_minor
    buyer_quote = ledger.balance(buyer.account_id, quote)
    buyer_base = ledger.balance(buyer.account_id, base)
    seller_quote = ledger.balance(seller.account_id, quote)
    seller_base = ledger.balance(seller.account_id, base)
    ledger.post(TRADE, quote, cost, buyer_quote.held, seller_quote.available)
    ledger.post(TRADE, base, quantity, seller_base.held, buyer_base.available)
    improvement = 0
    if hold_ticks > price_ticks:
        improvement = market.cost_minor(hold_ticks - price_ticks, lots)
        ledger.post(RELEASE, quote, improvement, buyer_quote.held, buyer_quote.available)
    maker_rate, taker_rate = rates_of(state, market, maker.account_id)[0], rates_of(state, market, taker.account_id)[1]
    if kind == AUCTION:
        maker_rate, taker_rate = max(maker_rate, 0), max(rates_of(state, market, taker.account_id)[0], 0)
    buyer_rate, seller_rate = (taker_rate, maker_rate) if buyer is taker else (maker_rate, taker_rate)
    buyer_fee, seller_fee = charge_minor(quantity, buyer_rate), charge_minor(cost, seller_rate)
    if buyer_fee:
        ledger.post(FEE, base, buyer_fee, buyer_base.available, ledger.asset(base).fees_earned)
    if seller_fee:
        ledger.post(FEE, quote, seller_fee, seller_quote.available, ledger.asset(quote).fees_earned)
    if is_limited(state.accounts[buyer.account_id - 1], PURCHASES):
        count_purchase(state, buyer, cost, cost + improvement)
    if is_limited(state.accounts[seller.account_id - 1], PURCHASES):
        count_purchase(state, seller, quantity, quantity)
    parties = (buyer.account_id, seller.account_id, buyer_rate, seller_rate)
    state.trades.append(Trade(state.seq, state.trade_index, market.market_id, *parties, quantity, cost))
    market.last_price_ticks = price_ticks
    market.last_trade_ns = state.last_ts_ns
    if market.reference_price_ticks == 0:
        market.reference_price_ticks = price_ticks
        market.derive_bounds()
    # EMIT
    state.out.append(
        TradeExecuted(
            side=taker.side if kind == CONTINUOUS else 0,
            trade_kind=kind,
            seq=state.seq,
            market_id=market.market_id,
            maker_account_id=maker.account_id,
            taker_account_id=taker.account_id,
            trade_index=state.trade_index,
            maker_order_id=maker.order_id,
            taker_order_id=taker.order_id,
            price_ticks=price_ticks,
            quantity_lots=lots,
            maker_fee_minor=seller_fee if seller is maker else buyer_fee,
            taker_fee_minor=buyer_fee if buyer is taker else seller_fee,
        ).pack()
    )
    if maker_rate < 0:
        received, fee, asset_id = (quantity, buyer_fee, base) if buyer is taker else (cost, seller_fee, quote)
        pay_rebate(state, market, maker, asset_id, rebate_minor(received, maker_rate, fee))
    state.trade_index += 1
    for order in (maker, taker):
        if is_leg(order.order_id):
            state.leg_events.append((market.market_id, order.order_id, False))


def pay_rebate(state: State, market: Market, maker: Order, asset_id: int, minor: int) -> None:
    """Give the maker its part of the taker's fee, and say so."""
    if minor == 0:
        return
    # POST
    ledger = state.ledger
    available = ledger.balance(maker.account_id, asset_id).available
    ledger.post(REBATE, asset_id, minor, ledger.asset(asset_id).fees_earned, available)
    # EMIT
    state.out.append(
        MakerRebated(
            seq=state.seq,
            market_id=market.market_id,
            account_id=maker.account_id,
            asset_id=asset_id,
            trade_index=state.trade_index,
            order_id=maker.order_id,
            amount_minor=minor,
        ).pack()
    )


def release(state: State, market: Market, order: Order, minor: int) -> None:
    """Give back an amount that an order held."""
    if minor:
        asset_id = paying_asset(market, order.side)
        balance = state.ledger.balance(order.account_id, asset_id)
        state.ledger.post(RELEASE, asset_id, minor, balance.held, balance.available)


def end_purchase(state: State, order: Order) -> None:
    """Keep nothing free under limits for an order that has ended."""
    if is_limited(state.accounts[order.account_id - 1], PURCHASES):
        close_purchase(state, order.order_id)


def settle_cancel(state: State, market: Market, order: Order, reason: int, lots: int, held_minor: int) -> None:
    """Release what an order that has left still held, and say that it is canceled."""
    # POST
    release(state, market, order, held_minor)
    end_purchase(state, order)
    # EMIT
    state.out.append(
        OrderCanceled(
            cancel_reason=reason,
            side=order.side,
            seq=state.seq,
            market_id=market.market_id,
            account_id=order.account_id,
            order_id=order.order_id,
            client_order_id=order.client_order_id,
            leaves_lots=lots,
            released_minor=held_minor,
        ).pack()
    )
    if is_leg(order.order_id) and reason != ORDER_LIST:
        state.leg_events.append((market.market_id, order.order_id, True))


def reduce_hold(state: State, market: Market, order: Order, minor: int) -> None:
    """Give back a part of what an open order held, and keep that much less free under limits."""
    release(state, market, order, minor)
    if is_limited(state.accounts[order.account_id - 1], PURCHASES):
        reduce_purchase(state, order.order_id, minor)


def settle_reduction(state: State, market: Market, order: Order, lots: int, leaves: int, held_minor: int) -> None:
    """Release what the reduced lots held, and say that the order is smaller."""
    # POST
    reduce_hold(state, market, order, held_minor)
    # EMIT
    state.out.append(
        OrderReduced(
            seq=state.seq,
            market_id=market.market_id,
            account_id=order.account_id,
            order_id=order.order_id,
            reduced_lots=lots,
            leaves_lots=leaves,
            released_minor=held_minor,
        ).pack()
    )
    if is_leg(order.order_id):
        state.leg_events.append((market.market_id, order.order_id, leaves == 0))
