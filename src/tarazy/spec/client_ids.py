"""The numbers that clients give: a retry within the horizon finds what it did the first time and does nothing again.

An order's number is remembered from its acceptance, whatever becomes of the order: for the horizon
(`client_id_horizon_ms`) and as long as the order is open. So is a withdrawal's. Memory is bounded: an account has the
last REMEMBERED_MAX numbers of each kind, and forgets those past the horizon a few at a time, when it gives new ones.
Layout: a queue for each account, oldest first; `recent_orders` finds an order's number among them.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from tarazy.domain.records import PlaceOrder, RequestWithdrawal
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.refusal import Refusal
from tarazy.spec.state import State

REMEMBERED_MAX = 1_024
FORGET_AT_ONCE = 2


class Remembered(NamedTuple):
    """A client's number, what it named, and when."""

    client_id: int
    number: int
    given_ns: int


def check_client_order_id(state: State, command: PlaceOrder) -> None:
    """Refuse a client's number that an open order has, or one that was accepted within the horizon."""
    if command.client_order_id == 0:
        return
    key = (command.account_id, command.client_order_id)
    number = state.by_client.get(key)
    if number:
        raise Refusal(RejectCode.client_order_id_taken, number, command.client_order_id)
    number = state.recent_orders.get(key)
    if number:
        queue = state.named_orders[command.account_id]
        entry = next(entry for entry in queue if entry.number == number)
        if not is_past(state, entry):
            raise Refusal(RejectCode.client_order_id_taken, number, command.client_order_id)


def is_past(state: State, entry: Remembered) -> bool:
    """Return whether the horizon of a number is over."""
    return state.last_ts_ns - entry.given_ns >= state.client_id_horizon_ns


def remember_order(state: State, command: PlaceOrder) -> None:
    """Remember the number of an accepted order, and forget a few that are past the horizon or too many."""
    if command.client_order_id == 0:
        return
    key = (command.account_id, command.client_order_id)
    queue = state.named_orders.setdefault(command.account_id, deque())
    while key in state.recent_orders:
        forget_oldest(state, command.account_id)
    for _ in range(FORGET_AT_ONCE):
        if queue and is_past(state, queue[0]):
            forget_oldest(state, command.account_id)
    if len(queue) == REMEMBERED_MAX:
        forget_oldest(state, command.account_id)
    restore_order(state, command.account_id, Remembered(command.client_order_id, state.seq, state.last_ts_ns))


def forget_oldest(state: State, account_id: int) -> None:
    """Forget the oldest number of an account's orders."""
    entry = state.named_orders[account_id].popleft()
    del state.recent_orders[account_id, entry.client_id]


def restore_order(state: State, account_id: int, entry: Remembered) -> None:
    """Keep an order's number as the account's newest."""
    state.named_orders.setdefault(account_id, deque()).append(entry)
    state.recent_orders[account_id, entry.client_id] = entry.number


def check_client_request_id(state: State, command: RequestWithdrawal) -> None:
    """Refuse a client's number that a withdrawal has which is open or was requested within the horizon."""
    if command.client_request_id == 0:
        return
    for entry in state.named_requests.get(command.account_id, ()):
        if entry.client_id == command.client_request_id and not is_done(state, entry):
            raise Refusal(RejectCode.client_request_id_taken, entry.number, command.client_request_id)


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
    if len(queue) == REMEMBERED_MAX:
        queue.popleft()
    queue.append(Remembered(command.client_request_id, state.seq, state.last_ts_ns))
