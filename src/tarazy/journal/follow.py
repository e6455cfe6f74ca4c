"""Follow the tail of a journal from another process: every durable frame once, in order, and none that is not durable.

The page cache shows frames before they are on the device; what a power cut may take back must not be told to anybody.
So the follower reads up to the position that the writer publishes (`durable_position.py`) and stops there. It goes on
across segments, across the writer's end and the next writer's start, which may put another file in the place of the
last segment, and checks every frame as a reader of a finished journal does: digests, chain, edition, length. Waiting
costs one small read every few milliseconds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from tarazy.journal.durable_position import DurablePosition, PositionReader
from tarazy.journal.errors import BrokenChainError, ChangedByteError, ShortenedError
from tarazy.journal.files import reading
from tarazy.journal.frame import HEADER_SIZE, Frame, FrameHeader, Position, decode_frame, decode_header
from tarazy.journal.identity import Identity, load_identity
from tarazy.journal.locate import locate
from tarazy.journal.opening import open_plain, read_fully
from tarazy.journal.segment import (
    SegmentHeader,
    check_segment_continues,
    genesis,
    next_start,
    read_segment_header,
    segment_count,
    segment_path,
)
from tarazy.journal.tail import SegmentOffset

POLL_BYTES = 1 << 20
PAUSE_MIN_S = 0.0005
PAUSE_MAX_S = 0.01
QUICK_S = 0.03  # so long the waits stay short: at a steady pace the next frame comes within it


class Pauses:
    """How long to wait before the next look: short while things happen, then longer and longer."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin with short waits again."""
        self._pause_s, self._waited_s = PAUSE_MIN_S, 0.0

    def wait(self, deadline: float) -> bool:
        """Wait a while, at most until a monotonic time; return False when that is reached."""
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(self._pause_s, left))
        self._waited_s += self._pause_s
        if self._waited_s > QUICK_S:
            self._pause_s = min(self._pause_s * 1.5, PAUSE_MAX_S)
        return True


class Follower:
    """The frames behind `position`, as they become durable."""

    def __init__(self, directory: Path, *, start: Position | None = None, identity: Identity | None = None) -> None:
        self.directory = Path(directory)
        self.identity = identity or load_identity(self.directory)
        self.position = start or genesis(self.identity)
        self.positions = PositionReader(self.directory, self.identity.facility_id)
        self._writers = 0
        self._pauses = Pauses()
        self._fd: int | None = None
        self._segment: SegmentHeader
        self._path = self.directory
        self._offset = 0

    # ------------------------------------------------------------ what callers use
    def poll(self) -> list[Frame]:
        """Return the frames that have become durable since the last call, at most some megabytes of them.

        Raises: DamageError where the record is not what it was; StorageError.
        """
        durable = self.positions.read()
        if self.positions.writers != self._writers:  # a new writer may have put another file in the place of the last
            self._close_segment()
            self._writers = self.positions.writers
        frames: list[Frame] = []
        size = 0
        while self.position.frame_number <= durable.frame_number and size < POLL_BYTES:
            frame = self._next()
            self._check_published(frame, durable)
            frames.append(frame)
            size += frame.header.frame_bytes
        return frames

    def wait(self, timeout_s: float) -> list[Frame]:
        """Return the next frames, waiting for them at most so long; an empty list when none came."""
        deadline = time.monotonic() + timeout_s
        self._pauses.reset()
        while not (frames := self.poll()):
            if not self._pauses.wait(deadline):
                break
        return frames

    def close(self) -> None:
        """Close the files."""
        self._close_segment()
        self.positions.close()

    def __enter__(self) -> Follower:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------ one frame
    def _next(self) -> Frame:
        """Return the frame at the position, which is durable, and step over it."""
        frame = self._read()
        if frame is None and self._fd is not None:
            self._close_segment()  # the file may have been replaced under us: look once more from its name
            frame = self._read()
        if frame is None:
            raise ShortenedError(
                self._path,
                expected=f"frame {self.position.frame_number}, which the writer has published as durable",
                found=f"no frame at byte {self._offset}",
                segment=self._segment.segment,
                offset=self._offset,
            )
        self.position = self.position.after(frame.header, frame.frame_hash)
        self._offset = next_start(self._segment, self._offset + frame.header.frame_bytes)
        return frame

    def _read(self) -> Frame | None:
        """Return the frame at the position, or None where this segment ends and there is no next one."""
        if self._fd is None:
            self._locate()
        header = self._header()
        if header is None and self._goes_on():
            self._open(SegmentOffset(self._segment.segment + 1, 0))
            header = self._header()
        if header is None or self._fd is None:
            return None
        found = Position(header.frame_number, header.prev_hash, header.first_seq)
        if found != self.position or header.edition != self.identity.edition:
            raise self._broken(f"frame {found.frame_number} after hash {found.prev_hash.hex()}")
        with reading(self._path, "read the frame"):
            frame = decode_frame(read_fully(self._fd, self._offset, header.frame_bytes))
        if frame is None:
            raise ChangedByteError(
                self._path,
                expected="the frame that was written with its SHA-256",
                found="other bytes",
                segment=self._segment.segment,
                frame=header.frame_number,
                offset=self._offset,
            )
        return frame

    def _header(self) -> FrameHeader | None:
        """Return the header at the place, or None where there is none."""
        if self._fd is None or self._offset + HEADER_SIZE > self._segment.segment_bytes:
            return None
        with reading(self._path, "read the frame's header"):
            header = decode_header(read_fully(self._fd, self._offset, HEADER_SIZE))
        fits = header is not None and self._offset + header.frame_bytes <= self._segment.segment_bytes
        return header if fits else None

    def _goes_on(self) -> bool:
        """Say whether there is a next segment."""
        return segment_path(self.directory, self._segment.segment + 1).exists()

    def _locate(self) -> None:
        """Open the segment in which the position is."""
        segments = segment_count(self.directory)
        self._open(locate(self.directory, self.identity, segments, self.position).place)

    def _open(self, place: SegmentOffset) -> None:
        """Open a segment at a place; offset 0 stands for its first frame, which must be at the position."""
        self._segment = read_segment_header(self.directory, place.segment, self.identity)
        path = self._path = segment_path(self.directory, place.segment)
        if place.offset == 0:
            check_segment_continues(path, self._segment, self.position)
        self._close_segment()
        with reading(path, "open the segment for reading"):
            self._fd = open_plain(path)
        self._offset = place.offset or self._segment.first_offset

    def _close_segment(self) -> None:
        """Close the open segment."""
        if self._fd is not None:
            os.close(self._fd)
        self._fd = None

    def _check_published(self, frame: Frame, durable: DurablePosition) -> None:
        """Refuse a frame that is not the one which the writer has published."""
        if frame.header.frame_number == durable.frame_number and frame.frame_hash != durable.frame_hash:
            raise self._broken(f"hash {frame.frame_hash.hex()}, published was {durable.frame_hash.hex()}")

    def _broken(self, found: str) -> BrokenChainError:
        """Return the error for a frame that does not continue the chain."""
        return BrokenChainError(
            self._path,
            expected=f"frame {self.position.frame_number} after hash {self.position.prev_hash.hex()}",
            found=found,
            segment=self._segment.segment,
            frame=self.position.frame_number,
            offset=self._offset,
        )


def followed(follower: Follower, timeout_s: float) -> Iterator[Frame]:
    """Iterate over frames until none has come for so long."""
    while frames := follower.wait(timeout_s):
        yield from frames
