"""One flipped bit anywhere in a facility's public files is always found, and never lets a start lose a frame."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tarazy.facility.sequencer.recovery import recover
from tarazy.journal.errors import DamageError
from tarazy.journal.segment import segment_path
from tarazy.journal.verify import verify
from tests.simulation.plain_facility import Unsynced
from tests.simulation.tally_engine import TallyEngine

from .building import build, frames_of, places_of

SEED = 20_260_101


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a journal of two segments with a checkpoint and a snapshot in the first."""
    directory = build(tmp_path_factory.mktemp("flips") / "a", [3, 1, 0, 5, -1, 10, 6])
    assert verify(directory).ok
    return directory


def public_files(directory: Path) -> list[Path]:
    """Return the files that a facility shows to others."""
    return [directory / "facility.json", *sorted(directory.glob("segments/*")), *sorted(directory.glob("snapshots/*"))]


def flips(path: Path, bits: tuple[int, ...], step: int = 1) -> Iterator[int]:
    """Flip bits of a file one after the other; each is put back before the next."""
    data = path.read_bytes()
    fd = os.open(path, os.O_RDWR)
    try:
        for offset in range(0, len(data), step):
            for bit in bits:
                os.pwrite(fd, bytes([data[offset] ^ 1 << bit]), offset)
                yield offset
            os.pwrite(fd, data[offset : offset + 1], offset)
    finally:
        os.close(fd)


@pytest.mark.parametrize("index", range(4))
def test_verification_finds_a_flipped_bit_at_any_offset(journal: Path, index: int) -> None:
    path = public_files(journal)[index]
    bit = random.Random(SEED + index).randrange(8)
    passed = [offset for offset in flips(path, (bit,)) if verify(journal).ok]
    assert not passed, f"{path.name}, bit {bit}, seed {SEED}: not found at {passed[:10]}"
    assert verify(journal).ok


def test_verification_finds_every_bit_of_frames(journal: Path) -> None:
    path = segment_path(journal, 1)
    data = path.read_bytes()
    places = zip(frames_of(journal), places_of(journal), strict=True)
    frames = [(frame, place.offset) for frame, place in places if place.segment == 1]
    fd = os.open(path, os.O_RDWR)
    chance = random.Random(SEED)
    for _ in range(1500):
        frame, start = chance.choice(frames)
        offset, bit = start + chance.randrange(frame.header.frame_bytes), chance.randrange(8)
        os.pwrite(fd, bytes([data[offset] ^ 1 << bit]), offset)
        damage = verify(journal).damage
        os.pwrite(fd, data[offset : offset + 1], offset)
        assert damage is not None, (SEED, offset, bit)
        assert (damage.segment, damage.frame) == (1, frame.header.frame_number), (SEED, offset, bit)
    os.close(fd)


@pytest.mark.parametrize("index", [1, 2])
def test_start_stops_at_a_flipped_bit_and_loses_no_frame(tmp_path: Path, index: int) -> None:
    build(tmp_path / "a", [3, 1, 20, 6, 14])
    path = segment_path(tmp_path / "a", index)
    whole = frames_of(tmp_path / "a")
    places = zip(whole, places_of(tmp_path / "a"), strict=True)
    used = max(place.offset + frame.header.frame_bytes for frame, place in places if place.segment == index)
    for offset in flips(path, (5,), step=13):
        before = path.read_bytes()
        try:
            _, position, _ = recover(tmp_path / "a", TallyEngine, Unsynced())
        except DamageError:
            assert path.read_bytes() == before
        else:
            assert offset >= used, offset
            assert position.frame_number == len(whole) + 1
    assert frames_of(tmp_path / "a") == whole


def test_flipped_bit_in_a_snapshot_only_costs_the_snapshot(tmp_path: Path) -> None:
    build(tmp_path / "a", [3, 0, 2, 0, 4])
    newest = public_files(tmp_path / "a")[-1]
    for _ in flips(newest, (0,), step=7):
        engine, _, report = recover(tmp_path / "a", TallyEngine, Unsynced())
        assert (engine.next_seq, report.snapshot_seq) == (12, 4)
        assert "passed over" in report.notices[0]
