"""Seeded random commands that reach every kind of command, order, state and refusal, and trade most of the time.

The generator knows the venue only through its events (`observe`), so that it drives either twin the same way. Most
commands fit what it knows; some are spoilt in one field, some are no commands at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain

from tarazy.domain.records import COMMANDS, LAYOUT, RECORD_SIZE, CommandKind, RemoveAsset, ScheduleDelisting
from tarazy.spec.venue import Venue

from . import acts, block_trades, custody_acts, limit_acts, market_acts, officers, order_lists, orders
from .opening import stages
from .world import World
from .worlds import SHAPES, Shape

Writer = Callable[[World], bytes]
WIDTHS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "u128": 16}
# Kind of a command -> (offset, width) of its integer fields but the time, which could not come back.
FIELDS: dict[int, list[tuple[int, int]]] = {
    kind: [(at, WIDTHS[wire]) for field, wire, _, at in LAYOUT[record.__name__] if wire in WIDTHS and field != "ts_ns"]
    for kind, record in COMMANDS.items()
}
# Commands that end an asset for good.
RETIRING = (RemoveAsset, ScheduleDelisting)
# Numbers that are no kind of a command, nor is their low byte.
NO_KINDS = (0, 254, 255, 999, 65_535)
# How often each kind of command is drawn, in parts of their sum.
WEIGHTS: dict[Writer, int] = {
    orders.place_order: 5800,
    orders.cancel_order: 1100,
    orders.amend_order: 900,
    orders.cancel_all: 15,
    orders.set_cancel_timer: 20,
    **order_lists.WEIGHTS,
    **block_trades.WEIGHTS,
    **custody_acts.WEIGHTS,
    acts.set_market_state: 170,
    acts.set_market_rules: 20,
    **market_acts.WEIGHTS,
    acts.set_parameter: 40,
    acts.advance_time: 60,
    acts.set_account_state: 40,
    acts.set_account_tier: 20,
    acts.open_account: 15,
    acts.register_asset: 20,
    acts.admit_asset: 70,
    acts.suspend_asset: 4,
    acts.remove_asset: 2,
    acts.open_market: 12,
    acts.take_checkpoint: 8,
    officers.register_client_key: 30,
    officers.revoke_client_key: 60,
    officers.register_officer: 6,
    officers.set_officer_state: 10,
    officers.rotate_officer_key: 5,
    officers.rotate_facility_key: 4,
    officers.grant_mandate: 40,
    officers.revoke_mandate: 6,
    **limit_acts.WEIGHTS,
}
TABLE = [writer for writer, weight in WEIGHTS.items() for _ in range(weight)]
SPOILT, NONSENSE = 0.025, 0.006


class Generator:
    """Random commands for one episode. `world.seen` counts what was reached."""

    def __init__(self, seed: int, shape: Shape | None = None) -> None:
        self.world = World(seed, shape or SHAPES[seed % len(SHAPES)])

    def opening(self) -> Iterator[bytes]:
        """Yield the batches that set the world up; observe the events of each before the next."""
        return stages(self.world)

    def batch(self, size: int) -> bytes:
        """Return commands that fit what the events so far have told."""
        world = self.world
        rand, count = world.rand, len(TABLE)
        out = [officers.signed_jump(world)] if world.jump_refused_at else []
        for _ in range(size):
            record = TABLE[int(rand() * count)](world)
            dice = rand()
            if dice < SPOILT:
                record = nonsense(world, record) if dice < NONSENSE else mutate(world, record)
            out.append(officers.instructed(world, record))
        commands = b"".join(out)
        for kind, times in Counter(commands[::RECORD_SIZE]).items():
            world.seen[f"sent kind {kind}"] += times
        return commands

    def observe(self, events: bytes) -> None:
        """Learn from the events of the last batch."""
        self.world.observe(events)


@cache
def random_commands(seed: int, count: int) -> bytes:
    """Return the opening and `count` commands of an episode as the readable venue answered them."""
    generator, venue, stream = Generator(seed), Venue(), []
    for batch in chain(generator.opening(), (generator.batch(min(100, count - done)) for done in range(0, count, 100))):
        stream.append(batch)
        generator.observe(venue.apply(batch))
    return b"".join(stream)


def mutate(world: World, record: bytes) -> bytes:
    """Return the record with one field at an extreme."""
    fields = FIELDS[record[0]]
    if not fields:
        return record
    offset, width = fields[world.below(len(fields))]
    top = (1 << 8 * width) - 1
    value = (0, 1, 2, top, top - 1, top >> 1, world.rng.getrandbits(8 * width))[world.below(7)]
    spoilt = record[:offset] + value.to_bytes(width, "little") + record[offset + width :]
    # The first two assets go on trading: without them most of what follows is refused.
    kind = COMMANDS[record[0]]
    return record if kind in RETIRING and kind.unpack(spoilt).asset_id in (1, 2) else spoilt


def nonsense(world: World, record: bytes) -> bytes:
    """Return what is no well-formed command: a kind that is not, a set reserved byte, a time that went back, noise."""
    choice = world.below(5)
    if choice == 0:
        return NO_KINDS[world.below(len(NO_KINDS))].to_bytes(2, "little") + record[2:]
    if choice == 1:
        return record[:95] + b"\1" if record[0] != CommandKind.place_order else record[:7] + b"\1" + record[8:]
    if choice == 2:
        return record[:8] + bytes(8) + record[16:]
    if choice == 3:
        return record[:2] + world.rng.randbytes(6) + record[8:]
    return record[:16] + world.rng.randbytes(80)
