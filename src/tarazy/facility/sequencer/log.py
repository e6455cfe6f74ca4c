"""The log behind the sequencer: local segments today, a replicated stream behind the same few words later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tarazy.journal.frame import FrameDraft, Position, Written


class Log(Protocol):
    """Where frames go, one order for all. A frame is durable when its callback runs, and not before.

    A local log calls back before `append` returns. A log with several frames in flight calls back later, in the
    frames' order, from a thread of its own; a frame that is lost after `append` returned is told to `Sequencer.stop`.
    """

    @property
    def durable_seq(self) -> int:
        """Return the number of the last command that survives a power cut."""

    @property
    def position(self) -> Position:
        """Return what the next frame continues."""

    @property
    def frame_bytes_max(self) -> int:
        """Return the most bytes that one frame may take."""

    def append(self, draft: FrameDraft, on_durable: Callable[[Written], None]) -> None:
        """Append one frame; `on_durable` gets its header and hash once it is durable.

        Raises: JournalError; every later call raises the same one.
        """

    def close(self) -> None:
        """Wait for what is in flight, then let the log go."""
