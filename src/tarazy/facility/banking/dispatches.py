"""What the record says of the withdrawals that payouts pay: whether they stand, and which message they go by.

A withdrawal is dispatched by the SHA-256 of the exact message with the payment's end-to-end id: the message is the
record's before it is the bank's, and no other bytes are handed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.records import RECORD_SIZE, EventKind, WithdrawalDispatched
from tarazy.journal.follow_events import EventsFollower
from tarazy.spec.state import State
from tarazy.spec.state_parts import APPROVED, DISPATCHED

STANDING = ("approved", "dispatched", "settled")
STATES = {APPROVED: "approved", DISPATCHED: "dispatched"}
NOT_DISPATCHED = bytes(32)


class RecordedPayment(NamedTuple):
    """A withdrawal or return as the record has it. `dispatched_hash` is that of its newest dispatch."""

    withdrawal_id: int
    state: str
    amount_minor: int
    destination_hash: bytes
    dispatched_hash: bytes = NOT_DISPATCHED


RecordedPayments = Mapping[int, RecordedPayment]


def dispatch_evidence(content: bytes, end_to_end_id: str) -> bytes:
    """Return the evidence by which the record dispatches one payment of a message."""
    return sha256(f"{sha256(content).hexdigest()} {end_to_end_id}".encode()).digest()


def recorded_payments(state: State, dispatches: Mapping[int, bytes]) -> dict[int, RecordedPayment]:
    """Return every withdrawal that a record has approved, dispatched or settled; one that it rejected is not there."""
    found = {}
    for each in state.withdrawals.values():
        if each.withdrawal_state in STATES:
            terms = (STATES[each.withdrawal_state], each.amount_minor, each.destination_hash)
            evidence = dispatches.get(each.withdrawal_id, NOT_DISPATCHED)
            found[each.withdrawal_id] = RecordedPayment(each.withdrawal_id, *terms, evidence)
    for number, each in state.settled.items():
        terms = ("settled", each.amount_minor, each.destination_hash)
        found[number] = RecordedPayment(number, *terms, dispatches.get(number, NOT_DISPATCHED))
    return found


def last_dispatches(directory: Path) -> dict[int, bytes]:
    """Return the evidence of each withdrawal's newest dispatch, from the published events of a record.

    Cost: the events are read once, and only dispatches are unpacked. Raises: DamageError, StorageError.
    """
    with EventsFollower(directory) as follower:
        found = dict[int, bytes]()
        while frames := follower.poll():
            for _, events in frames:
                found.update((each.withdrawal_id, each.evidence_hash) for each in dispatches_in(events))
    return found


def dispatches_in(events: bytes) -> Iterator[WithdrawalDispatched]:
    """Yield the dispatches among the events of a frame, in order."""
    kind = int(EventKind.withdrawal_dispatched)
    low = events[::RECORD_SIZE]
    at = low.find(kind)
    while at >= 0:
        place = at * RECORD_SIZE
        if int.from_bytes(events[place : place + 2], "little") == kind:
            yield WithdrawalDispatched.unpack(events, place)
        at = low.find(kind, at + 1)
