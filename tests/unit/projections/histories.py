"""Histories for the tests of projections: random commands as frames of random sizes with their events, in memory."""

from __future__ import annotations

import random
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from tarazy.domain.engine import Engine
from tarazy.domain.records import RECORD_SIZE
from tarazy.journal.frame import Frame, FrameHeader, FrameKind, frame_hash

from ...conformance.generator import random_commands

GENESIS = sha256(b"test").digest()


class History(NamedTuple):
    """Frames with their events, and the snapshot of the engine at their end."""

    frames: list[tuple[Frame, bytes]]
    snapshot: bytes


def make_frame(number: int, first_seq: int, commands: bytes, events: bytes, prev_hash: bytes) -> Frame:
    """Return a whole frame."""
    header = FrameHeader(
        FrameKind.commands,
        len(commands) // RECORD_SIZE,
        number,
        first_seq,
        len(events) // RECORD_SIZE,
        len(commands),
        prev_hash,
        sha256(events).digest(),
    )
    return Frame(header, commands, frame_hash(header.encode(), commands), 1, 4096)


@cache
def history(engine: type[Engine], seed: int, count: int) -> History:
    """Play an episode of the generator in frames of 1 to 200 commands."""
    chance, venue, commands = random.Random(seed), engine(), random_commands(seed, count)
    frames: list[tuple[Frame, bytes]] = []
    prev_hash, at = GENESIS, 0
    while at < len(commands):
        part = commands[at : at + chance.choice((1, 2, 17, 200)) * RECORD_SIZE]
        first_seq = venue.next_seq
        events = venue.apply(part)
        frame = make_frame(len(frames) + 1, first_seq, part, events, prev_hash)
        frames.append((frame, events))
        prev_hash, at = frame.frame_hash, at + len(part)
    return History(frames, venue.snapshot())
