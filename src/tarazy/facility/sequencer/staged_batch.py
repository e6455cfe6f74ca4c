"""What travels from the engine's half to the log's: a frame that is not durable yet, and who waits for it."""

from __future__ import annotations

from tarazy.facility.sequencer.inbox import Notice
from tarazy.facility.sequencer.submission import Part
from tarazy.journal.frame import FrameDraft, Written


class StagedBatch:
    """A frame on its way to the log: commands that the engine has applied, or what the facility signs itself."""

    __slots__ = ("draft", "events", "first_seq", "notice", "parts", "written")

    def __init__(
        self,
        draft: FrameDraft,
        events: bytes = b"",
        parts: list[Part] | None = None,
        *,
        first_seq: int | None = None,
        notice: Notice | None = None,
    ) -> None:
        self.draft = draft
        self.events = events
        self.parts = parts or []
        self.first_seq = first_seq
        self.notice = notice
        self.written: Written | None = None

    @property
    def command_count(self) -> int:
        """Return how many commands the frame holds."""
        return self.draft.command_count

    def fail(self, reason: BaseException) -> None:
        """Tell everybody in the frame that it is not acknowledged."""
        fail(self.parts, reason)
        if self.notice is not None:
            self.notice.fail(reason)


def fail(parts: list[Part], reason: BaseException) -> None:
    """Tell everybody in a frame that it is not acknowledged."""
    for part in parts:
        part.submission.fail(reason)
