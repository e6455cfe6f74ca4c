"""The record's own events of one account, in full, by sequence number: the same live and read again.

What an account hears is a pure function of a frame and its events. So a client that was away names the last command it
has heard of, and hears what followed from the record, then what is released, without a gap or a duplicate. Where to
read from is remembered for one frame of so many.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.domain.records import EVENTS, LAYOUT, RECORD_SIZE, EventKind
from tarazy.facility.feeds.streams.names import RECORD
from tarazy.facility.feeds.users.messages import Plain
from tarazy.facility.projections.base import Handler, Projection
from tarazy.facility.projections.batch import Batch
from tarazy.facility.projections.table import Table
from tarazy.journal.follow_events import EventsFollower
from tarazy.journal.frame import Frame, Position
from tarazy.journal.identity import load_identity

EVERY_FRAMES = 256
TRADE = int(EventKind.trade_executed)
PARTIES = ("account_id", "maker_account_id", "taker_account_id", "from_account_id")
NARROW = ("u8", "u16", "u32")
# Kind of an event -> where its fields that name an account are.
ACCOUNTS_AT = {
    int(kind): tuple(at for name, _, _, at in LAYOUT[record.__name__] if name in PARTIES)
    for kind, record in EVENTS.items()
}


class Heard(NamedTuple):
    """The last event that a client has heard: its command, and its place among the account's events of that."""

    seq: int
    place: int = 1 << 32


class AccountRecords(Projection):
    """Says to accounts that listen what the last frame has of them; `listening` counts who listens to whom."""

    name = "account_records"
    summary = "the record's events of accounts that listen"
    kind = RECORD

    def __init__(self, directory: Path) -> None:
        self.listening: Counter[int] = Counter()
        self.fresh: list[tuple[int, Plain]] = []
        self._directory, self._positions = Path(directory), list[Position]()
        super().__init__()

    def make_tables(self) -> tuple[Table, ...]:
        """Return no tables."""
        return ()

    def make_handlers(self) -> dict[Any, Handler]:
        """Return no handlers: a frame is read as a whole."""
        return {}

    def apply_batch(self, batch: Batch) -> None:
        """Take in a frame."""
        super().apply_batch(batch)
        header = batch.frame.header
        if header.frame_number % EVERY_FRAMES == 1:
            self._positions.append(Position(header.frame_number, header.prev_hash, header.first_seq))
        self.fresh = [
            (account_id, plain)
            for account_id in list(self.listening)
            for plain in events_of(account_id, batch.frame, batch.events, batch.times_ns)
        ]

    def since(self, account_id: int, after: Heard, last_seq: int) -> Iterator[list[Plain]]:
        """Read again what an account has behind an event and up to a command, frame by frame.

        Raises: DamageError, StorageError.
        """
        place = bisect_right(self._positions, after.seq, key=lambda position: position.next_seq) - 1
        start = self._positions[place] if place > 0 else None
        with EventsFollower(self._directory, start=start, identity=load_identity(self._directory)) as follower:
            reached = 0
            while reached < last_seq:
                for frame, events in follower.wait(1.0):
                    reached = frame.header.next_seq - 1
                    found = events_of(account_id, frame, events, Batch(frame, events).times_ns)
                    wanted = [
                        plain for plain in found if after < (plain["seq"], plain["index"]) and plain["seq"] <= last_seq
                    ]
                    if wanted:
                        yield wanted
                    if reached >= last_seq:
                        return


def events_of(account_id: int, frame: Frame, events: bytes, times_ns: list[int]) -> list[Plain]:
    """Return the events of a frame that name an account, without what they say of others.

    `index` counts the account's events of one command. Integers of more than 32 bits are text.
    """
    own, found, first_seq = account_id.to_bytes(4, "little"), list[Plain](), frame.header.first_seq
    for at in range(0, len(events), RECORD_SIZE):
        kind = events[at] | events[at + 1] << 8
        if not any(events[at + field : at + field + 4] == own for field in ACCOUNTS_AT[kind]):
            continue
        record = EVENTS[kind].unpack(events, at)
        is_next = found and found[-1]["seq"] == record.seq
        index = found[-1]["index"] + 1 if is_next else 0
        names = {"seq": record.seq, "index": index, "ts_ns": str(times_ns[record.seq - first_seq])}
        found.append({**names, "event": EventKind(kind).name, **fields_of(account_id, kind, record)})
    return found


def fields_of(account_id: int, kind: int, record: Any) -> Plain:
    """Return an event's fields; of a trade its party's own order and fee, and of others nothing."""
    plain: Plain = {}
    role = "maker" if kind == TRADE and record.maker_account_id == account_id else "taker"
    for name, wire, _, _ in LAYOUT[type(record).__name__]:
        value = getattr(record, name)
        if name == "seq" or (name in PARTIES and value != account_id):
            continue
        if kind == TRADE and name.startswith(("maker_", "taker_")):
            if name.startswith(role):
                plain[name.removeprefix(f"{role}_")] = value if wire in NARROW else str(value)
        elif isinstance(value, bytes):
            plain[name] = value.hex()
        else:
            plain[name] = value if wire in NARROW else str(value)
    return plain | ({"role": role} if kind == TRADE else {})
