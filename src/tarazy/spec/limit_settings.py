"""Commands on the limit table and on what it knows of clients: set and remove a limit, state a client's status.

After a change the marks of the accounts that it may touch are derived again. A limit binds every order, also those that
stood before it: open purchases of an account that a limit begins to touch are canceled, and so are those that, with
what was used, no longer fit. They can be placed again as far as the limit goes.
"""

from __future__ import annotations

from collections.abc import Sequence

from tarazy.domain.arithmetic import AMOUNT_MAX
from tarazy.domain.records import (
    CancelReason,
    ClientStatusSet,
    LimitKind,
    LimitPeriod,
    LimitRemovalScheduled,
    LimitRemoved,
    LimitScheduled,
    LimitSet,
    RemoveLimit,
    SetClientStatus,
    SetLimit,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.cancel import cancel_open_orders
from tarazy.spec.limits import ACCOUNT, EVERYBODY, OWNER, PURCHASES, bounds, client_of, is_limited, room_minor
from tarazy.spec.lookup import find_account, find_asset
from tarazy.spec.purchases import close_purchase, is_purchase
from tarazy.spec.rates import VALUE_MAX
from tarazy.spec.refusal import Refusal, require_hash, unknown
from tarazy.spec.settings import check_setting, keep_setting
from tarazy.spec.state import Account, State
from tarazy.spec.state_parts import ClientStatus, Limit

KINDS = tuple(int(kind) for kind in LimitKind)
ORDER_KINDS = (int(LimitKind.order_quantity), int(LimitKind.order_value))


def check_terms(state: State, command: SetLimit | RemoveLimit) -> None:
    """Refuse terms that name nobody, or somebody in two ways."""
    if command.limit_scope == EVERYBODY:
        if command.limit_subject:
            raise Refusal(RejectCode.limit_invalid, 0, command.limit_subject)
    elif command.limit_class or command.limit_residency:
        raise Refusal(RejectCode.limit_invalid, 0, command.limit_class or command.limit_residency)
    elif command.limit_scope == ACCOUNT:
        find_account(state, command.limit_subject)
    else:
        find_owner(state, command.limit_subject)
    check_period(command)
    if command.limit_asset_id:
        find_asset(state, command.limit_asset_id)
    elif command.limit_kind == LimitKind.order_quantity:
        raise Refusal(RejectCode.limit_invalid, 1, 0)


def check_period(command: SetLimit | RemoveLimit) -> None:
    """Refuse a period that the kind does not take: an order is judged by itself, deposits and purchases add up."""
    kind, is_each = command.limit_kind, command.limit_period == LimitPeriod.each
    if kind in ORDER_KINDS and not is_each:
        raise Refusal(RejectCode.limit_invalid, LimitPeriod.each, command.limit_period)
    if kind in (LimitKind.deposits, LimitKind.purchases) and is_each:
        raise Refusal(RejectCode.limit_invalid, LimitPeriod.month, command.limit_period)


def check_limit(state: State, command: SetLimit | RemoveLimit) -> None:
    """Refuse terms that do not fit, an amount out of range, and a change that no rulebook orders."""
    check_terms(state, command)
    if isinstance(command, SetLimit):
        amount_max = AMOUNT_MAX if command.limit_asset_id else VALUE_MAX - 1
        if command.amount_max_minor > amount_max:
            raise Refusal(RejectCode.limit_invalid, amount_max, command.amount_max_minor)
    require_hash(command.rulebook_hash, RejectCode.rulebook_hash_missing)


def find_owner(state: State, owner_id: int) -> None:
    """Refuse an owner without an account."""
    if owner_id not in state.accounts_of:
        raise unknown(RejectCode.owner_unknown, owner_id)


def _group_and_row(command: SetLimit | RemoveLimit) -> tuple[tuple[int, int, int], tuple[int, int, int, int]]:
    """Return where the limit table keeps a limit."""
    group = (command.limit_kind, command.limit_scope, command.limit_subject)
    return group, (command.limit_period, command.limit_asset_id, command.limit_class, command.limit_residency)


def set_limit(state: State, command: SetLimit) -> None:
    """Set a limit, at once or later."""
    # GATE
    check_limit(state, command)
    check_setting(state, command)
    # POST EMIT
    if keep_setting(state, command):
        state.out.append(
            LimitScheduled(
                limit_kind=command.limit_kind,
                limit_scope=command.limit_scope,
                limit_period=command.limit_period,
                limit_class=command.limit_class,
                limit_residency=command.limit_residency,
                exemptible=command.exemptible,
                seq=state.seq,
                limit_asset_id=command.limit_asset_id,
                limit_subject=command.limit_subject,
                effective_ns=command.effective_ns,
                amount_max_minor=command.amount_max_minor,
                rulebook_hash=command.rulebook_hash,
            ).pack()
        )
    else:
        apply_limit(state, command, 0)


def apply_limit(state: State, command: SetLimit, scheduled_seq: int) -> None:
    """Let a limit bind."""
    # POST
    group, row = _group_and_row(command)
    limit = Limit(command.amount_max_minor, command.exemptible, command.rulebook_hash)
    state.limits.setdefault(group, {})[row] = limit
    # EMIT
    state.out.append(
        LimitSet(
            limit_kind=command.limit_kind,
            limit_scope=command.limit_scope,
            limit_period=command.limit_period,
            limit_class=command.limit_class,
            limit_residency=command.limit_residency,
            exemptible=command.exemptible,
            seq=state.seq,
            limit_asset_id=command.limit_asset_id,
            limit_subject=command.limit_subject,
            scheduled_seq=scheduled_seq,
            amount_max_minor=command.amount_max_minor,
            rulebook_hash=command.rulebook_hash,
        ).pack()
    )
    derive_limits(state, touched_accounts(state, command), (command.limit_kind,))


def remove_limit(state: State, command: RemoveLimit) -> None:
    """Remove a limit, at once or later."""
    # GATE
    check_limit(state, command)
    group, row = _group_and_row(command)
    if row not in state.limits.get(group, {}):
        raise Refusal(RejectCode.limit_unknown, 1, 0)
    check_setting(state, command)
    # POST EMIT
    if keep_setting(state, command):
        state.out.append(
            LimitRemovalScheduled(
                limit_kind=command.limit_kind,
                limit_scope=command.limit_scope,
                limit_period=command.limit_period,
                limit_class=command.limit_class,
                limit_residency=command.limit_residency,
                seq=state.seq,
                limit_asset_id=command.limit_asset_id,
                limit_subject=command.limit_subject,
                effective_ns=command.effective_ns,
                rulebook_hash=command.rulebook_hash,
            ).pack()
        )
    else:
        apply_removal(state, command, 0)


def apply_removal(state: State, command: RemoveLimit, scheduled_seq: int) -> None:
    """Let a limit bind no longer; one that is gone already stays gone."""
    # POST
    group, row = _group_and_row(command)
    rows = state.limits.get(group, {})
    rows.pop(row, None)
    if not rows:
        state.limits.pop(group, None)
    # EMIT
    state.out.append(
        LimitRemoved(
            limit_kind=command.limit_kind,
            limit_scope=command.limit_scope,
            limit_period=command.limit_period,
            limit_class=command.limit_class,
            limit_residency=command.limit_residency,
            seq=state.seq,
            limit_asset_id=command.limit_asset_id,
            limit_subject=command.limit_subject,
            scheduled_seq=scheduled_seq,
            rulebook_hash=command.rulebook_hash,
        ).pack()
    )
    derive_limits(state, touched_accounts(state, command), (command.limit_kind,))


def set_client_status(state: State, command: SetClientStatus) -> None:
    """State an owner's class, residency and exemption."""
    # GATE
    find_owner(state, command.owner_id)
    require_hash(command.decision_hash, RejectCode.decision_missing)
    # POST
    for account_id in state.accounts_of[command.owner_id]:
        state.accounts[account_id - 1].client_class = command.client_class
    state.owner_classes[command.owner_id] = command.client_class
    state.statuses[command.owner_id] = ClientStatus(command.residency, command.cap_exempt)
    # EMIT
    state.out.append(
        ClientStatusSet(
            client_class=command.client_class,
            residency=command.residency,
            cap_exempt=command.cap_exempt,
            seq=state.seq,
            owner_id=command.owner_id,
            decision_hash=command.decision_hash,
        ).pack()
    )
    derive_limits(state, state.accounts_of[command.owner_id], KINDS)


def touched_accounts(state: State, command: SetLimit | RemoveLimit) -> Sequence[int]:
    """Return the accounts that a row of the limit table may touch, in order."""
    if command.limit_scope == ACCOUNT:
        return [command.limit_subject]
    if command.limit_scope == OWNER:
        return state.accounts_of[command.limit_subject]
    return range(1, len(state.accounts) + 1)


def touching_kinds(state: State, account: Account, kinds: Sequence[int]) -> int:
    """Return a bit for each kind of limit that touches the account; those of other kinds stay as they are."""
    client, limited = client_of(state, account), account.limited
    for kind in kinds:
        limited &= ~(1 << kind)
        if bounds(state, account, client, kind):
            limited |= 1 << kind
    return limited


def derive_limits(state: State, account_ids: Sequence[int], kinds: Sequence[int]) -> None:
    """Mark accounts with the kinds of limits that touch them, and cancel open purchases that do not fit."""
    begun, freed = set(), False
    for account_id in account_ids:
        account = state.accounts[account_id - 1]
        was_limited = is_limited(account, PURCHASES)
        account.limited = touching_kinds(state, account, kinds)
        if is_limited(account, PURCHASES) and not was_limited:
            begun.add(account_id)
        freed |= was_limited and not is_limited(account, PURCHASES)
    if freed:
        for order_id, purchase in list(state.purchases.items()):
            if not is_limited(state.accounts[purchase.account_id - 1], PURCHASES):
                close_purchase(state, order_id)
    for account_id in account_ids if PURCHASES in kinds else ():
        account = state.accounts[account_id - 1]
        if account.open_orders and is_limited(account, PURCHASES) and (account_id in begun or not fits(state, account)):
            cancel_purchases(state, account)


def fits(state: State, account: Account) -> bool:
    """Return whether open purchases fit in what the limits leave."""
    for bound in bounds(state, account, client_of(state, account), PURCHASES):
        may_use = state.open_purchases.get((bound.scope, bound.subject, bound.asset_id), 0)
        if not bound.lifted and may_use > room_minor(state, PURCHASES, bound):
            return False
    return True


def cancel_purchases(state: State, account: Account) -> None:
    """Cancel the open purchases of an account, market by market."""
    for market in state.markets:
        orders = list(market.book.by_account.get(account.account_id, {}).values())
        purchases = [order for order in orders if is_purchase(state, market, order.side)]
        cancel_open_orders(state, market, purchases, CancelReason.limit)
