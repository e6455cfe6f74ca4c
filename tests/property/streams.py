"""Random commands with their events, command by command."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from tarazy.domain.engine import Engine
from tarazy.domain.records import COMMANDS, RECORD_SIZE

from ..conformance.generator import random_commands
from ..floor import decode_events


class Step(NamedTuple):
    """One command (None where it is no record of this edition) and what it caused."""

    seq: int
    command: Any
    events: tuple[Any, ...]


class Stream(NamedTuple):
    """All steps of an episode, and the snapshot at its end."""

    steps: tuple[Step, ...]
    snapshot: bytes


@cache
def stream(engine: type[Engine], seed: int, count: int) -> Stream:
    """Play an episode of the generator on an engine."""
    commands = random_commands(seed, count)
    venue = engine()
    by_seq: dict[int, list[Any]] = {}
    for event in decode_events(venue.apply(commands)):
        by_seq.setdefault(event.seq, []).append(event)
    steps = []
    for seq in range(1, len(commands) // RECORD_SIZE + 1):
        at = (seq - 1) * RECORD_SIZE
        record = COMMANDS.get(int.from_bytes(commands[at : at + 2], "little"))
        command = record.unpack(commands, at) if record else None
        steps.append(Step(seq, command, tuple(by_seq.get(seq, ()))))
    return Stream(tuple(steps), venue.snapshot())
