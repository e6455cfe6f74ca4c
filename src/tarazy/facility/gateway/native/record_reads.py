"""The record's own files: heads, frames and proofs, read in one thread of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from tarazy.journal.durable_position import published_frame
from tarazy.journal.frame import Frame, FrameKind
from tarazy.journal.identity import Identity
from tarazy.journal.locate import position_of
from tarazy.journal.proof_errors import NoSuchHeadError
from tarazy.journal.proving import find_head, prove_frame, prove_growth
from tarazy.journal.reader import JournalReader
from tarazy.oversight.requests.errors import INVALID_PARAMETER, SERVER_BUSY, DialectError

FRAMES_MAX, FRAMES_BYTES_MAX = 1_000, 8 * 1024**2
WAITING_MAX = 4
Answer = TypeVar("Answer")


class RecordReads:
    """Questions about the record's own files, in one thread; more than a few at once are refused."""

    def __init__(self, directory: Path, identity: Identity) -> None:
        self._directory, self._identity = Path(directory), identity
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tarazy-record")
        self._waiting = 0
        self._head: tuple[int, bytes] | None = None  # the last frame that was looked at, and the newest head up to it

    def close(self) -> None:
        """End the thread behind what it does."""
        self._thread.shutdown()

    async def ask(self, question: Callable[..., Answer], *arguments: Any) -> Answer:
        """Ask in the thread.

        Raises: DialectError where too many wait, or where there is no such head or frame.
        """
        if self._waiting >= WAITING_MAX:
            raise DialectError(SERVER_BUSY, "Too many questions about the record wait.", 429, retry_after_s=5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, question, *arguments)
        except NoSuchHeadError as error:
            message = f"No such head: expected {error.expected}, found {error.found}."
            raise DialectError(INVALID_PARAMETER, message) from None
        finally:
            self._waiting -= 1

    def newest_head(self) -> bytes:
        """Return the newest signed head; what was looked at before is not read again."""
        durable = self._durable()
        start = self._head[0] + 1 if self._head is not None else max(durable - FRAMES_MAX, 1)
        note = self._head[1] if self._head is not None else b""
        for frame in self._frames(start, durable):
            if frame.header.kind == FrameKind.head:
                note = frame.commands
        if not note:
            note = find_head(self._directory).note
        self._head = (durable, note)
        return note

    def frames(self, first: int, limit: int) -> tuple[bytes, int | None]:
        """Return the bytes of durable frames from a number on, and the number to go on from, None at the end."""
        durable = self._durable()
        found, size, following = list[bytes](), 0, first
        for frame in self._frames(first, durable):
            encoded = frame.encode()
            if found and (len(found) >= limit or size + len(encoded) > FRAMES_BYTES_MAX):
                break
            found.append(encoded)
            size, following = size + len(encoded), frame.header.frame_number + 1
        return b"".join(found), following if following <= durable else None

    def proof(self, frame_number: int, size: int | None) -> dict[str, Any]:
        """Return the proof that a head holds a frame."""
        if frame_number > self._durable():
            raise DialectError(INVALID_PARAMETER, "No such frame yet.")
        found = prove_frame(self._directory, frame_number, size)
        return {**found.values(), "text": found.text().decode()}

    def growth(self, old_size: int, size: int | None) -> dict[str, Any]:
        """Return the proof that a head goes on from an older one."""
        if old_size > self._durable():
            raise DialectError(INVALID_PARAMETER, "No such head yet.")
        found = prove_growth(self._directory, old_size, size)
        return {**found.values(), "text": found.text().decode()}

    # ------------------------------------------------------------ inside

    def _durable(self) -> int:
        """Return the last durable frame."""
        return published_frame(self._directory, self._identity.facility_id) or 0

    def _frames(self, first: int, last: int) -> Iterator[Frame]:
        """Iterate over durable frames."""
        if first > last:
            return iter(())
        start = position_of(self._directory, self._identity, first)
        return iter(JournalReader(self._directory, start=start, identity=self._identity, last_frame=last))
