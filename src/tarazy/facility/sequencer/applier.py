"""The engine's half of the commit pipeline: commands get their time and number, and run."""

from __future__ import annotations

import threading

from tarazy.domain.engine import Engine
from tarazy.domain.records import RECORD_SIZE, CheckpointMarked, CommandKind, EventKind
from tarazy.facility.sequencer.checkpoint import Checkpointer
from tarazy.facility.sequencer.clock import ClockGuard
from tarazy.facility.sequencer.errors import CheckpointFailedError, CheckpointRefusedError
from tarazy.facility.sequencer.staged_batch import StagedBatch
from tarazy.facility.sequencer.stamp import stamp_missing, stamp_now
from tarazy.facility.sequencer.submission import CheckpointMark, Part, instructions_section, references_section
from tarazy.journal.frame import FrameDraft, FrameKind


class Applier:
    """The engine's half. `lock` is held while the engine works; others take it to ask the engine something.

    `officers` are the keys of the officers by number, as of the last batch that could change them: only an instruction
    can, and at the very beginning the commands that register the first ones.
    """

    def __init__(self, engine: Engine, clock: ClockGuard | None, checkpointer: Checkpointer) -> None:
        self.engine = engine
        self.lock = threading.Lock()
        self.officers: dict[int, bytes] = _officers(engine)
        self._is_genesis = engine.next_seq == 1
        self._clock = clock
        self._checkpointer = checkpointer

    def apply(self, parts: list[Part]) -> StagedBatch:
        """Give the commands their time and number and run them; without a clock they keep the times they carry.

        Raises: ClockJumpedError, and then nothing was run; what the engine raises.
        """
        engine = self.engine
        commands = parts[0].commands if len(parts) == 1 else b"".join([part.commands for part in parts])
        if self._clock is None:
            commands = stamp_missing(commands, engine.last_ts_ns)
        else:
            commands = stamp_now(commands, max(self._clock.now_ns(), engine.last_ts_ns))
        first_seq = engine.next_seq
        with self.lock:
            events = engine.apply(commands)
            mark = parts[-1].submission
            if isinstance(mark, CheckpointMark):
                self._freeze(mark, events)
            instructions = instructions_section(parts)
            if instructions or self._is_genesis:
                self.officers = _officers(engine)
                self._is_genesis = self._is_genesis and _registers_only(commands)
        draft = FrameDraft(
            FrameKind.commands,
            commands,
            instructions,
            references_section(parts),
            event_count=len(events) // RECORD_SIZE,
            command_count=len(commands) // RECORD_SIZE,
        )
        return StagedBatch(draft, events, parts, first_seq=first_seq)

    def _freeze(self, mark: CheckpointMark, events: bytes) -> None:
        """Freeze the state that was just marked; a machine that cannot only makes the checkpoint fail."""
        if int.from_bytes(events[-RECORD_SIZE:][:2], "little") != EventKind.checkpoint_marked:
            mark.statement.set_exception(CheckpointRefusedError())
            return
        seq = CheckpointMarked.unpack(events, len(events) - RECORD_SIZE).seq
        try:
            mark.child = self._checkpointer.freeze(self.engine, seq)
        except CheckpointFailedError as error:
            mark.statement.set_exception(error)


def _officers(engine: Engine) -> dict[int, bytes]:
    """Return the officers' public keys by number."""
    return {officer[0]: officer[1] for officer in engine.officer_keys()}


def _registers_only(commands: bytes) -> bool:
    """Say whether all commands register officers."""
    kind = int(CommandKind.register_officer).to_bytes(2, "little")
    count = len(commands) // RECORD_SIZE
    return commands[::RECORD_SIZE] == kind[:1] * count and commands[1::RECORD_SIZE] == kind[1:] * count
