"""A timer for each account that cancels all its open orders unless the client sets it again in time.

It protects a client whose connection fails: the orders do not outlive the silence. Setting it again moves its end, 0
ends it, and once elapsed it is off until it is set anew.
Source: Kraken, Cancel All Orders After X; Binance futures, countdownCancelAll (there by symbol, here by account).
"""

from __future__ import annotations

from tarazy.domain.arithmetic import saturate_u64
from tarazy.domain.records import CancelReason, CancelTimerElapsed, CancelTimerSet, SetCancelTimer
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.cancel import cancel_open_orders, require_canceling
from tarazy.spec.lookup import find_account
from tarazy.spec.refusal import Refusal
from tarazy.spec.state import CANCEL_DUE, NS_PER_MS, State

TIMEOUT_MAX_MS = 86_400_000


def set_cancel_timer(state: State, command: SetCancelTimer) -> None:
    """Start an account's timer, start it again, or end it."""
    # GATE
    account = find_account(state, command.account_id)
    require_canceling(account)
    if command.timeout_ms > TIMEOUT_MAX_MS:
        raise Refusal(RejectCode.cancel_timer_too_long, TIMEOUT_MAX_MS, command.timeout_ms)
    # POST
    due_ns = saturate_u64(command.ts_ns + command.timeout_ms * NS_PER_MS) if command.timeout_ms else 0
    forget_timer(state, command.account_id)
    if due_ns:
        remember_timer(state, command.account_id, due_ns)
    # EMIT
    state.out.append(
        CancelTimerSet(
            seq=state.seq, account_id=command.account_id, timeout_ms=command.timeout_ms, cancel_due_ns=due_ns
        ).pack()
    )


def remember_timer(state: State, account_id: int, due_ns: int) -> None:
    """Keep an account's timer."""
    state.cancel_timers[account_id] = due_ns
    state.add_timer(due_ns, CANCEL_DUE, account_id, 0)


def forget_timer(state: State, account_id: int) -> None:
    """Drop an account's timer, where it has one."""
    due_ns = state.cancel_timers.pop(account_id, 0)
    if due_ns:
        state.drop_timer(due_ns, CANCEL_DUE, account_id, 0)


def elapse(state: State, account_id: int) -> None:
    """Cancel all open orders of an account whose timer has run out, market by market."""
    # POST
    forget_timer(state, account_id)
    # EMIT
    state.out.append(CancelTimerElapsed(seq=state.seq, account_id=account_id).pack())
    for market in state.markets:
        orders = list(market.book.by_account.get(account_id, {}).values())
        cancel_open_orders(state, market, orders, CancelReason.cancel_timer)
