"""The sequencer: one order, receipts, times, limits and ends."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path

import pytest

from tarazy.domain.engine import InvariantBroken
from tarazy.domain.records import RECORD_SIZE, AdvanceTime, PlaceOrder
from tarazy.facility.sequencer.errors import QueueFullError, SequencerStoppedError
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.facility.sequencer.submission import Receipt
from tarazy.journal.errors import FolderInUseError, WrongEditionError
from tarazy.journal.frame import FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.snapshots import read_snapshot, snapshot_seqs
from tarazy.journal.verify import verify
from tests.simulation.tally_engine import TallyEngine
from tests.unit.journal.building import commands, create, frames_of, open_sequencer


class GatedEngine(TallyEngine):
    """An engine that waits at a gate, so that a test can let commands pile up."""

    gate = threading.Event()
    entered = threading.Event()

    def apply(self, commands: bytes) -> bytes:
        """Wait, then do what the tally does."""
        self.entered.set()
        assert self.gate.wait(10)
        return super().apply(commands)


class BreakingEngine(TallyEngine):
    """An engine whose invariant breaks at command 5."""

    def apply(self, commands: bytes) -> bytes:
        """Break, or do what the tally does."""
        if self.next_seq + len(commands) // RECORD_SIZE > 5:
            raise InvariantBroken("CONSERVE", 5, "postings sum to 3")
        return super().apply(commands)


class LateEditionEngine(TallyEngine):
    """An engine of another edition."""

    edition = 2


@pytest.fixture
def gated(tmp_path: Path) -> type[GatedEngine]:
    """Return the gated engine with its gate shut."""
    create(tmp_path, segment_bytes=1 << 20)
    GatedEngine.gate.clear()
    GatedEngine.entered.clear()
    return GatedEngine


def order(number: int) -> bytes:
    """Return one command that carries its number."""
    return PlaceOrder(account_id=1, client_order_id=number).pack()


def seqs(events: bytes) -> list[int]:
    """Return the command numbers that events carry."""
    return [int.from_bytes(events[at + 8 : at + 16], "little") for at in range(0, len(events), RECORD_SIZE)]


# ---------------------------------------------------------------- order and receipts


def test_executed_commands_give_their_events_and_are_in_the_journal(tmp_path: Path) -> None:
    with open_sequencer(create(tmp_path)) as sequencer:
        events = sequencer.execute(commands(5))
        assert seqs(events) == [1, 2, 3, 4, 5]
        assert seqs(sequencer.execute([order(1), order(2)])) == [6, 7]
        (first, second) = frames_of(tmp_path)
    assert first.header.events_digest == sha256(events).digest()
    assert (second.header.first_seq, second.header.command_count) == (6, 2)


def test_command_without_events_is_acknowledged(tmp_path: Path) -> None:
    with open_sequencer(create(tmp_path)) as sequencer:
        assert sequencer.execute(AdvanceTime().pack()) == b""
        assert sequencer.submit(AdvanceTime().pack()).result()[:3] == Receipt(2, 1, b"", 0)[:3]
        assert sequencer.released_seq == 2


def test_waiting_submissions_become_one_frame_and_everyone_gets_its_own_events(
    tmp_path: Path, gated: type[GatedEngine]
) -> None:
    with open_sequencer(tmp_path, engine_type=gated) as sequencer:
        first = sequencer.submit(order(0))
        assert gated.entered.wait(10)
        futures = [sequencer.submit(commands(count, 1)) for count in (1, 8, 7, 30)]
        gated.gate.set()
        assert first.result().first_seq == 1
        receipts = [future.result() for future in futures]
    assert [(receipt.first_seq, receipt.command_count) for receipt in receipts] == [(2, 1), (3, 8), (11, 7), (18, 30)]
    for receipt in receipts:
        last = receipt.first_seq + receipt.command_count
        silent = {receipt.first_seq + n for n in range(receipt.command_count) if (n + 1) % 7 == 6}
        assert seqs(receipt.events) == [seq for seq in range(receipt.first_seq, last) if seq not in silent]
    assert [frame.header.command_count for frame in frames_of(tmp_path)] == [1, 46, 0]


def test_large_submission_is_spread_over_frames_and_answered_once(tmp_path: Path) -> None:
    create(tmp_path, segment_bytes=1 << 20)
    with open_sequencer(tmp_path, frame_commands_max=100) as sequencer:
        receipt = sequencer.submit(b"".join(order(n) for n in range(1050))).result()
        assert len(sequencer.execute(b"".join(order(n) for n in range(250)))) == 250 * RECORD_SIZE
    assert (receipt.first_seq, receipt.command_count) == (1, 1050)
    assert seqs(receipt.events) == list(range(1, 1051))
    assert max(frame.header.command_count for frame in frames_of(tmp_path)) == 100


def test_frames_never_outgrow_a_small_segment(tmp_path: Path) -> None:
    with open_sequencer(create(tmp_path)) as sequencer:
        assert seqs(sequencer.execute(b"".join(order(n) for n in range(500)))) == list(range(1, 501))
    assert verify(tmp_path).ok


def test_many_threads_get_one_order_without_gaps(tmp_path: Path) -> None:
    create(tmp_path, segment_bytes=1 << 20)
    receipts: list[Receipt] = []
    with open_sequencer(tmp_path) as sequencer:

        def trade(number: int) -> None:
            for step in range(20):
                if step % 2:
                    receipts.append(sequencer.submit(commands(1 + number, step)).result())
                else:
                    sequencer.execute(commands(1 + number, step))

        threads = [threading.Thread(target=trade, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sequencer.released_seq == 20 * 21
        assert sequencer.invariant_counts() == {"CONSERVE": 420, "RELEASE": 420}
    taken = sorted(
        n for receipt in receipts for n in range(receipt.first_seq, receipt.first_seq + receipt.command_count)
    )
    assert len(taken) == len(set(taken)) == 10 * 21
    assert verify(tmp_path).commands == 420


@pytest.mark.parametrize("wrong", [b"", b"x" * 95, b"x" * 97])
def test_length_that_is_no_multiple_of_a_record_is_refused(tmp_path: Path, wrong: bytes) -> None:
    with open_sequencer(create(tmp_path)) as sequencer:
        with pytest.raises(ValueError, match="multiple of 96 bytes"):
            sequencer.submit(wrong)
        with pytest.raises(ValueError, match="multiple of 96 bytes"):
            sequencer.execute(wrong)
        assert sequencer.released_seq == 0


# ---------------------------------------------------------------- time


def times(directory: Path) -> list[int]:
    """Return the time of every command in a journal."""
    commands = b"".join(frame.commands for frame in frames_of(directory) if frame.header.kind == FrameKind.commands)
    return [int.from_bytes(commands[at + 8 : at + 16], "little") for at in range(0, len(commands), RECORD_SIZE)]


def test_live_commands_get_the_clocks_time_whatever_they_carry(tmp_path: Path) -> None:
    create(tmp_path)
    clock = iter([100, 90, 120])
    with Sequencer.open(tmp_path, TallyEngine, clock_ns=lambda: next(clock)) as sequencer:
        sequencer.execute(AdvanceTime(ts_ns=5).pack())
        sequencer.execute(AdvanceTime().pack() * 2)
        sequencer.execute(AdvanceTime(ts_ns=7).pack())
    assert times(tmp_path) == [100, 100, 100, 120]


def test_clock_that_goes_back_over_a_restart_does_not_go_back_in_the_journal(tmp_path: Path) -> None:
    create(tmp_path)
    for now in (100, 50):
        with Sequencer.open(tmp_path, TallyEngine, clock_ns=lambda now=now: now) as sequencer:
            sequencer.execute(AdvanceTime().pack())
    assert times(tmp_path) == [100, 100]


def test_recorded_commands_keep_their_times_and_gaps_are_filled(tmp_path: Path) -> None:
    create(tmp_path)
    with Sequencer.open(tmp_path, TallyEngine, keep_timestamps=True) as sequencer:
        sequencer.execute(b"".join(AdvanceTime(ts_ns=ts).pack() for ts in (0, 7, 0, 9, 0)))
        sequencer.execute(AdvanceTime().pack())
        sequencer.execute(AdvanceTime(ts_ns=8).pack())
        assert sequencer.checkpoint().ts_ns == 8
    assert times(tmp_path) == [1, 7, 7, 9, 9, 9, 8, 8]


# ---------------------------------------------------------------- checkpoints


def test_checkpoint_is_signed_stored_and_the_next_start_uses_it(tmp_path: Path) -> None:
    with open_sequencer(create(tmp_path)) as sequencer:
        sequencer.execute(commands(10))
        statement = sequencer.checkpoint()
        digest = sequencer.engine.state_digest()
        sequencer.execute(commands(3))
    assert statement.seq == 11
    public_key = load_identity(tmp_path).public_key
    snapshot = read_snapshot(tmp_path, 11, {public_key})
    assert statement.state_digest == digest == sha256(snapshot.state).digest()
    assert statement == snapshot.statement
    assert statement.is_signed_by(public_key)
    with open_sequencer(tmp_path) as sequencer:
        assert (sequencer.recovery.snapshot_seq, sequencer.recovery.commands) == (11, 3)
        assert sequencer.engine.next_seq == 15
        sequencer.execute(commands(1))
    assert verify(tmp_path).ok


def test_checkpoint_between_waiting_commands_ends_its_frame(tmp_path: Path, gated: type[GatedEngine]) -> None:
    with open_sequencer(tmp_path, engine_type=gated) as sequencer:
        futures = [sequencer.submit(order(0))]
        assert gated.entered.wait(10)
        futures.append(sequencer.submit(order(1)))
        statements = []
        thread = threading.Thread(target=lambda: statements.append(sequencer.checkpoint()))
        thread.start()
        while sequencer._inbox._pending < 3:
            time.sleep(0.001)
        futures.append(sequencer.submit(order(2)))
        gated.gate.set()
        thread.join()
        assert [future.result().first_seq for future in futures] == [1, 2, 4]
    assert statements[0].seq == 3
    assert [frame.header.command_count for frame in frames_of(tmp_path)] == [1, 2, 1, 0, 0]
    assert snapshot_seqs(tmp_path) == [3]


def test_only_the_newest_snapshots_stay_when_told_so(tmp_path: Path) -> None:
    with open_sequencer(create(tmp_path), snapshots_keep=2) as sequencer:
        for _ in range(4):
            sequencer.checkpoint()
    assert snapshot_seqs(tmp_path) == [3, 4]
    assert verify(tmp_path).ok


# ---------------------------------------------------------------- limits and ends


def test_full_queue_holds_callers_back(tmp_path: Path, gated: type[GatedEngine]) -> None:
    with open_sequencer(tmp_path, engine_type=gated, queue_commands_max=10) as sequencer:
        first = sequencer.submit(commands(8))
        with pytest.raises(QueueFullError, match="found 8 commands waiting of at most 10"):
            sequencer.submit(commands(3), timeout_s=0.01)
        late: list[Future[Receipt]] = []
        thread = threading.Thread(target=lambda: late.append(sequencer.submit(commands(3))))
        thread.start()
        thread.join(0.05)
        assert thread.is_alive()
        gated.gate.set()
        thread.join()
        assert (first.result().first_seq, late[0].result().first_seq) == (1, 9)


def test_submission_larger_than_the_queue_goes_alone(tmp_path: Path) -> None:
    with open_sequencer(create(tmp_path), queue_commands_max=10) as sequencer:
        assert sequencer.submit(commands(50)).result().command_count == 50


def test_broken_invariant_stops_the_writer_and_nothing_of_the_frame_is_released(tmp_path: Path) -> None:
    with open_sequencer(create(tmp_path), engine_type=BreakingEngine) as sequencer:
        sequencer.execute(commands(3))
        with pytest.raises(SequencerStoppedError, match="invariant CONSERVE broke at sequence number 5") as caught:
            sequencer.execute(commands(2))
        assert isinstance(caught.value.reason, InvariantBroken)
        for use in (sequencer.execute, sequencer.submit):
            with pytest.raises(SequencerStoppedError):
                use(commands(1))
        assert sequencer.released_seq == 3
    assert verify(tmp_path).commands == 3


def test_waiting_callers_are_told_when_the_writer_stops(tmp_path: Path, gated: type[GatedEngine]) -> None:
    class GatedBreakingEngine(gated):  # type: ignore[valid-type,misc]
        def apply(self, commands: bytes) -> bytes:
            super().apply(commands)
            raise InvariantBroken("EXIT", 1, "on purpose")

    with open_sequencer(tmp_path, engine_type=GatedBreakingEngine) as sequencer:
        futures = [sequencer.submit(commands(3)) for _ in range(4)]
        gated.gate.set()
        for future in futures:
            with pytest.raises(SequencerStoppedError, match="EXIT"):
                future.result()
    assert verify(tmp_path).commands == 0


def test_close_finishes_what_waits(tmp_path: Path, gated: type[GatedEngine]) -> None:
    sequencer = open_sequencer(tmp_path, engine_type=gated)
    futures = [sequencer.submit(commands(3)) for _ in range(4)]
    threading.Timer(0.02, gated.gate.set).start()
    sequencer.close()
    sequencer.close()
    assert [future.result(0).first_seq for future in futures] == [1, 4, 7, 10]
    with pytest.raises(SequencerStoppedError, match="closed"):
        sequencer.execute(commands(1))


def test_second_writer_is_refused_and_names_the_first(tmp_path: Path) -> None:
    with open_sequencer(create(tmp_path)), pytest.raises(FolderInUseError, match=r"process number \d+"):
        open_sequencer(tmp_path)
    open_sequencer(tmp_path).close()


def test_engine_of_another_edition_is_refused_and_the_folder_stays_free(tmp_path: Path) -> None:
    create(tmp_path)
    with pytest.raises(WrongEditionError):
        open_sequencer(tmp_path, engine_type=LateEditionEngine)
    open_sequencer(tmp_path).close()


def test_interrupt_in_the_engine_stops_the_writer_and_reaches_the_caller(tmp_path: Path) -> None:
    class InterruptedEngine(TallyEngine):
        def apply(self, commands: bytes) -> bytes:
            raise KeyboardInterrupt

    with open_sequencer(create(tmp_path), engine_type=InterruptedEngine) as sequencer:
        with pytest.raises(KeyboardInterrupt):
            sequencer.execute(commands(1))
        with pytest.raises(SequencerStoppedError):
            sequencer.execute(commands(1))
