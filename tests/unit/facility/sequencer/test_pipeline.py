"""The commit pipeline over a log that has several frames in flight: released in frame order, failed together."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest

from tarazy.domain.engine import InvariantBroken
from tarazy.domain.signer import KeySigner
from tarazy.facility.sequencer.checkpoint import Checkpointer
from tarazy.facility.sequencer.errors import SequencerStoppedError
from tarazy.facility.sequencer.heads import Heads
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.facility.sequencer.settings import Settings
from tarazy.facility.sequencer.signer import FacilitySigner
from tarazy.facility.sequencer.snapshot_store import SnapshotStore
from tarazy.facility.sequencer.submission import Receipt
from tarazy.journal.errors import WriteFailedError
from tarazy.journal.files import Files
from tarazy.journal.frame import Frame, FrameDraft, FrameKind, Position, Written, seal
from tarazy.journal.identity import Identity
from tarazy.journal.merkle import Frontier
from tarazy.journal.note import open_head, verifier_key
from tests.simulation.tally_engine import TallyEngine
from tests.unit.journal.building import commands

KEY = KeySigner.from_seed(bytes(range(32)))
IDENTITY = Identity("Test", bytes(16), KEY.public_key, 1, 1, 1 << 20, 4096, (), bytes(32))


class StreamLog:
    """A log in memory that confirms frames later, from its own thread, in any order within a window."""

    frame_bytes_max = 1 << 20

    def __init__(self, seed: int, window: int = 4) -> None:
        self.position = Position(1, bytes(32), 1)
        self.durable_seq = 0
        self.frames: list[Frame] = []
        self.most_in_flight = 0
        self.on_lost: Callable[[BaseException], None] = lambda error: None
        self._chance, self._window = random.Random(seed), window
        self._changed = threading.Condition()
        self._in_flight: list[tuple[Written, Callable[[Written], None]]] = []
        self._closing = False
        self._lost: WriteFailedError | None = None
        self._thread = threading.Thread(target=self._confirm)
        self._thread.start()

    def append(self, draft: FrameDraft, on_durable: Callable[[Written], None]) -> None:
        """Take a frame; wait while the window is full."""
        with self._changed:
            while len(self._in_flight) >= self._window and self._lost is None:
                self._changed.wait()
            if self._lost is not None:
                raise self._lost
            header, buffers = seal(draft, self.position, 1, 1)
            self.position = self.position.after(header, buffers[-1])
            self.frames.append(Frame(header, draft.commands, draft.instructions, draft.references, buffers[-1]))
            self._in_flight.append((Written(header, buffers[-1]), on_durable))
            self.most_in_flight = max(self.most_in_flight, len(self._in_flight))
            self._changed.notify_all()

    def _confirm(self) -> None:
        """Confirm one frame after the other."""
        while True:
            with self._changed:
                while not self._in_flight:
                    if self._closing or self._lost is not None:
                        return
                    self._changed.wait()
            time.sleep(self._chance.random() * 0.002)
            with self._changed:
                if self._lost is not None:
                    return
                written, on_durable = self._in_flight.pop(self._chance.randrange(len(self._in_flight)))
                waiting = [each[0].header.first_seq for each in self._in_flight]
                self.durable_seq = max(self.durable_seq, min([*waiting, self.position.next_seq]) - 1)
                self._changed.notify_all()
            on_durable(written)

    def lose(self) -> None:
        """Lose what is in flight, as a stream without a quorum does."""
        error = WriteFailedError(Path("stream"), expected="a quorum", found="none")
        with self._changed:
            self._lost = error
            self._in_flight.clear()
            self._changed.notify_all()
        self.on_lost(error)

    def close(self) -> None:
        """Wait for what is in flight."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()


@contextmanager
def over(log: StreamLog, directory: Path, **settings: int) -> Iterator[Sequencer]:
    """Open a sequencer over a log of this kind."""
    (directory / "snapshots").mkdir()
    chosen = Settings(frame_commands_max=16, **settings)
    heads = Heads(IDENTITY.facility_id, FacilitySigner(KEY), Frontier(), commands_max=chosen.head_commands_max)
    checkpointer = Checkpointer(IDENTITY, FacilitySigner(KEY), SnapshotStore(directory, Files()))
    with Sequencer(IDENTITY.facility_id, TallyEngine(), log, heads, checkpointer, chosen) as sequencer:
        log.on_lost = sequencer.stop
        yield sequencer


@pytest.mark.parametrize("seed", range(4))
def test_frames_in_flight_are_released_in_order_whatever_order_they_are_confirmed_in(tmp_path: Path, seed: int) -> None:
    log = StreamLog(seed)
    released: list[int] = []
    heard: list[int] = []
    with over(log, tmp_path, head_commands_max=40) as sequencer:
        sequencer.on_release("order", lambda frame, events: heard.append(frame.header.frame_number))
        futures: list[Future[Receipt]] = []
        for number in range(60):
            future = sequencer.submit(commands(1 + number % 7, number))
            future.add_done_callback(lambda done: released.append(done.result().first_seq))
            futures.append(future)
        mark = sequencer.start_checkpoint()
        assert sequencer.execute(commands(3))
        statement = mark.result()
        assert [future.result().first_seq for future in futures] == sorted(released)
    assert released == sorted(released)
    assert log.most_in_flight > 1
    assert heard == list(range(1, len(log.frames) + 1))
    check_signed(log.frames, statement.seq)


def check_signed(frames: list[Frame], mark_seq: int) -> None:
    """Check that every head covers all frames before it, and that a statement is there."""
    tree, heads, statements = Frontier(), 0, 0
    for frame in frames:
        if frame.header.kind == FrameKind.head:
            head = open_head(frame.commands, verifier_key(IDENTITY.facility_id, IDENTITY.public_key))
            assert (head.size, head.root) == (tree.size, tree.root())
            heads += 1
        statements += frame.header.kind == FrameKind.statement
        tree.append(frame.frame_hash)
    assert mark_seq > 0
    assert statements == 1
    assert heads >= 2
    assert frames[-1].header.kind == FrameKind.head


def test_lost_frames_in_flight_stop_the_writer_and_everybody_is_told(tmp_path: Path) -> None:
    log = StreamLog(1, window=100)
    with over(log, tmp_path) as sequencer:
        assert sequencer.execute(commands(3))
        futures = [sequencer.submit(commands(20)) for _ in range(20)]
        log.lose()
        errors = [future.exception(timeout=10) for future in futures]
        told = [error for error in errors if error is not None]
        assert told
        assert all(isinstance(error, SequencerStoppedError) for error in told)
        assert "expected a quorum" in str(told[0])
        with pytest.raises(SequencerStoppedError):
            sequencer.execute(commands(1))
        assert isinstance(sequencer.failure, WriteFailedError)


def test_log_that_calls_a_frame_durable_too_early_breaks_release(tmp_path: Path) -> None:
    class EarlyLog(StreamLog):
        @property
        def durable_seq(self) -> int:
            return 0

        @durable_seq.setter
        def durable_seq(self, value: int) -> None:
            pass

    with over(EarlyLog(1), tmp_path) as sequencer:
        with pytest.raises(SequencerStoppedError, match="invariant RELEASE broke at sequence number 3"):
            sequencer.execute(commands(3))
        assert isinstance(sequencer.failure, InvariantBroken)
        assert sequencer.released_seq == 0
