"""Limits over time: one table of limits and one of what was used of them, by calendar day or month.

A row of the limit table binds everybody of a class and residency, one owner or one account. A counter belongs to an
owner (for the first two: all accounts of the owner together) or to an account. Its key is (period, number of the
period, kind, scope of the subject, subject, asset), its value what was used: minor units of the asset or, for asset 0,
of the reference currency, each part valued by the rate at which it was counted. Limits that share a counter are all
checked, so that the strictest decides.

What is not known binds: a client whose residency was never stated counts as resident and as non-resident, an owner has
the most protected class of its accounts, and what has no rate does not pass a limit in the reference currency.
An exempt client is counted all the same: when the exemption ends, the period goes on from there.

Cost: an account that no limit touches pays one test of `limited`. Counters of periods that are over leave, two at a
time, when another of the same length is counted; the period before the present one stays, so that a time zone may
change at midnight.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import NamedTuple

from tarazy.domain.arithmetic import U64_MAX, U128_MAX, div_ceil, saturate_u128
from tarazy.domain.records import LimitKind, LimitPeriod, LimitScope
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.periods import period_number
from tarazy.spec.rates import amount_within, is_known, rate_of, value_minor
from tarazy.spec.refusal import Refusal
from tarazy.spec.state import Account, Market, State
from tarazy.spec.state_parts import ClientStatus

DEPOSITS = int(LimitKind.deposits)
PURCHASES = int(LimitKind.purchases)
WITHDRAWALS = int(LimitKind.withdrawals)
ORDER_QUANTITY = int(LimitKind.order_quantity)
ORDER_VALUE = int(LimitKind.order_value)
EACH = int(LimitPeriod.each)
EVERYBODY = int(LimitScope.everybody)
OWNER = int(LimitScope.owner)
ACCOUNT = int(LimitScope.account)
RETIRED_MAX = 2
NOT_STATED = ClientStatus(0, 0)


class Client(NamedTuple):
    """What limits need to know of an owner."""

    client_class: int
    status: ClientStatus


class Bound(NamedTuple):
    """A limit that touches an account, and the subject whose counter it reads. `lifted`: counted and not checked."""

    scope: int
    subject: int
    limit_period: int
    asset_id: int
    amount_max_minor: int
    lifted: bool


class Asked(NamedTuple):
    """What an act would use: an amount of an asset and what it is worth (None = its rate is not known)."""

    asset_id: int
    minor: int
    value: int | None

    def counted_in(self, asset_id: int) -> int | None:
        """Return the part that a counter of this asset (0 = the reference currency) counts; None = not known."""
        if asset_id == 0:
            return self.value
        return self.minor if asset_id == self.asset_id else 0


def is_limited(account: Account, kind: int) -> bool:
    """Return whether any limit of a kind touches the account."""
    return account.limited >> kind & 1 == 1


def client_of(state: State, account: Account) -> Client:
    """Return what is known of an account's owner: its most protected class (retail comes first) and its status."""
    return Client(state.owner_classes[account.owner_id], state.statuses.get(account.owner_id, NOT_STATED))


def bounds(state: State, account: Account, client: Client, kind: int) -> list[Bound]:
    """Return the limits of a kind that touch an account: of everybody, of its owner, its own."""
    status = client.status
    found = []
    for scope, subject in ((EVERYBODY, 0), (OWNER, account.owner_id), (ACCOUNT, account.account_id)):
        counted = account.account_id if scope == ACCOUNT else account.owner_id
        rows = state.limits.get((kind, scope, subject), {})
        for (limit_period, asset_id, limit_class, limit_residency), limit in sorted(rows.items()):
            if limit_class not in (0, client.client_class):
                continue
            if limit_residency and status.residency not in (0, limit_residency):
                continue
            lifted = limit.exemptible == 1 and status.cap_exempt == 1
            bound = Bound(max(scope, OWNER), counted, limit_period, asset_id, limit.amount_max_minor, lifted)
            found.append(bound)
    return found


def room_minor(state: State, kind: int, bound: Bound) -> int:
    """Return what a limit leaves in the present period; of each act by itself, all of it."""
    if bound.limit_period == EACH:
        return bound.amount_max_minor
    number = period_number(state, bound.limit_period)
    key = (bound.limit_period, number, kind, bound.scope, bound.subject, bound.asset_id)
    return max(bound.amount_max_minor - state.counters.get(key, 0), 0)


def check(state: State, account: Account, kind: int, asked: Asked, replaced: Asked | None = None) -> None:
    """Refuse what would go over a limit, with what open purchases may still use; `replaced` is no longer open."""
    for bound in bounds(state, account, client_of(state, account), kind):
        amount = asked.counted_in(bound.asset_id)
        if bound.lifted or amount == 0:
            continue
        if amount is None:
            raise Refusal(RejectCode.rate_missing, asked.asset_id, 0)
        if kind == PURCHASES:
            amount += state.open_purchases.get((bound.scope, bound.subject, bound.asset_id), 0)
            amount -= (replaced.counted_in(bound.asset_id) or 0) if replaced else 0
        room = room_minor(state, kind, bound)
        if amount > room:
            raise Refusal(RejectCode.limit_reached, room, amount)


def count(state: State, account: Account, kind: int, used: Asked) -> None:
    """Add what was used to every counter of the account, once each."""
    counted = []
    for bound in bounds(state, account, client_of(state, account), kind):
        if bound.limit_period == EACH:
            continue
        number = period_number(state, bound.limit_period)
        key = (bound.limit_period, number, kind, bound.scope, bound.subject, bound.asset_id)
        amount = used.counted_in(bound.asset_id)
        if amount and key not in counted:
            counted.append(key)
            if key not in state.counters:
                insort(state.counter_keys, key)
            state.counters[key] = saturate_u128(state.counters.get(key, 0) + amount)
            retire(state, bound.limit_period, number)


def retire(state: State, limit_period: int, number: int) -> None:
    """Drop counters of periods before the last one, a few at a time."""
    for _ in range(RETIRED_MAX):
        at = bisect_left(state.counter_keys, (limit_period, 0, 0, 0, 0, 0))
        key = state.counter_keys[at]
        if key[0] != limit_period or key[1] + 1 >= number:
            return
        del state.counters[key], state.counter_keys[at]


def admit_deposit(state: State, account: Account, asset_id: int, amount_minor: int) -> int:
    """Count what the limits admit of a deposit, and return it. The rest waits: a fact is not refused."""
    if not is_limited(account, DEPOSITS):
        return amount_minor
    admitted, rate = amount_minor, rate_of(state, asset_id)
    for bound in bounds(state, account, client_of(state, account), DEPOSITS):
        if bound.lifted or bound.asset_id not in (0, asset_id):
            continue
        room = room_minor(state, DEPOSITS, bound)
        admitted = min(admitted, room if bound.asset_id else amount_within(rate, room))
    count(state, account, DEPOSITS, ask(state, asset_id, admitted))
    return admitted


def check_deposit(state: State, account: Account, asset_id: int, amount_minor: int) -> None:
    """Refuse to credit more of what waits than the limits admit now."""
    if is_limited(account, DEPOSITS):
        check(state, account, DEPOSITS, ask(state, asset_id, amount_minor))


def count_deposit(state: State, account: Account, asset_id: int, amount_minor: int) -> None:
    """Count what is credited of what waited."""
    if is_limited(account, DEPOSITS):
        count(state, account, DEPOSITS, ask(state, asset_id, amount_minor))


def ask(state: State, asset_id: int, amount_minor: int) -> Asked:
    """Return an amount with what it is worth at the present rate."""
    rate = rate_of(state, asset_id)
    return Asked(asset_id, amount_minor, value_minor(rate, amount_minor) if is_known(rate) else None)


def check_withdrawal(state: State, account: Account, asset_id: int, amount_minor: int) -> None:
    """Refuse a request to withdraw that goes over a limit."""
    if is_limited(account, WITHDRAWALS):
        check(state, account, WITHDRAWALS, ask(state, asset_id, amount_minor))


def count_withdrawal(state: State, account: Account, asset_id: int, amount_minor: int) -> None:
    """Count a requested withdrawal. It stays counted when it is rejected later."""
    if is_limited(account, WITHDRAWALS):
        count(state, account, WITHDRAWALS, ask(state, asset_id, amount_minor))


def check_order(
    state: State, account: Account, market: Market, price_ticks: int, quantity_lots: int, cash_order_quantity_minor: int
) -> None:
    """Refuse an order that is larger, by itself, than a limit of its account allows.

    What has no price of its own counts at the market's reference price, and is too large where there is none.
    """
    price = price_ticks or market.reference_price_ticks
    if is_limited(account, ORDER_QUANTITY):
        lots = quantity_lots
        if cash_order_quantity_minor:
            lots = div_ceil(cash_order_quantity_minor, market.cost_minor(price, 1)) if price else U64_MAX
        quantity = saturate_u128(lots * market.lot_size_minor)
        check(state, account, ORDER_QUANTITY, Asked(market.base_asset_id, quantity, None))
    if is_limited(account, ORDER_VALUE):
        value = cash_order_quantity_minor or (
            saturate_u128(market.cost_minor(price, quantity_lots)) if price else U128_MAX
        )
        check(state, account, ORDER_VALUE, ask(state, market.quote_asset_id, value))
