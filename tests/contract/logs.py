"""The two logs behind one set of words: what a contract test does, it does to both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from tarazy.domain.records import EDITION, RECORD_SIZE, AdvanceTime, PlaceOrder
from tarazy.facility.sequencer.log import Log
from tarazy.facility.sequencer.stream import StreamSettings
from tarazy.facility.sequencer.stream_log import StreamLog
from tarazy.facility.sequencer.stream_reader import StreamReader
from tarazy.journal.create import create_facility
from tarazy.journal.frame import Frame, FrameDraft, FrameKind, Position, Written
from tarazy.journal.identity import Identity, load_identity
from tarazy.journal.keys import load_signing_key
from tarazy.journal.merkle import Frontier
from tarazy.journal.note import sign_head
from tarazy.journal.reader import JournalReader
from tarazy.journal.segment import genesis
from tarazy.journal.writer import JournalWriter
from tarazy.spec.venue import Venue

SEED = bytes(range(48))
CREATED_NS = 1_700_000_000_000_000_000


class LogUnderTest(ABC):
    """A facility and its log, whatever it is made of."""

    def __init__(self, directory: Path, seed: bytes = SEED) -> None:
        self.directory = directory
        create_facility(
            directory, "Test venue", edition=EDITION, segment_bytes=65_536, created_ns=CREATED_NS, seed=seed
        )
        self.identity: Identity = load_identity(directory)

    @abstractmethod
    def open(self, position: Position | None = None) -> Log:
        """Open the log for writing behind a position, or behind all that is there."""

    @abstractmethod
    def frames(self) -> list[Frame]:
        """Read all frames back."""

    def end(self) -> Position:
        """Return the position behind all that is there."""
        frames = self.frames()
        last = frames[-1] if frames else None
        return (
            genesis(self.identity)
            if last is None
            else Position(last.header.frame_number + 1, last.frame_hash, last.header.next_seq)
        )


class FilesUnderTest(LogUnderTest):
    """Local segment files."""

    def open(self, position: Position | None = None) -> Log:
        return JournalWriter(self.directory, self.identity, position or self.end())

    def frames(self) -> list[Frame]:
        return list(JournalReader(self.directory))


class StreamUnderTest(LogUnderTest):
    """A JetStream stream."""

    def __init__(self, directory: Path, url: str) -> None:
        super().__init__(directory)
        self.settings = StreamSettings(url, ack_timeout_s=0.5, give_up_s=8)

    def open(self, position: Position | None = None) -> StreamLog:
        return StreamLog(self.settings, self.identity, position or self.end())

    def frames(self) -> list[Frame]:
        with StreamReader(self.settings, self.identity) as reader:
            return list(reader)


class Scribe:
    """Runs commands through the readable engine and appends them; keeps what was called back."""

    def __init__(self, under_test: LogUnderTest, engine: Venue | None = None) -> None:
        self.under_test = under_test
        self.engine = engine or Venue()
        self.log = under_test.open()
        self.written: list[Written] = []

    def commands(self, count: int, references: bytes = b"") -> None:
        """Append one frame of commands, of which some are refused and some are not."""
        first = self.engine.next_seq
        commands = b"".join(command(first + i) for i in range(count))
        events = self.engine.apply(commands)
        draft = FrameDraft(
            FrameKind.commands,
            commands,
            b"",
            references,
            len(events) // RECORD_SIZE,
            sha256(events).digest(),
            count,
        )
        self.log.append(draft, self.written.append)

    def head(self, hashes: Sequence[bytes]) -> None:
        """Append a signed head over these frames."""
        key = load_signing_key(self.under_test.directory, self.under_test.identity)
        tree = Frontier()
        for each in hashes:
            tree.append(each)
        note = sign_head(self.under_test.identity.facility_id, tree.size, tree.root(), key)
        self.log.append(FrameDraft(FrameKind.head, note), self.written.append)

    def close(self) -> None:
        """Wait for everything and close."""
        self.log.close()


def command(seq: int) -> bytes:
    """Return the command of a number."""
    ts_ns = CREATED_NS + seq
    if seq % 3 == 0:
        return PlaceOrder(ts_ns=ts_ns, account_id=1, market_id=1, client_order_id=seq, price_ticks=seq).pack()
    return AdvanceTime(ts_ns=ts_ns).pack()


def play(scribe: Scribe, rounds: int = 3) -> None:
    """Append frames of many sizes, heads among them."""
    hashes = [frame.frame_hash for frame in scribe.under_test.frames()]
    for size in (1, 2, 50, 7) * rounds:
        scribe.commands(size)
    wait_for_all(scribe, 4 * rounds)
    scribe.head([*hashes, *(each.frame_hash for each in scribe.written)])
    scribe.commands(3, references=bytes(48))


def wait_for_all(scribe: Scribe, count: int, timeout_s: float = 30) -> None:
    """Wait until so many frames were called back."""
    import time

    end = time.monotonic() + timeout_s
    while len(scribe.written) < count:
        if time.monotonic() > end:
            raise TimeoutError(f"expected {count} frames called back, found {len(scribe.written)}")
        time.sleep(0.002)
