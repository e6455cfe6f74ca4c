"""Snapshots that no venue wrote: both twins refuse them in the same words, or both go on from them alike.

Each case is a snapshot of a random world with one thing changed: a bit, a byte, a number, a piece copied over another,
an end. TARAZY_SEED chooses the changes (new ones each run otherwise, printed).
"""

from __future__ import annotations

import os
import random
import secrets

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import RECORD_SIZE
from tarazy.spec.venue import Venue

from ..conftest import ENGINES
from .generator import random_commands
from .twins import outcome

SEED = int(os.environ.get("TARAZY_SEED") or secrets.randbelow(1_000_000_000))
CASES = int(os.environ.get("TARAZY_SNAPSHOTS") or 1_500)
COMMANDS, BEHIND = 600, 60


def changed(rng: random.Random, snapshot: bytes) -> bytes:
    """Return the snapshot with one thing changed."""
    at, choice = rng.randrange(len(snapshot)), rng.randrange(7)
    data = bytearray(snapshot)
    if choice == 0:
        data[at] ^= 1 << rng.randrange(8)
    elif choice == 1:
        data[at] = rng.choice((0, 1, 127, 255))
    elif choice == 2:
        width = rng.choice((2, 4, 8, 16))
        number = int.from_bytes(data[at : at + width], "little") + rng.choice((-1, 1))
        data[at : at + width] = (number % (1 << 8 * width)).to_bytes(width, "little")
    elif choice == 3:
        width = rng.choice((1, 4, 8, 32, 96))
        other = rng.randrange(len(data))
        data[at : at + width] = data[other : other + width]
    elif choice == 4:
        data[at : at + rng.choice((1, 4, 8, 96))] = b""
    elif choice == 5:
        return snapshot[:at]
    else:
        data[at : at + 16] = b"\xff" * rng.choice((4, 8, 16))
    return bytes(data)


def restored(engine: type[Engine], snapshot: bytes) -> Engine | str:
    """Return the engine that goes on from a snapshot, or in which words it refuses; any other error is a failure."""
    try:
        return engine.restore(snapshot)
    except ValueError as error:
        return str(error)


@pytest.mark.skipif("core" not in ENGINES, reason="tarazy_core is not built")
@pytest.mark.parametrize("world", range(8))
def test_twins_agree_on_snapshots_that_nobody_wrote(world: int) -> None:
    print(f"TARAZY_SEED={SEED}")
    rng = random.Random(SEED + world)
    commands = random_commands(world, COMMANDS + BEHIND)
    venue, split = Venue(), len(commands) - BEHIND * RECORD_SIZE
    venue.apply(commands[:split])
    snapshot, accepted = venue.snapshot(), 0
    for case in range(CASES // 8):
        data = changed(rng, snapshot)
        where = f"TARAZY_SEED={SEED}, world {world}, case {case}"
        first, second = (restored(engine, data) for engine in ENGINES.values())
        if isinstance(first, str) or isinstance(second, str):
            assert first == second, where
            continue
        accepted += 1
        assert first.snapshot() == second.snapshot() == data, where
        assert outcome(first, commands[split:]) == outcome(second, commands[split:]), where
    assert accepted < CASES // 8
