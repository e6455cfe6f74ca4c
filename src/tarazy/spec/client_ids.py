"""The numbers that clients give: a retry finds what it did the first time and does nothing again.

An order's number is taken while the order is open and while it is the account's last accepted one. Where a horizon is
set (`client_id_horizon_ms`), every accepted number is remembered for so long, whatever becomes of the order. Memory is
bounded: the last REMEMBERED_MAX numbers of the facility. Without a horizon nothing is remembered and nothing read.
A withdrawal's number is taken while the withdrawal is open and within the horizon; an account has the last
REQUESTS_MAX of them. Both memories forget what is past the horizon a few at a time, when a new number comes.
Layout: the orders' numbers in one queue, oldest first, which is walked in order; `recent_orders` finds the last order
that has a number. Withdrawals are few: a queue for each account.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from tarazy.domain.records import RequestWithdrawal
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.refusal import Refusal
from tarazy.spec.state import Account, State

REMEMBERED_MAX = 1 << 20
REQUESTS_MAX = 1_024
FORGET_AT_ONCE = 2


class Remembered(NamedTuple):
    """A client's number, what it named, when, and for which account."""

    client_id: int
    number: int
    given_ns: int
    account_id: int


def check_client_order_id(state: State, account: Account, client_order_id: int) -> None:
    """Refuse a client's number that an open order, the last accepted one, or one within the horizon has."""
    if client_order_id == 0:
        return
    number = state.by_client.get((account.account_id, client_order_id), 0)
    if number == 0 and account.last_client_order_id == client_order_id:
        number = account.last_order_id
    if number == 0 and state.client_id_horizon_ns:
        number = recent_order(state, account.account_id, client_order_id)
    if number:
        raise Refusal(RejectCode.client_order_id_taken, number, state.seq)


def recent_order(state: State, account_id: int, client_order_id: int) -> int:
    """Return the order that was accepted under a number within the horizon, 0 for none."""
    number = state.recent_orders.get((account_id, client_order_id), 0)
    if number == 0:
        return 0
    entry = next(entry for entry in state.named_orders if entry.number == number)
    return 0 if is_past(state, entry) else number


def is_past(state: State, entry: Remembered) -> bool:
    """Return whether the horizon of a number is over."""
    return state.last_ts_ns - entry.given_ns >= state.client_id_horizon_ns


def remember_order(state: State, account: Account, client_order_id: int) -> None:
    """Remember the number of an accepted order, and forget a few that are past the horizon or too many."""
    if client_order_id == 0:
        return
    account.last_client_order_id = client_order_id
    account.last_order_id = state.seq
    if state.client_id_horizon_ns == 0:
        return
    queue = state.named_orders
    for _ in range(FORGET_AT_ONCE):
        if queue and is_past(state, queue[0]):
            forget_oldest(state)
    if len(queue) == REMEMBERED_MAX:
        forget_oldest(state)
    keep_order(state, Remembered(client_order_id, state.seq, state.last_ts_ns, account.account_id))


def forget_oldest(state: State) -> None:
    """Forget the oldest number of an order; a newer order may have it since."""
    entry = state.named_orders.popleft()
    key = (entry.account_id, entry.client_id)
    if state.recent_orders[key] == entry.number:
        del state.recent_orders[key]


def keep_order(state: State, entry: Remembered) -> None:
    """Keep an order's number as the newest."""
    state.named_orders.append(entry)
    state.recent_orders[entry.account_id, entry.client_id] = entry.number


def set_horizon(state: State, horizon_ns: int) -> None:
    """Set how long numbers are remembered; without a horizon those of orders are forgotten."""
    state.client_id_horizon_ns = horizon_ns
    if horizon_ns == 0:
        state.named_orders.clear()
        state.recent_orders.clear()


def check_client_request_id(state: State, command: RequestWithdrawal) -> None:
    """Refuse a client's number that a withdrawal has which is open or was requested within the horizon."""
    if command.client_request_id == 0:
        return
    for entry in state.named_requests.get(command.account_id, ()):
        if entry.client_id == command.client_request_id and not is_done(state, entry):
            raise Refusal(RejectCode.client_request_id_taken, entry.number, state.seq)


def is_done(state: State, entry: Remembered) -> bool:
    """Return whether a withdrawal's number is past the horizon and the withdrawal no longer open."""
    return is_past(state, entry) and entry.number not in state.withdrawals


def remember_request(state: State, command: RequestWithdrawal) -> None:
    """Remember the number of a withdrawal, and forget a few that are done or too many."""
    if command.client_request_id == 0:
        return
    queue = state.named_requests.setdefault(command.account_id, deque())
    for _ in range(FORGET_AT_ONCE):
        if queue and is_done(state, queue[0]):
            queue.popleft()
    if len(queue) == REQUESTS_MAX:
        queue.popleft()
    queue.append(Remembered(command.client_request_id, state.seq, state.last_ts_ns, command.account_id))
