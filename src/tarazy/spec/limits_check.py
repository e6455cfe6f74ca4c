"""What must hold of limits and pending settings that were read from a snapshot, beyond the shape of their bytes.

A snapshot's digest tells whether it is the right one. This tells, alike in both twins, that no later command meets in
it a number that leads nowhere, and that open purchases keep free what their orders hold.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.arithmetic import AMOUNT_MAX
from tarazy.domain.records import (
    COMMANDS,
    ENUM_FIELDS,
    RESERVED_MASKS,
    CommandKind,
    LimitKind,
    LimitPeriod,
    LimitScope,
    Residency,
    SetLimit,
)
from tarazy.spec.fees import check_fees
from tarazy.spec.limit_settings import check_limit
from tarazy.spec.limits import ACCOUNT, OWNER
from tarazy.spec.markets import check_rules
from tarazy.spec.parameters import check_parameter
from tarazy.spec.purchases import is_limited_purchase
from tarazy.spec.refusal import Refusal
from tarazy.spec.settlement import held_by, paying_asset
from tarazy.spec.snapshot_bytes import SnapshotError, require
from tarazy.spec.snapshot_fees import check_own_fees
from tarazy.spec.state import State
from tarazy.spec.state_parts import Rate
from tarazy.spec.ticks import check_band


def check_limits(state: State) -> None:
    """Refuse what no commands lead to. Raises: SnapshotError."""
    try:
        for seq, record in state.pending.items():
            check_pending(state, seq, record)
        check_rows(state)
        check_own_fees(state)
    except Refusal as refusal:
        raise SnapshotError(f"a setting that would be refused with code {refusal.code:d}") from refusal
    for owner_id, status in state.statuses.items():
        known = owner_id in state.accounts_of and 1 <= status.residency <= max(Residency)
        require(known and status.cap_exempt <= 1, "status of an owner")
    for asset_id, (rate, _) in state.rates.items():
        require(1 <= asset_id <= len(state.assets) and is_possible(rate), "rate")
    check_counters(state)
    check_purchases(state)


def is_possible(rate: Rate) -> bool:
    """Return whether both amounts of a rate are in range."""
    return 1 <= rate.value_minor <= AMOUNT_MAX and 1 <= rate.amount_minor <= AMOUNT_MAX


def check_pending(state: State, seq: int, record: bytes) -> None:
    """Refuse a pending setting that could not have been accepted, or whose time is over."""
    kind = int.from_bytes(record[0:2], "little")
    command: Any = COMMANDS[kind].unpack(record)
    require(seq < state.next_seq and command.effective_ns > state.last_ts_ns, "number or time of a pending setting")
    require(int.from_bytes(record, "little") & RESERVED_MASKS[kind] == 0, "pending setting")
    for at, smallest, largest in ENUM_FIELDS[kind]:
        require(smallest <= record[at] <= largest, "pending setting")
    if kind == CommandKind.set_parameter:
        check_parameter(state, command)
    elif kind == CommandKind.set_market_rules:
        require(1 <= command.market_id <= len(state.markets), "market of a pending setting")
        check_rules(command)
    elif kind == CommandKind.set_fees:
        is_there = command.account_id <= len(state.accounts) and command.market_id <= len(state.markets)
        require(is_there, "account or market of a pending setting")
        check_fees(command)
    elif kind == CommandKind.set_tick_band:
        require(1 <= command.market_id <= len(state.markets), "market of a pending setting")
        check_band(command)
    else:
        check_limit(state, command)


def check_rows(state: State) -> None:
    """Refuse limits that could not have been set."""
    for (kind, scope, subject), rows in state.limits.items():
        for (period, asset_id, limit_class, residency), limit in rows.items():
            command = SetLimit(kind, scope, period, limit_class, residency, limit.exemptible, 0, asset_id, subject)
            command = command._replace(amount_max_minor=limit.amount_max_minor, rulebook_hash=limit.rulebook_hash)
            record = command.pack()
            for at, smallest, largest in ENUM_FIELDS[CommandKind.set_limit]:
                require(smallest <= record[at] <= largest, "limit")
            check_limit(state, command)


def check_counters(state: State) -> None:
    """Refuse counters of nobody, of nothing, or of no period."""
    for (period, _, kind, scope, subject, asset_id), used in state.counters.items():
        require(period in (LimitPeriod.day, LimitPeriod.month) and used != 0, "counter")
        require(1 <= kind <= LimitKind.withdrawals and asset_id <= len(state.assets), "counter")
        is_there = 1 <= subject <= len(state.accounts) if scope == ACCOUNT else subject in state.accounts_of
        require(scope in (OWNER, LimitScope.account) and is_there, "counter")


def check_purchases(state: State) -> None:
    """Refuse open purchases that are not those of the books."""
    count = 0
    for market in state.markets:
        for order in (*market.book.resting.values(), *market.book.untriggered.values()):
            account = state.accounts[order.account_id - 1]
            if is_limited_purchase(state, market, account, order.side):
                purchase = state.purchases.get(order.order_id)
                held = held_by(market, order)
                if held == 0:
                    require(purchase is None, "open purchase")
                    continue
                count += 1
                found = purchase and (purchase.account_id, purchase.asset_id, purchase.open_minor)
                same = found == (order.account_id, paying_asset(market, order.side), held)
                require(same, "open purchase")
    require(count == len(state.purchases), "number of open purchases")
    for purchase in state.purchases.values():
        rate = purchase.rate
        known = is_possible(rate) or (rate.value_minor == 0 and rate.amount_minor == 0)
        require(known and purchase.paid_minor <= AMOUNT_MAX, "rate of an open purchase")
