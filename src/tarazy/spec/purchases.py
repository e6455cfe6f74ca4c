"""Open purchases of limited accounts: what they may still pay is kept free under the limits until it trades or goes.

A purchase is a buy of a digital asset, or a sell of a fiat currency for one. It is checked when it is accepted, with
all that it holds, and counted when it trades, valued at the rate of its acceptance: what open purchases may still use
and what was used never exceed a limit together, whatever rates do in between. The parts that one order counts add up to
what it paid, rounded up once. Every open purchase of an account that a limit on purchases touches is in the table.
"""

from __future__ import annotations

from tarazy.domain.records import AssetKind
from tarazy.spec.book import BUY, Order
from tarazy.spec.limits import ACCOUNT, OWNER, PURCHASES, Asked, ask, check, count, is_limited
from tarazy.spec.rates import is_known, rate_of, value_minor
from tarazy.spec.state import Account, Market, Purchase, Rate, State

FIAT = int(AssetKind.fiat)
DIGITAL = int(AssetKind.digital)


def is_purchase(state: State, market: Market, side: int) -> bool:
    """Return whether an order of this side acquires a digital asset: by a buy, or for a fiat currency."""
    base_kind = state.assets[market.base_asset_id - 1].asset_kind
    quote_kind = state.assets[market.quote_asset_id - 1].asset_kind
    return base_kind == DIGITAL if side == BUY else base_kind == FIAT and quote_kind == DIGITAL


def is_limited_purchase(state: State, market: Market, account: Account, side: int) -> bool:
    """Return whether limits on purchases bind an order of the account."""
    return is_limited(account, PURCHASES) and is_purchase(state, market, side)


def check_purchase(state: State, account: Account, asset_id: int, held_minor: int) -> None:
    """Refuse a purchase that could, with those that are open, go over a limit."""
    check(state, account, PURCHASES, ask(state, asset_id, held_minor))


def open_purchase(state: State, account: Account, order_id: int, asset_id: int, held_minor: int) -> None:
    """Keep free what an accepted purchase may pay."""
    purchase = Purchase(account.account_id, asset_id, 0, rate_of(state, asset_id))
    state.purchases[order_id] = purchase
    resize(state, order_id, purchase, held_minor, purchase.rate)


def amend_purchase(state: State, account: Account, order: Order, before_minor: int, after_minor: int) -> None:
    """Keep more or less free for an amended purchase; refuse more than a limit leaves.

    What grows is checked and valued at the present rate.
    """
    purchase = state.purchases[order.order_id]
    if after_minor <= before_minor:
        resize(state, order.order_id, purchase, after_minor, purchase.rate)
        return
    asset_id = purchase.asset_id
    replaced = Asked(asset_id, before_minor, value_minor(purchase.rate, before_minor))
    check(state, account, PURCHASES, ask(state, asset_id, after_minor), replaced)
    resize(state, order.order_id, purchase, after_minor, rate_of(state, asset_id))


def count_purchase(state: State, order: Order, paid_minor: int, freed_minor: int) -> None:
    """Count what an order has paid in a trade, and what it no longer holds; an order that is no purchase counts not."""
    purchase = state.purchases.get(order.order_id)
    if purchase is None:
        return
    rate = purchase.rate
    freed_value = resize(state, order.order_id, purchase, purchase.open_minor - freed_minor, rate)
    value = min(value_minor(rate, paid_minor), freed_value) if is_known(rate) else None
    account = state.accounts[purchase.account_id - 1]
    count(state, account, PURCHASES, Asked(purchase.asset_id, paid_minor, value))


def reduce_purchase(state: State, order_id: int, freed_minor: int) -> None:
    """Keep less free for a purchase that was reduced without a trade."""
    purchase = state.purchases.get(order_id)
    if purchase:
        resize(state, order_id, purchase, purchase.open_minor - freed_minor, purchase.rate)


def close_purchase(state: State, order_id: int) -> None:
    """Keep nothing free any more for an order that has ended."""
    purchase = state.purchases.get(order_id)
    if purchase:
        resize(state, order_id, purchase, 0, purchase.rate)


def resize(state: State, order_id: int, purchase: Purchase, open_minor: int, rate: Rate) -> int:
    """Set what a purchase may still pay and its rate; return by how much its value fell. Nothing left: it is gone."""
    minor_before, value_before = purchase.open_minor, value_minor(purchase.rate, purchase.open_minor)
    purchase.open_minor, purchase.rate = open_minor, rate
    value_after = value_minor(rate, open_minor)
    owner_id = state.accounts[purchase.account_id - 1].owner_id
    for scope, subject in ((OWNER, owner_id), (ACCOUNT, purchase.account_id)):
        add_open(state, (scope, subject, purchase.asset_id), open_minor - minor_before)
        add_open(state, (scope, subject, 0), value_after - value_before)
    if open_minor == 0:
        del state.purchases[order_id]
    return max(value_before - value_after, 0)


def add_open(state: State, key: tuple[int, int, int], change: int) -> None:
    """Change what open purchases of a subject may use; zero leaves the table."""
    total = state.open_purchases.get(key, 0) + change
    if total:
        state.open_purchases[key] = total
    else:
        state.open_purchases.pop(key, None)
