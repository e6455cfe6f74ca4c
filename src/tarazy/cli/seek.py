"""Go to a place in a journal: the command with a number, and the venue as it was just before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tarazy.cli.engines import fastest, load_engine
from tarazy.cli.errors import CliError
from tarazy.domain.engine import Engine
from tarazy.domain.records import RECORD_SIZE
from tarazy.journal.frame import Frame, FrameKind
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import state_at
from tarazy.spec.venue import Venue


def command_frames(directory: Path) -> Iterator[Frame]:
    """Iterate over the frames that hold commands."""
    return (frame for frame in JournalReader(directory) if frame.header.kind == FrameKind.commands)


def command_at(directory: Path, seq: int) -> bytes:
    """Return the command with a sequence number, 96 bytes."""
    last = 0
    for frame in command_frames(directory):
        first = frame.header.first_seq
        last = first + frame.header.command_count - 1
        if seq <= last:
            offset = (seq - first) * RECORD_SIZE
            return frame.commands[offset : offset + RECORD_SIZE]
    raise CliError(f"{directory}: expected a sequence number from 1 to {last}, found {seq}")


def venue_before(directory: Path, seq: int) -> Venue:
    """Return the readable venue as it was just before a command."""
    return Venue() if seq == 1 else venue_after(directory, seq - 1)


def venue_after(directory: Path, seq: int) -> Venue:
    """Return the readable venue as it was just after a command, by way of the fastest engine there is."""
    return readable(state_at(directory, load_engine(fastest()), seq))


def readable(engine: Engine) -> Venue:
    """Return an engine's state as the readable venue."""
    return engine if isinstance(engine, Venue) else Venue.restore(engine.snapshot())


def last_seq(directory: Path) -> int:
    """Return the number of the last command."""
    reader = JournalReader(directory)
    for _ in reader:
        pass
    if reader.position.next_seq == 1:
        raise CliError(f"{directory}: expected a journal with commands, found an empty one")
    return reader.position.next_seq - 1
