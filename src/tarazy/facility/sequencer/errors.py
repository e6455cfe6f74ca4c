"""Why the sequencer takes no command."""

from __future__ import annotations


class SequencerError(Exception):
    """Root of all errors of the sequencer."""


class SequencerStoppedError(SequencerError):
    """The writer has stopped; `reason` is the error that stopped it, None after `close()`.

    A command whose future carries this error was not acknowledged. It is either in the journal or not; ask after the
    next start, by its client order id.
    """

    def __init__(self, reason: BaseException | None) -> None:
        self.reason = reason
        super().__init__(reason)

    def __str__(self) -> str:
        if self.reason is None:
            return "the sequencer is closed: expected an open one, found it closed. Open the folder again."
        return f"the sequencer has stopped and releases nothing: {self.reason}"


class QueueFullError(SequencerError):
    """The queue had no room in the given time."""

    def __init__(self, waiting: int, queue_commands_max: int, timeout_s: float) -> None:
        self.waiting = waiting
        self.queue_commands_max = queue_commands_max
        self.timeout_s = timeout_s
        super().__init__(waiting, queue_commands_max, timeout_s)

    def __str__(self) -> str:
        return (
            f"the queue is full: expected room within {self.timeout_s} s, found {self.waiting} commands waiting of at "
            f"most {self.queue_commands_max}. Nothing was taken; send again later."
        )


class EngineMismatchError(SequencerError):
    """The engine says something else than the log or than itself; the writer stops."""

    def __init__(self, expected: str, found: str) -> None:
        self.expected = expected
        self.found = found
        super().__init__(expected, found)

    def __str__(self) -> str:
        return f"the engine is out of step: expected {self.expected}, found {self.found}. Replay with the other engine."


class CheckpointRefusedError(SequencerError):
    """The engine refused TakeCheckpoint, so there is nothing to sign."""

    def __str__(self) -> str:
        return "no checkpoint was taken: expected a CheckpointTaken event, found a refusal. Read its CommandRejected."


class ClockJumpedError(SequencerError):
    """The wall clock has moved further than time can have passed; nothing was ordered and nothing is stamped."""

    def __init__(self, place: str, allowed_ns: int, found_ns: int) -> None:
        self.place = place
        self.allowed_ns = allowed_ns
        self.found_ns = found_ns
        super().__init__(place, allowed_ns, found_ns)

    def __str__(self) -> str:
        return (
            f"the clock jumped: expected at most {self.allowed_ns / 1e9:.3f} s {self.place}, found "
            f"{self.found_ns / 1e9:.3f} s. Nothing was ordered. Set the clock right, and commands are taken again; if "
            "the time is right as it is, accept the gap."
        )


class CheckpointFailedError(SequencerError):
    """A checkpoint was marked and nothing was signed; the writer goes on, and the mark without a statement is legal."""

    def __init__(self, expected: str, found: str) -> None:
        self.expected = expected
        self.found = found
        super().__init__(expected, found)

    def __str__(self) -> str:
        return (
            f"the checkpoint failed: expected {self.expected}, found {self.found}. The writer goes on; take another "
            "checkpoint when the cause is gone."
        )


class CheckpointPendingError(SequencerError):
    """Another checkpoint is under way, and the caller did not want to wait for it."""

    def __str__(self) -> str:
        return "expected no checkpoint under way, found one. Wait for it, or ask again later."
