"""Open purchases of limited accounts: what they may still pay is kept free under the limits until it trades or goes.

A purchase is a buy of a digital asset, or a sell of a fiat currency for one. It is checked when it is accepted, with
all that it holds, and counted when it trades, valued at the rate of its acceptance: when it is accepted, what open
purchases may still use and what was used do not exceed a limit together, and none of them ever counts more than it
keeps free, whatever rates do in between. The parts that one order counts on a day add up to the value of what it paid
that day, rounded up once: no day or month counts less than was paid in it. Every open purchase of an account that a
limit on purchases touches is in the table.
"""

from __future__ import annotations

from tarazy.domain.records import AssetKind
from tarazy.spec.book import BUY, Order
from tarazy.spec.limits import ACCOUNT, OWNER, PURCHASES, Asked, ask, check, count, is_limited
from tarazy.spec.periods import DAY, period_number
from tarazy.spec.rates import is_known, rate_of, value_minor
from tarazy.spec.state import Account, Market, State
from tarazy.spec.state_parts import Purchase

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
    purchase = Purchase(account.account_id, asset_id, held_minor, 0, 0, rate_of(state, asset_id))
    replace_purchase(state, order_id, purchase._replace(open_minor=0), purchase)


def amend_purchase(state: State, account: Account, order: Order, after_minor: int) -> None:
    """Keep more or less free for an amended purchase; refuse more than a limit leaves.

    What grows is checked and valued at the present rate.
    """
    before = state.purchases[order.order_id]
    after = before._replace(open_minor=after_minor)
    if after_minor > before.open_minor:
        asset_id = before.asset_id
        replaced = Asked(asset_id, before.open_minor, open_value(before))
        check(state, account, PURCHASES, ask(state, asset_id, after_minor), replaced)
        after = after._replace(paid_minor=0, rate=rate_of(state, asset_id))
    replace_purchase(state, order.order_id, before, after)


def count_purchase(state: State, order: Order, paid_minor: int, freed_minor: int) -> None:
    """Count what an order has paid in a trade, and what it no longer holds; an order that is no purchase counts not."""
    before = state.purchases.get(order.order_id)
    if before is None:
        return
    day = period_number(state, DAY)
    paid_before = before.paid_minor if before.paid_day == day else 0
    paid = paid_before + paid_minor
    after = before._replace(open_minor=before.open_minor - freed_minor, paid_minor=paid, paid_day=day)
    replace_purchase(state, order.order_id, before, after)
    rate = before.rate
    value = value_minor(rate, paid) - value_minor(rate, paid_before) if is_known(rate) else None
    account = state.accounts[before.account_id - 1]
    count(state, account, PURCHASES, Asked(before.asset_id, paid_minor, value))


def reduce_purchase(state: State, order_id: int, freed_minor: int) -> None:
    """Keep less free for a purchase that was reduced without a trade."""
    before = state.purchases.get(order_id)
    if before:
        replace_purchase(state, order_id, before, before._replace(open_minor=before.open_minor - freed_minor))


def close_purchase(state: State, order_id: int) -> None:
    """Keep nothing free any more for an order that has ended."""
    before = state.purchases.get(order_id)
    if before:
        replace_purchase(state, order_id, before, before._replace(open_minor=0))


def hand_over_purchase(state: State, giver_id: int, taker_id: int) -> None:
    """Keep free for an order what another one of its list kept, at the same rate, before that one leaves."""
    given = state.purchases.get(giver_id)
    if given is None:
        return
    before = state.purchases.get(taker_id) or given._replace(open_minor=0, paid_minor=0)
    replace_purchase(state, giver_id, given, given._replace(open_minor=0))
    replace_purchase(state, taker_id, before, before._replace(open_minor=before.open_minor + given.open_minor))


def open_value(purchase: Purchase) -> int:
    """Return the most that a purchase may still add to a counter, on this day or a later one."""
    return value_minor(purchase.rate, purchase.open_minor)


def replace_purchase(state: State, order_id: int, before: Purchase, after: Purchase) -> None:
    """Keep a purchase as it is now and change the sums over open ones; with nothing left to pay it leaves."""
    owner_id = state.accounts[after.account_id - 1].owner_id
    for scope, subject in ((OWNER, owner_id), (ACCOUNT, after.account_id)):
        add_open(state, (scope, subject, after.asset_id), after.open_minor - before.open_minor)
        add_open(state, (scope, subject, 0), open_value(after) - open_value(before))
    if after.open_minor:
        state.purchases[order_id] = after
    else:
        state.purchases.pop(order_id, None)


def add_open(state: State, key: tuple[int, int, int], change: int) -> None:
    """Change what open purchases of a subject may use; zero leaves the table."""
    total = state.open_purchases.get(key, 0) + change
    if total:
        state.open_purchases[key] = total
    else:
        state.open_purchases.pop(key, None)
