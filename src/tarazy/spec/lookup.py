"""Find what a command names; refuse unknown numbers."""

from __future__ import annotations

from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.book import Order
from tarazy.spec.refusal import beyond, unknown
from tarazy.spec.state import Account, Asset, Market, State
from tarazy.spec.state_parts import Officer


def find_asset(state: State, asset_id: int) -> Asset:
    """Return an asset; refuse an unknown number."""
    if not 1 <= asset_id <= len(state.assets):
        raise beyond(RejectCode.asset_unknown, len(state.assets), asset_id)
    return state.assets[asset_id - 1]


def find_market(state: State, market_id: int) -> Market:
    """Return a market; refuse an unknown number."""
    if not 1 <= market_id <= len(state.markets):
        raise beyond(RejectCode.market_unknown, len(state.markets), market_id)
    return state.markets[market_id - 1]


def find_account(state: State, account_id: int) -> Account:
    """Return an account; refuse an unknown number."""
    if not 1 <= account_id <= len(state.accounts):
        raise beyond(RejectCode.account_unknown, len(state.accounts), account_id)
    return state.accounts[account_id - 1]


def find_order(state: State, market: Market, account: Account, order_id: int, client_order_id: int) -> Order:
    """Return an open order of the account by its number or, when that is 0, by the client's."""
    number = order_id or state.by_client.get((account.account_id, client_order_id), 0)
    order = market.book.find(number)
    if order is None or order.account_id != account.account_id:
        raise unknown(RejectCode.order_unknown, order_id or client_order_id)
    return order


def find_officer(state: State, officer_id: int) -> Officer:
    """Return an officer; refuse an unknown number."""
    officers = state.authority.officers
    if not 1 <= officer_id <= len(officers):
        raise beyond(RejectCode.officer_unknown, len(officers), officer_id)
    return officers[officer_id - 1]
