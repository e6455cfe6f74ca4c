"""Order control in the snapshot: the accounts' cancel timers, numbers of orders, those of withdrawals by account."""

from __future__ import annotations

import struct
from collections import deque

from tarazy.domain.arithmetic import saturate_u64
from tarazy.spec.cancel_timers import TIMEOUT_MAX_MS, remember_timer
from tarazy.spec.client_ids import REMEMBERED_MAX, REQUESTS_MAX, Remembered, keep_order
from tarazy.spec.snapshot_bytes import COUNT32, Reader, SnapshotError, require, within
from tarazy.spec.state import NS_PER_MS, State

CANCEL_TIMER = struct.Struct("<IQ")
NAMED = struct.Struct("<II")
REMEMBERED = struct.Struct("<QQQI")
NONE = Remembered(0, 0, 0, 0)


def encode_order_control(out: list[bytes], state: State) -> None:
    """Write the timers and the numbers."""
    out.append(COUNT32.pack(len(state.cancel_timers)))
    out += [CANCEL_TIMER.pack(account_id, due_ns) for account_id, due_ns in sorted(state.cancel_timers.items())]
    out.append(COUNT32.pack(len(state.named_orders)))
    out += [REMEMBERED.pack(*entry) for entry in state.named_orders]
    out.append(COUNT32.pack(len(state.named_requests)))
    for account_id, queue in sorted(state.named_requests.items()):
        out.append(NAMED.pack(account_id, len(queue)))
        out += [REMEMBERED.pack(*entry) for entry in queue]


def decode_order_control(reader: Reader, state: State) -> None:
    """Read the timers and the numbers."""
    for _ in reader.count(COUNT32):
        account_id, due_ns = reader.take(CANCEL_TIMER)
        if not 1 <= account_id <= len(state.accounts) or account_id in state.cancel_timers:
            raise SnapshotError(f"a cancel timer of account {account_id} at {due_ns}")
        latest_ns = saturate_u64(state.last_ts_ns + TIMEOUT_MAX_MS * NS_PER_MS)
        require(within(due_ns, saturate_u64(state.last_ts_ns + 1), latest_ns), "time of a cancel timer")
        remember_timer(state, account_id, due_ns)
    before = NONE
    for _ in reader.count(COUNT32):
        before = decode_remembered(reader, state, before)
        again = state.recent_orders.get((before.account_id, before.client_id)) == before.number
        require(not again, "number of an order that is remembered")
        keep_order(state, before)
    if len(state.named_orders) > (REMEMBERED_MAX if state.client_id_horizon_ns else 0):
        raise SnapshotError(f"{len(state.named_orders)} numbers of orders")
    for _ in reader.count(COUNT32):
        decode_requests(reader, state)


def decode_requests(reader: Reader, state: State) -> None:
    """Read the numbers that an account gave its withdrawals."""
    account_id, count = reader.take(NAMED)
    if account_id in state.named_requests or not 1 <= count <= REQUESTS_MAX:
        raise SnapshotError(f"{count} numbers of account {account_id}")
    queue: deque[Remembered] = deque()
    for _ in range(count):
        before = queue[-1].number if queue else 0
        queue.append(decode_remembered(reader, state, queue[-1] if queue else NONE))
        if queue[-1].account_id != account_id:
            raise SnapshotError(f"number {queue[-1].client_id} among those of account {account_id}")
        require(queue[-1].number > before, "number of a withdrawal that is remembered")
    state.named_requests[account_id] = queue


def decode_remembered(reader: Reader, state: State, before: Remembered) -> Remembered:
    """Read one number, which must be younger than the one before it."""
    entry = Remembered(*reader.take(REMEMBERED))
    follows = before.number <= entry.number < state.next_seq
    in_time = before.given_ns <= entry.given_ns <= state.last_ts_ns
    if entry.number == before.number:
        follows = follows and (entry.given_ns, entry.account_id) == (before.given_ns, before.account_id)
    if 0 in (entry.client_id, entry.number) or not (
        follows and in_time and 1 <= entry.account_id <= len(state.accounts)
    ):
        raise SnapshotError(f"number {entry.client_id} of account {entry.account_id}")
    return entry
