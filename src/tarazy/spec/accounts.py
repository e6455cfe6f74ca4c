"""Account commands: open, change state, change fee tier."""

from __future__ import annotations

from tarazy.domain.records import (
    AccountOpened,
    AccountRole,
    AccountState,
    AccountStateChanged,
    AccountTierSet,
    CancelReason,
    OpenAccount,
    SetAccountState,
    SetAccountTier,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.cancel import cancel_open_orders
from tarazy.spec.limit_settings import KINDS, derive_limits
from tarazy.spec.lookup import find_account
from tarazy.spec.numbers import ACCOUNT, note_assigned
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.state import TIER_COUNT, Account, State


def open_account(state: State, command: OpenAccount) -> None:
    """Add an active account."""
    # GATE
    if command.owner_id == 0:
        raise Refusal(RejectCode.owner_missing, 1, 0)
    is_affiliate = command.account_role == AccountRole.affiliate
    if is_affiliate != (command.approval_id != 0):
        raise Refusal(RejectCode.approval_mismatch, int(is_affiliate), command.approval_id)
    check_tier(command.fee_tier)
    # POST
    account = Account(len(state.accounts) + 1)
    account.owner_id = command.owner_id
    account.approval_id = command.approval_id
    account.leaf_salt = command.leaf_salt
    account.client_class = command.client_class
    account.account_role = command.account_role
    account.account_state = AccountState.active
    account.fee_tier = command.fee_tier
    state.accounts.append(account)
    note_assigned(state, ACCOUNT)
    state.learn_owner(account)
    state.accounts_of.setdefault(account.owner_id, []).append(account.account_id)
    # EMIT
    state.out.append(
        AccountOpened(
            client_class=account.client_class,
            account_role=account.account_role,
            fee_tier=account.fee_tier,
            seq=state.seq,
            account_id=account.account_id,
            owner_id=account.owner_id,
            approval_id=account.approval_id,
        ).pack()
    )
    cancel_barred_orders(state, account.owner_id)
    if state.limits:
        derive_limits(state, state.accounts_of[account.owner_id], KINDS)


def other_state(before: int) -> int:
    """Return a state that an account can go to, 0 where there is none."""
    if before == AccountState.closed:
        return 0
    return AccountState.restricted if before == AccountState.active else AccountState.active


def set_account_state(state: State, command: SetAccountState) -> None:
    """Change what an account may do. Any state but active cancels its open orders."""
    # GATE
    account = find_account(state, command.account_id)
    before = account.account_state
    if before in (command.account_state, AccountState.closed):
        raise Refusal(RejectCode.account_state_not_reachable, other_state(before), command.account_state)
    require_hash(command.decision_hash, RejectCode.decision_missing)
    if command.account_state == AccountState.closed:
        holdings = count_holdings(state, account)
        if holdings:
            raise Refusal(RejectCode.account_not_empty, 0, holdings)
    # POST
    account.account_state = command.account_state
    # EMIT
    state.out.append(
        AccountStateChanged(
            account_state=command.account_state,
            from_account_state=before,
            seq=state.seq,
            account_id=account.account_id,
            decision_hash=command.decision_hash,
        ).pack()
    )
    if command.account_state != AccountState.active:
        cancel_orders_of(state, account)


def set_account_tier(state: State, command: SetAccountTier) -> None:
    """Change an account's fee tier."""
    # GATE
    account = find_account(state, command.account_id)
    check_tier(command.fee_tier)
    # POST
    account.fee_tier = command.fee_tier
    # EMIT
    state.out.append(AccountTierSet(fee_tier=command.fee_tier, seq=state.seq, account_id=account.account_id).pack())


def cancel_barred_orders(state: State, owner_id: int) -> None:
    """Cancel the open orders of an owner's accounts that may not trade any more."""
    if owner_id not in state.insiders:
        return
    for account_id in state.accounts_of[owner_id]:
        account = state.accounts[account_id - 1]
        if not state.may_trade(account):
            cancel_orders_of(state, account)


def cancel_orders_of(state: State, account: Account) -> None:
    """Cancel the open orders of an account, market by market."""
    for market in state.markets:
        orders = list(market.book.by_account.get(account.account_id, {}).values())
        cancel_open_orders(state, market, orders, CancelReason.account_state)


def check_tier(fee_tier: int) -> None:
    """Refuse a fee tier that does not exist."""
    if fee_tier >= TIER_COUNT:
        raise Refusal(RejectCode.fee_tier_unknown, TIER_COUNT - 1, fee_tier)


def count_holdings(state: State, account: Account) -> int:
    """Return the number of assets of which the account has a balance."""
    count = 0
    for asset in state.assets:
        balance = state.ledger.balances.get(account.account_id << 32 | asset.asset_id)
        if balance and balance.available.minor + balance.held.minor:
            count += 1
    return count
