"""Read a stream's frames back, from the first or from a position to the end that it had at the start.

Like the reader of local files it trusts nothing but the facility's identity: each message must be a whole frame that
continues the one before. Messages are fetched some at a time, so memory does not depend on the stream's length.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import TracebackType

from tarazy.facility.sequencer.stream import FrameStream, StreamSettings
from tarazy.journal.errors import BrokenChainError
from tarazy.journal.frame import Frame, Position
from tarazy.journal.identity import Identity
from tarazy.journal.segment import genesis

FETCHED_AT_ONCE = 32


class StreamReader:
    """Iterate over the frames of a stream; `position` is what the next frame continues.

    Raises: StreamMessageError, BrokenChainError at the first frame that is not as it was written;
    StreamUnreachableError.
    """

    def __init__(self, settings: StreamSettings, identity: Identity, *, start: Position | None = None) -> None:
        self.identity = identity
        self.position = start or genesis(identity)
        self.writer_term = 0
        self._stream = FrameStream(settings, identity)

    def __iter__(self) -> Iterator[Frame]:
        last = self._stream.run(self._stream.last_number())
        while self.position.frame_number <= last:
            first = self.position.frame_number
            for frame in self._stream.run(self._fetch(first, min(first + FETCHED_AT_ONCE, last + 1))):
                self._check_continues(frame)
                self.position = self.position.after(frame.header, frame.frame_hash)
                self.writer_term = frame.header.writer_term
                yield frame

    async def _fetch(self, first: int, end: int) -> list[Frame]:
        """Return some frames, asked for side by side."""
        return await asyncio.gather(*(self._stream.frame_of(number) for number in range(first, end)))

    def _check_continues(self, frame: Frame) -> None:
        """Refuse a frame that does not continue the one before."""
        header = frame.header
        found = Position(header.frame_number, header.prev_hash, header.first_seq)
        fits = header.edition == self.identity.edition and header.writer_term >= self.writer_term
        if found == self.position and fits:
            return
        number, prev_hash, seq = self.position
        raise BrokenChainError(
            self._stream.path,
            expected=f"frame {number} with command {seq} after hash {prev_hash.hex()}, edition {self.identity.edition}",
            found=f"frame {found.frame_number} with command {found.next_seq} after hash {found.prev_hash.hex()}, "
            f"edition {header.edition}, term {header.writer_term} after {self.writer_term}",
            frame=number,
        )

    def close(self) -> None:
        """Let the stream go."""
        self._stream.close()

    def __enter__(self) -> StreamReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
