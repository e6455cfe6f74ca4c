"""The log behind the sequencer: local segments today, a replicated stream behind the same few words later."""

from __future__ import annotations

from typing import Protocol

from tarazy.journal.frame import Position
from tarazy.journal.writer import Written


class Log(Protocol):
    """Where frames go. `append` returns when the frame is durable, and not before."""

    @property
    def durable_seq(self) -> int:
        """Return the number of the last command that survives a power cut."""

    @property
    def position(self) -> Position:
        """Return where the next frame goes and what it continues."""

    @property
    def payload_bytes_max(self) -> int:
        """Return the largest payload of one frame."""

    def append(
        self, kind: int, payload: bytes, *, command_count: int, event_count: int, events_digest: bytes
    ) -> Written:
        """Append one frame and wait until it is durable.

        Raises: JournalError; every later call raises the same one.
        """

    def close(self) -> None:
        """Let the log go."""
