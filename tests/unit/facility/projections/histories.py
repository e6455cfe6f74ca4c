"""Histories for the tests of projections: random commands as frames of random sizes with their events, in memory."""

from __future__ import annotations

import random
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from tarazy.domain.engine import Engine
from tarazy.domain.records import EDITION, RECORD_SIZE
from tarazy.journal.frame import Frame, FrameDraft, FrameKind, Position, seal
from tests.conformance.generator import random_commands

GENESIS = sha256(b"test").digest()


class History(NamedTuple):
    """Frames with their events, and the snapshot of the engine at their end."""

    frames: list[tuple[Frame, bytes]]
    snapshot: bytes


def make_frame(position: Position, commands: bytes, events: bytes) -> Frame:
    """Return a whole frame."""
    draft = make_draft(commands, events)
    header, buffers = seal(draft, position, EDITION, 1)
    return Frame(header, commands, b"", b"", buffers[-1])


def make_draft(commands: bytes, events: bytes) -> FrameDraft:
    """Return what a log is handed."""
    counts = {"command_count": len(commands) // RECORD_SIZE, "event_count": len(events) // RECORD_SIZE}
    return FrameDraft(FrameKind.commands, commands, events_digest=sha256(events).digest(), **counts)


@cache
def history(engine: type[Engine], seed: int, count: int) -> History:
    """Play an episode of the generator in frames of 1 to 200 commands."""
    chance, venue, commands = random.Random(seed), engine(), random_commands(seed, count)
    frames: list[tuple[Frame, bytes]] = []
    position, at = Position(1, GENESIS, 1), 0
    while at < len(commands):
        part = commands[at : at + chance.choice((1, 2, 17, 200)) * RECORD_SIZE]
        events = venue.apply(part)
        frame = make_frame(position, part, events)
        frames.append((frame, events))
        position, at = position.after(frame.header, frame.frame_hash), at + len(part)
    return History(frames, venue.snapshot())
