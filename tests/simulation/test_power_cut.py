"""The power goes at every kind of moment: what was acknowledged is there, what is there is whole."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest

from tarazy.domain.records import PlaceOrder
from tarazy.facility.sequencer.errors import SequencerStoppedError
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.allocation import SpareSegment
from tarazy.journal.create import create_facility
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import replay
from tarazy.journal.verify import verify

from .disk import PowerCut, SimulatedDisk
from .tally_engine import TallyEngine

LIVES = 8
OPERATIONS = 60


def orders(number: int, count: int) -> bytes:
    """Return orders that carry their own number."""
    return b"".join(PlaceOrder(account_id=1, client_order_id=n).pack() for n in range(number, number + count))


def live(directory: Path, disk: SimulatedDisk, chance: random.Random, number: int) -> tuple[list[int], int]:
    """Write until the power goes; return the numbers that were acknowledged and the next unused one."""
    acknowledged: list[int] = []
    sequencer = Sequencer.open(directory, TallyEngine, files=disk)
    try:
        while True:
            if chance.random() < 0.1:
                sequencer.checkpoint()
            else:
                count = chance.choice([1, 5, 30, 60, 90])
                first, number = number, number + count
                sequencer.execute(orders(first, count))
                acknowledged += range(first, number)
    except (SequencerStoppedError, PowerCut):
        return acknowledged, number
    finally:
        with contextlib.suppress(PowerCut):
            sequencer.close()


def written_numbers(directory: Path) -> list[int]:
    """Return the numbers of the orders that the journal holds, in order."""
    payload = b"".join(frame.payload for frame in JournalReader(directory) if frame.header.command_count)
    records = [PlaceOrder.unpack(payload, start) for start in range(0, len(payload), 96)]
    return [record.client_order_id for record in records if record.account_id]


def lose_power_again_and_again(directory: Path, seed: int) -> int:
    """Run a facility through many power cuts and check it after each; return how many left a torn frame."""
    chance = random.Random(seed)
    create_facility(directory, "Test venue", edition=1, segment_bytes=16384, seed=bytes(48))
    acknowledged: list[int] = []
    number, torn = 1, 0
    for life in range(LIVES):
        disk = SimulatedDisk(chance.randint(1, OPERATIONS), waits_for_sync=chance.random() < 0.6)
        try:
            done, number = live(directory, disk, chance, number)
            acknowledged += done
        except PowerCut:
            pass  # the power went during the start
        disk.cut_power(chance)
        with Sequencer.open(directory, TallyEngine) as recovered:
            torn += recovered.recovery.torn is not None
            digest = recovered.engine.state_digest()
        report = verify(directory)
        assert report.ok, (seed, life, str(report.damage))
        written = written_numbers(directory)
        assert written == sorted(set(written)), (seed, life)
        assert set(acknowledged) <= set(written), (seed, life)
        engine = TallyEngine()
        assert replay(directory, engine).agrees, (seed, life)
        assert engine.state_digest() == digest, (seed, life)
    return torn


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allocate the next segment in the log's own thread, so that a seed always gives the same run."""
    monkeypatch.setattr(SpareSegment, "start", lambda spare: spare._fd is None and spare._allocate())


@pytest.mark.parametrize("group", range(8))
def test_power_cut_loses_nothing_that_was_acknowledged(tmp_path: Path, group: int) -> None:
    torn = [lose_power_again_and_again(tmp_path / str(seed), seed) for seed in range(group * 5, group * 5 + 5)]
    assert sum(torn) > 0, f"{torn}: no power cut tore a frame, so this test shows nothing about torn frames"


def test_power_cut_while_a_facility_is_created_leaves_none_or_all_of_it(tmp_path: Path) -> None:
    whole = SimulatedDisk()
    create_facility(tmp_path / "whole", "Test venue", edition=1, segment_bytes=8192, files=whole)
    for cut_at in range(1, whole.operations + 2):
        directory = tmp_path / str(cut_at)
        disk = SimulatedDisk(cut_at)
        try:
            create_facility(directory, "Test venue", edition=1, segment_bytes=8192, files=disk)
        except PowerCut:
            disk.cut_power(random.Random(cut_at))
        if (directory / "facility.json").exists():
            assert verify(directory).ok
