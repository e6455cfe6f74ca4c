"""Cancel orders: one, all of an account, or those that lose their right to stand."""

from __future__ import annotations

from tarazy.domain.records import AccountState, CancelAll, CancelOrder, CancelReason
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.book import Order
from tarazy.spec.lookup import find_account, find_market, find_order
from tarazy.spec.refusal import Refusal
from tarazy.spec.settlement import held_by, settle_cancel
from tarazy.spec.state import Account, Market, State

ACTIVE = int(AccountState.active)
RESTRICTED = int(AccountState.restricted)
REQUESTED = int(CancelReason.requested)


def require_canceling(account: Account) -> None:
    """Refuse cancels of a frozen or closed account."""
    if account.account_state not in (ACTIVE, RESTRICTED):
        raise Refusal(RejectCode.account_not_active, ACTIVE, account.account_state)


def close_order(state: State, market: Market, order: Order, reason: int) -> None:
    """Take an open order out, give back what it held, and say so."""
    if order.order_id in market.book.resting:
        market.book.remove(order)
    else:
        market.book.remove_untriggered(order)
    state.forget_order(market, order)
    held = held_by(market, order)
    market.book.leg_holds.pop(order.order_id, None)
    settle_cancel(state, market, order, reason, order.leaves_lots, held)


def cancel_open_orders(state: State, market: Market, orders: list[Order], reason: int) -> None:
    """Cancel open orders of a market, lowest order number first."""
    for order in sorted(orders, key=lambda order: order.order_id):
        close_order(state, market, order, reason)


def cancel_order(state: State, command: CancelOrder) -> None:
    """Cancel one open order of an account, in any state of the market."""
    # GATE
    account = find_account(state, command.account_id)
    require_canceling(account)
    market = find_market(state, command.market_id)
    order = find_order(state, market, account, command.order_id, command.client_order_id)
    # POST EMIT
    close_order(state, market, order, REQUESTED)


def cancel_all(state: State, command: CancelAll) -> None:
    """Cancel all open orders of an account, or those of one market, side or session (0 = all)."""
    # GATE
    account = find_account(state, command.account_id)
    require_canceling(account)
    markets = [find_market(state, command.market_id)] if command.market_id else state.markets
    # POST EMIT
    for market in markets:
        orders = list(market.book.by_account.get(account.account_id, {}).values())
        named = [order for order in orders if is_named(command, order)]
        cancel_open_orders(state, market, named, CancelReason.cancel_all)


def is_named(command: CancelAll, order: Order) -> bool:
    """Return whether an order is on the side and of the session that the command names."""
    on_side = command.side_filter in (0, order.side)
    return on_side and command.session_id in (0, order.session_id)
