"""Go to a place in a journal: the command with a number, and the engine as it was just before it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tarazy.cli.engines import fastest, load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.journal.excerpt import decode_excerpt
from tarazy.domain.engine import Engine
from tarazy.domain.records import RECORD_SIZE
from tarazy.journal.errors import BrokenChainError, DamageError, SnapshotError
from tarazy.journal.frame import Frame, FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import state_at
from tarazy.journal.snapshots import read_statement, snapshot_seqs
from tarazy.spec.state import State
from tarazy.spec.venue import Venue

LOOKS_MAX = 4
LOOK_AGAIN_S = 0.25


def command_frames(directory: Path) -> Iterator[Frame]:
    """Iterate over the frames that hold commands."""
    return (frame for frame in JournalReader(directory) if frame.header.kind == FrameKind.commands)


def reader_before(directory: Path, seq: int | None = None) -> JournalReader:
    """Return a reader that begins behind the last good snapshot before a command (None: the last of all)."""
    identity = load_identity(directory)
    for known in reversed([known for known in snapshot_seqs(directory) if seq is None or known < seq]):
        with suppress(SnapshotError, BrokenChainError):
            statement = read_statement(directory, known, {identity.public_key})
            return JournalReader(directory, start=statement.next_position, identity=identity)
    return JournalReader(directory, identity=identity)


def command_at(directory: Path, seq: int) -> bytes:
    """Return the command with a sequence number, 96 bytes."""
    reader = reader_before(directory, seq)
    last = reader.position.next_seq - 1
    for frame in reader:
        first, count = frame.header.first_seq, frame.header.command_count
        if frame.header.kind != FrameKind.commands:
            continue
        last = first + count - 1
        if seq <= last:
            offset = (seq - first) * RECORD_SIZE
            return frame.commands[offset : offset + RECORD_SIZE]
    raise CliError(f"{directory}: expected a sequence number from 1 to {last}, found {seq}")


def engine_before(directory: Path, seq: int) -> Engine:
    """Return the fastest engine there is, as it was just before a command."""
    return load_engine(fastest())() if seq == 1 else engine_after(directory, seq - 1)


def engine_after(directory: Path, seq: int) -> Engine:
    """Return the fastest engine there is, as it was just after a command."""
    return state_at(directory, load_engine(fastest()), seq)


def events_of(engine: Engine, commands: bytes) -> bytes:
    """Return the events that commands would have, and leave the engine as it is: a copy of the process applies them.

    Raises: CliError where the engine stops on the way.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with open(writing, "wb") as out:
                out.write(engine.apply(commands))
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with open(reading, "rb") as found:
        events = found.read()
    if os.waitpid(child, 0)[1]:
        raise CliError(f"expected {engine.name} to apply command {engine.next_seq}, found that it stopped")
    return events


def reference_state(directory: Path) -> State:
    """Return officers, assets and markets as they are at a journal's end, without accounts and orders.

    A writer may be in the middle of its newest frame: what looks damaged is looked at again, and damage stays.
    """
    for _ in range(LOOKS_MAX - 1):
        with suppress(DamageError):
            return state_at_end(directory)
        time.sleep(LOOK_AGAIN_S)
    return state_at_end(directory)


def state_at_end(directory: Path) -> State:
    """Return the same where no writer is at work."""
    return decode_excerpt(engine_after(directory, last_seq(directory)).excerpt([], [])).state


def readable(engine: Engine) -> Venue:
    """Return an engine's state as the readable venue."""
    return engine if isinstance(engine, Venue) else Venue.restore(engine.snapshot())


def last_seq(directory: Path) -> int:
    """Return the number of the last command."""
    reader = reader_before(directory)
    for _ in reader:
        pass
    if reader.position.next_seq == 1:
        raise CliError(f"{directory}: expected a journal with commands, found an empty one")
    return reader.position.next_seq - 1
