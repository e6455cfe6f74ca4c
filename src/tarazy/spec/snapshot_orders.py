"""What the state keeps of order control, in the snapshot: the accounts' cancel timers, by account."""

from __future__ import annotations

import struct

from tarazy.spec.cancel_timers import remember_timer
from tarazy.spec.snapshot_bytes import COUNT32, Reader, SnapshotError
from tarazy.spec.state import State

CANCEL_TIMER = struct.Struct("<IQ")


def encode_order_control(out: list[bytes], state: State) -> None:
    """Write the timers."""
    out.append(COUNT32.pack(len(state.cancel_timers)))
    out += [CANCEL_TIMER.pack(account_id, due_ns) for account_id, due_ns in sorted(state.cancel_timers.items())]


def decode_order_control(reader: Reader, state: State) -> None:
    """Read the timers."""
    for _ in reader.count(COUNT32):
        account_id, due_ns = reader.take(CANCEL_TIMER)
        if not 1 <= account_id <= len(state.accounts) or account_id in state.cancel_timers or due_ns == 0:
            raise SnapshotError(f"a cancel timer of account {account_id} at {due_ns}")
        remember_timer(state, account_id, due_ns)
