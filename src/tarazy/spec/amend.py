"""Amend an open order: a smaller quantity at the same price keeps its place, anything else enters anew."""

from __future__ import annotations

from tarazy.domain.arithmetic import saturate_u128
from tarazy.domain.records import AmendOrder, MarketState, OrderType
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.book import MARKET_TYPES, Order
from tarazy.spec.grid import check_grid
from tarazy.spec.ledger import HOLD, RELEASE
from tarazy.spec.legs import is_amendable
from tarazy.spec.limits import check_order
from tarazy.spec.lookup import find_account, find_market, find_order
from tarazy.spec.matching import Taker, emit_amended
from tarazy.spec.orders import SLICES_MAX, check_collar, check_market, check_notional, check_post_only, check_trader
from tarazy.spec.purchases import amend_purchase, is_limited_purchase
from tarazy.spec.refusal import Refusal
from tarazy.spec.settlement import hold_minor, paying_asset
from tarazy.spec.state import Market, State
from tarazy.spec.triggers import run_triggers, trade


def amend_order(state: State, command: AmendOrder) -> None:
    """Change an order's price or quantity (its total, filled lots included)."""
    # GATE
    account = find_account(state, command.account_id)
    check_trader(state, account, account.approval_id)
    market = find_market(state, command.market_id)
    check_market(state, market)
    order = find_order(state, market, account, command.order_id, command.client_order_id)
    price = command.price_ticks or order.price_ticks
    check_change(market, order, price, command.quantity_lots)
    if account.limited:
        check_order(state, account, market, price, command.quantity_lots, 0)
    filled = order.quantity_lots - order.leaves_lots
    leaves = command.quantity_lots - filled
    # HOLD
    before = hold_minor(market, order.side, order.price_ticks, order.leaves_lots)
    after = hold_minor(market, order.side, price, leaves)
    keeps_priority = price == order.price_ticks and command.quantity_lots < order.quantity_lots
    adjust_hold(state, market, order, before, after, price, keeps_priority)
    # MATCH POST EMIT
    if keeps_priority:
        market.book.reduce(order, order.quantity_lots - command.quantity_lots)
        emit_amended(state, market, order, 1, after)
        return
    market.book.remove(order)
    state.forget_order(market, order)
    order.price_ticks = price
    order.quantity_lots = command.quantity_lots
    order.leaves_lots = leaves
    emit_amended(state, market, order, 0, after)
    if market.market_state == MarketState.continuous:
        trade(state, market, Taker(order, price, price))
        run_triggers(state, market)
    else:
        market.book.insert(order)
        state.register_order(market, order)


def check_change(market: Market, order: Order, price_ticks: int, quantity_lots: int) -> None:
    """Refuse an amendment that changes nothing, is not possible, or breaks a limit of the market."""
    if (
        order.order_id in market.book.untriggered
        or order.order_type in MARKET_TYPES
        or not is_amendable(order.order_id)
    ):
        raise Refusal(RejectCode.amend_not_allowed, 1, 0)
    if price_ticks == order.price_ticks and quantity_lots == order.quantity_lots:
        raise Refusal(RejectCode.amend_changes_nothing, 1, 0)
    filled = order.quantity_lots - order.leaves_lots
    if quantity_lots <= filled:
        raise Refusal(RejectCode.amend_below_filled, filled + 1, quantity_lots)
    if order.display_lots:
        least, most = order.display_lots + 1, order.display_lots * SLICES_MAX
        if not least <= quantity_lots <= most:
            nearest = least if quantity_lots < least else most
            raise Refusal(RejectCode.quantity_unfit_for_slice, nearest, quantity_lots)
    if quantity_lots > market.quantity_max_lots:
        raise Refusal(RejectCode.quantity_too_large, market.quantity_max_lots, quantity_lots)
    check_notional(market, saturate_u128(market.cost_minor(price_ticks, quantity_lots)))
    if price_ticks != order.price_ticks:
        check_grid(market, price_ticks)
        check_collar(market, order.side, price_ticks)


def adjust_hold(
    state: State, market: Market, order: Order, before: int, after: int, price_ticks: int, keeps_priority: bool
) -> None:
    """Hold more or give back the difference; refuse what the balance does not cover or a post-only that would trade."""
    asset_id = paying_asset(market, order.side)
    balance = state.ledger.balance(order.account_id, asset_id)
    if after > before and balance.available.minor < after - before:
        raise Refusal(RejectCode.insufficient_balance, after - before, balance.available.minor)
    if order.order_type == OrderType.post_only and not keeps_priority:
        check_post_only(market, order.side, price_ticks)
    account = state.accounts[order.account_id - 1]
    if is_limited_purchase(state, market, account, order.side):
        amend_purchase(state, account, order, after)
    if after > before:
        state.ledger.post(HOLD, asset_id, after - before, balance.available, balance.held)
    elif after < before:
        state.ledger.post(RELEASE, asset_id, before - after, balance.held, balance.available)
