"""The published position: whole or not at all, never back, and a dead writer's file is told from a living one's."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tarazy.journal.durable_position import (
    DURABLE_NAME,
    DURABLE_SIZE,
    DurablePosition,
    PositionReader,
    PositionWriter,
    decode_position,
)
from tarazy.journal.errors import IdentityError, JournalError

FACILITY = bytes(16)
NOTHING = DurablePosition(0, 0, bytes(32))


def position(number: int) -> DurablePosition:
    """Return a position whose three parts all tell its number."""
    return DurablePosition(number, number * 7, number.to_bytes(32, "little"))


def test_what_is_published_is_read_and_never_goes_back(tmp_path: Path) -> None:
    writer, reader = PositionWriter(tmp_path, FACILITY, NOTHING), PositionReader(tmp_path, FACILITY)
    assert reader.read() == NOTHING
    for number in (1, 2, 3):
        writer.publish(*position(number))
        assert reader.read() == position(number)
    writer.publish(*position(2))
    assert reader.read() == position(3)
    writer.close()
    reader.close()


def test_without_a_file_nothing_is_published_and_no_writer_lives(tmp_path: Path) -> None:
    with PositionReader(tmp_path, FACILITY) as reader:
        assert reader.read() == NOTHING
        assert not reader.writer_lives()


def test_dead_writer_is_told_from_a_living_one_and_its_position_holds(tmp_path: Path) -> None:
    program = (
        "import sys, os, signal; from pathlib import Path; from tarazy.journal.durable_position import *\n"
        "w = PositionWriter(Path(sys.argv[1]), bytes(16), DurablePosition(0, 0, bytes(32)))\n"
        "w.publish(5, 35, (5).to_bytes(32, 'little')); print('up', flush=True); signal.pause()\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "up\n"
    with PositionReader(tmp_path, FACILITY) as reader:
        assert reader.read() == position(5)
        assert reader.writer_lives()
        child.kill()
        child.communicate()
        assert not reader.writer_lives()
        assert reader.read() == position(5)
        successor = PositionWriter(tmp_path, FACILITY, position(5))
        assert reader.writer_lives()
        assert reader.writers == 2
        successor.publish(*position(6))
        assert reader.read() == position(6)
        successor.close()


@pytest.mark.parametrize("at", range(64, DURABLE_SIZE, 13))
def test_half_a_position_is_never_taken_for_a_whole_one(tmp_path: Path, at: int) -> None:
    writer = PositionWriter(tmp_path, FACILITY, position(1))
    before = (tmp_path / DURABLE_NAME).read_bytes()
    writer.publish(*position(2))
    after = (tmp_path / DURABLE_NAME).read_bytes()
    writer.close()
    assert decode_position(before) == position(1)
    assert decode_position(after) == position(2)
    torn = after[:at] + before[at:]  # the write was cut off at this byte
    assert decode_position(torn) in (position(1), position(2))


def test_reader_beside_a_fast_writer_sees_whole_positions_only(tmp_path: Path) -> None:
    writer = PositionWriter(tmp_path, FACILITY, NOTHING)
    done = threading.Event()

    def write() -> None:
        for number in range(1, 20_000):
            writer.publish(*position(number))
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    seen = 0
    with PositionReader(tmp_path, FACILITY) as reader:
        while not done.is_set():
            found = reader.read()
            assert found == (position(found.frame_number) if found.frame_number else NOTHING)
            assert found.frame_number >= seen
            seen = found.frame_number
    thread.join()
    writer.close()


def test_file_that_is_removed_or_cut_short_under_the_writer_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tarazy.journal.durable_position.LOOK_AGAIN_S", 0.0)
    writer = PositionWriter(tmp_path, FACILITY, position(1))
    (tmp_path / DURABLE_NAME).unlink()
    writer.publish(*position(2))
    with PositionReader(tmp_path, FACILITY) as reader:
        assert reader.read() == position(2)
        os.truncate(tmp_path / DURABLE_NAME, 10)
        writer.publish(*position(3))
        assert reader.writer_lives()
        assert reader.read() == position(3)
    writer.close()


def test_file_of_another_facility_and_a_link_are_refused(tmp_path: Path) -> None:
    PositionWriter(tmp_path, bytes(15) + b"\1", position(1)).close()
    with PositionReader(tmp_path, FACILITY) as reader, pytest.raises(IdentityError, match="durable position"):
        reader.read()
    (tmp_path / DURABLE_NAME).unlink()
    (tmp_path / DURABLE_NAME).symlink_to("/dev/zero")
    with PositionReader(tmp_path, FACILITY) as reader, pytest.raises(JournalError, match="link"):
        reader.read()
