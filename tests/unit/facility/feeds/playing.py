"""Random order flow played frame by frame: the views and the engine's own state behind each frame."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tarazy.domain.records import RECORD_SIZE
from tarazy.facility.feeds.views import MarketViews
from tarazy.journal.frame import Frame, Position
from tarazy.spec.state import State
from tarazy.spec.venue import Venue

from ....conformance.generator import random_commands
from ....floor import Floor, open_floor
from ..projections.histories import GENESIS, make_frame

Step = tuple[Frame, bytes, State]


def frames(seed: int, count: int) -> Iterator[Step]:
    """Give frames of 1 to 200 commands with their events, and the engine's state behind each."""
    chance, venue, commands = random.Random(seed), Venue(), random_commands(seed, count)
    position, at = Position(1, GENESIS, 1), 0
    while at < len(commands):
        part = commands[at : at + chance.choice((1, 2, 17, 200)) * RECORD_SIZE]
        events = venue.apply(part)
        frame = make_frame(position, part, events)
        yield frame, events, venue.state
        position, at = position.after(frame.header, frame.frame_hash), at + len(part)


def new_views() -> MarketViews:
    """Return views whose clock is that of the record."""
    return MarketViews(clock_ns=lambda: 0)


def engine_levels(state: State, market_id: int, side: int) -> list[tuple[int, int]]:
    """Return price and visible lots of a side of the engine's book, best first."""
    found = [
        (abs(key), sum(order.visible_lots for order in queue.values()))
        for key, queue in state.markets[market_id - 1].book.levels[side].items()
    ]
    return sorted(found, reverse=side == 1)


class Life:
    """A floor whose commands become frames of one command each, which the views are fed with."""

    def __init__(self) -> None:
        self.views = MarketViews(clock_ns=lambda: self.floor.now)
        self.position = Position(1, GENESIS, 1)
        life = self

        class Fed(Venue):
            """The readable venue, which hands on what it did."""

            def apply(self, commands: bytes) -> bytes:
                events = super().apply(commands)
                frame = make_frame(life.position, commands, events)
                life.position = life.position.after(frame.header, frame.frame_hash)
                life.views.apply(frame, events)
                return events

        self.floor: Floor = open_floor(Fed)
