"""Follow the tail: never beyond what is published, never a frame twice, none missed, whatever lives the writer has."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tarazy.journal.errors import BrokenChainError, ChangedByteError, DamageError, ShortenedError
from tarazy.journal.events_record import EventsError, events_folder, events_path, events_segments
from tarazy.journal.files import Files
from tarazy.journal.follow import Follower, followed
from tarazy.journal.follow_events import EventsFollower
from tarazy.journal.frame import Frame
from tarazy.journal.reader import JournalReader
from tarazy.journal.segment import segment_path

from .published import Life, create


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a new facility."""
    create(tmp_path / "facility")
    return tmp_path / "facility"


def numbers(frames: list[Frame]) -> list[int]:
    """Return the numbers of frames."""
    return [frame.header.frame_number for frame in frames]


def test_frame_that_is_written_but_not_published_is_not_read(folder: Path) -> None:
    life = Life(folder)
    with Follower(folder) as follower:
        frame, events = life.append(3)
        assert numbers(list(JournalReader(folder))) == [1]  # it is there for whoever does not ask
        assert follower.poll() == []
        life.publication.on_release(frame, events)
        assert follower.poll() == [frame]
        assert follower.poll() == []
    life.close()


def test_follower_goes_across_segments_and_starts_anywhere(folder: Path) -> None:
    life = Life(folder)
    with Follower(folder) as follower:
        written, seen, positions = [], [], [follower.position]
        for count in range(1, 60):
            written.append(life.write(count)[0])
            if count % 3 == 0:
                seen += follower.poll()
            positions.append(positions[-1].after(written[-1].header, written[-1].frame_hash))
        seen += follower.poll()
        assert seen == written
        assert segment_path(folder, 3).exists()
    for start in positions[::7]:
        with Follower(folder, start=start) as follower:
            assert list(followed(follower, 0)) == written[start.frame_number - 1 :]
    life.close()


def test_follower_goes_on_with_the_next_writer_that_replaced_the_last_segment(folder: Path) -> None:
    with Follower(folder) as follower:
        seen, written = [], []
        for _ in range(4):
            inode = os.stat(segment_path(folder, 1)).st_ino
            life = Life(folder)
            assert os.stat(segment_path(folder, 1)).st_ino != inode
            written += [life.write(2)[0] for _ in range(3)]
            seen += follower.wait(1)
            life.close()
        assert numbers(seen) == list(range(1, 13))
        assert seen == written


def test_what_a_power_cut_took_back_was_never_read(folder: Path) -> None:
    life = Life(folder)
    first, _ = life.write(2)
    with Follower(folder) as follower:
        assert follower.poll() == [first]
        path, start = segment_path(folder, 1), 8192  # frame 1 has the sector at 4096, the lost one the next
        lost, _ = life.append(2)
        os.pwrite(life.log._fd, bytes(4096), start)  # it never reached the device
        life.close()
        assert path.read_bytes()[start : start + 4096] == bytes(4096)
        assert follower.poll() == []
        life = Life(folder, salt=1000)
        other, _ = life.write(2)
        assert other.header.frame_number == lost.header.frame_number
        assert other.frame_hash != lost.frame_hash
        assert follower.wait(1) == [other]
    life.close()


def test_waiting_ends_in_time_and_costs_little(folder: Path) -> None:
    life = Life(folder)
    with Follower(folder) as follower:
        started, used = time.monotonic(), time.process_time()
        assert follower.wait(0.5) == []
        assert 0.5 <= time.monotonic() - started < 1.5
        assert time.process_time() - used < 0.1
    life.close()


def test_record_that_no_longer_has_what_was_published_is_an_error(folder: Path) -> None:
    life = Life(folder)
    life.write(2)
    offset = 4096 + 176 + 20
    os.pwrite(life.log._fd, b"\xff", offset)
    with Follower(folder) as follower, pytest.raises(ChangedByteError):
        follower.poll()
    os.pwrite(life.log._fd, bytes(4096), 4096)
    with Follower(folder) as follower, pytest.raises(ShortenedError, match="published as durable"):
        follower.poll()
    life.close()


def test_published_hash_binds(folder: Path) -> None:
    life = Life(folder)
    frame, _ = life.append(1)
    life.publication.position.publish(frame.header.frame_number, 1, bytes(32))
    with Follower(folder) as follower, pytest.raises(BrokenChainError, match="published was"):
        follower.poll()
    life.close()


def test_events_come_with_their_frames_across_their_segments(folder: Path) -> None:
    life = Life(folder)
    with EventsFollower(folder) as follower:
        written = [life.write(count) for count in range(1, 60)]
        seen = follower.wait(1)
        while more := follower.poll():
            seen += more
        assert seen == written
        assert follower.lag() == (0, 0, True)
    assert len(events_segments(events_folder(folder))) > 3
    life.close()


def test_frames_wait_for_events_that_are_not_written(folder: Path) -> None:
    life = Life(folder)
    with EventsFollower(folder) as follower:
        assert follower.poll() == []
        frame, events = life.append(2)
        assert life.publication.events_file is not None
        life.publication.position.publish(1, 2, frame.frame_hash)
        assert follower.poll() == []
        assert follower.lag() == (1, 0, True)
        life.publication.events_file.append(frame, events)
        assert follower.poll() == [(frame, events)]
    life.close()


def test_events_that_are_not_the_frame_s_are_refused(folder: Path) -> None:
    life = Life(folder)
    for _ in range(3):
        life.write(2)
    life.close()
    path = events_path(events_folder(folder), 1)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with EventsFollower(folder) as follower, pytest.raises(EventsError, match="tarazy events rebuild"):
        follower.poll()


def test_disk_that_is_full_stops_the_events_and_not_the_position(folder: Path) -> None:
    class Full(Files):
        """A disk without room for events."""

        def write(self, fd: int, path: Path, buffers: object, offset: int) -> None:
            raise OSError(28, "No space left on device")

    life = Life(folder)
    assert life.publication.events_file is not None
    life.write(1)
    life.publication.events_file._files = _storing(Full())
    for _ in range(3):
        life.write(1)
    assert isinstance(life.publication.failure, Exception)
    with EventsFollower(folder) as follower:
        assert len(follower.poll()) == 1
        assert follower.lag().without_events == 3
    life.close()
    life = Life(folder)  # the next start makes what is missing
    assert life.publication.repaired.frames == 3
    with EventsFollower(folder) as follower:
        assert len(follower.wait(1)) == 4
    life.close()


def _storing(files: Files) -> Files:
    """Return files whose errors are the journal's."""
    from tarazy.journal.files import storing

    inner = files.write

    def write(fd: int, path: Path, buffers: object, offset: int) -> None:
        with storing(path, "write"):
            inner(fd, path, buffers, offset)  # type: ignore[arg-type]

    files.write = write  # type: ignore[method-assign, assignment]
    return files


def test_other_history_in_the_folder_is_an_error(folder: Path) -> None:
    life = Life(folder)
    life.write(1)
    start = Follower(folder).position._replace(frame_number=2, prev_hash=bytes(32), next_seq=2)
    life.write(1)
    with Follower(folder, start=start) as follower, pytest.raises(DamageError):
        follower.poll()
    life.close()
