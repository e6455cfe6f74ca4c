"""Order control in the snapshot: the accounts' cancel timers and the numbers that clients gave, by account."""

from __future__ import annotations

import struct
from collections import deque

from tarazy.spec.cancel_timers import remember_timer
from tarazy.spec.client_ids import REMEMBERED_MAX, Remembered, restore_order
from tarazy.spec.snapshot_bytes import COUNT32, Reader, SnapshotError
from tarazy.spec.state import State

CANCEL_TIMER = struct.Struct("<IQ")
NAMED = struct.Struct("<II")
REMEMBERED = struct.Struct("<QQQ")


def encode_order_control(out: list[bytes], state: State) -> None:
    """Write the timers and the numbers."""
    out.append(COUNT32.pack(len(state.cancel_timers)))
    out += [CANCEL_TIMER.pack(account_id, due_ns) for account_id, due_ns in sorted(state.cancel_timers.items())]
    for named in (state.named_orders, state.named_requests):
        queues = sorted((account_id, queue) for account_id, queue in named.items() if queue)
        out.append(COUNT32.pack(len(queues)))
        for account_id, queue in queues:
            out.append(NAMED.pack(account_id, len(queue)))
            out += [REMEMBERED.pack(*entry) for entry in queue]


def decode_order_control(reader: Reader, state: State) -> None:
    """Read the timers and the numbers."""
    for _ in reader.count(COUNT32):
        account_id, due_ns = reader.take(CANCEL_TIMER)
        if not 1 <= account_id <= len(state.accounts) or account_id in state.cancel_timers or due_ns == 0:
            raise SnapshotError(f"a cancel timer of account {account_id} at {due_ns}")
        remember_timer(state, account_id, due_ns)
    for is_order in (True, False):
        for _ in reader.count(COUNT32):
            decode_named(reader, state, is_order)


def decode_named(reader: Reader, state: State, is_order: bool) -> None:
    """Read the numbers that an account gave its orders, or its withdrawals."""
    account_id, count = reader.take(NAMED)
    named = state.named_orders if is_order else state.named_requests
    if not 1 <= account_id <= len(state.accounts) or account_id in named or not 1 <= count <= REMEMBERED_MAX:
        raise SnapshotError(f"{count} numbers of account {account_id}")
    queue: deque[Remembered] = deque()
    named[account_id] = queue
    before = Remembered(0, 0, 0)
    for _ in range(count):
        entry = Remembered(*reader.take(REMEMBERED))
        follows = before.number < entry.number < state.next_seq
        in_time = before.given_ns <= entry.given_ns <= state.last_ts_ns
        if entry.client_id == 0 or not (follows and in_time):
            raise SnapshotError(f"number {entry.client_id} of account {account_id}")
        if not is_order:
            queue.append(entry)
        elif (account_id, entry.client_id) in state.recent_orders:
            raise SnapshotError(f"number {entry.client_id} of account {account_id} twice")
        elif state.by_client.get((account_id, entry.client_id), entry.number) != entry.number:
            raise SnapshotError(f"number {entry.client_id} of account {account_id} names two orders")
        else:
            restore_order(state, account_id, entry)
        before = entry
