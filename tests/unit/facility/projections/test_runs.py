"""However the commands are cut into frames, every projection ends the same: what is taken in bulk depends on no order.

Frames of one command leave nothing to take out of its order; one frame of all commands leaves everything.
"""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    RECORD_SIZE,
    AccountOpened,
    EventKind,
    MarketOpened,
    MarketStateChanged,
    OrderAccepted,
)
from tarazy.facility.projections.base import BulkHandlers, Handler, Projection, Rows
from tarazy.facility.projections.catalogue import PROJECTIONS
from tarazy.facility.projections.table import Table
from tarazy.journal.frame import Frame, Position
from tests.conformance.generator import random_commands

from .histories import GENESIS, make_frame
from .test_batch import batch_of

COUNT = 600


def frames_of(engine: type[Engine], commands: bytes, frame_commands: int) -> list[tuple[Frame, bytes]]:
    """Return commands with their events in frames of so many."""
    venue, position = engine(), Position(1, GENESIS, 1)
    frames: list[tuple[Frame, bytes]] = []
    for at in range(0, len(commands), frame_commands * RECORD_SIZE):
        part = commands[at : at + frame_commands * RECORD_SIZE]
        events = venue.apply(part)
        frames.append((make_frame(position, part, events), events))
        position = position.after(frames[-1][0].header, frames[-1][0].frame_hash)
    return frames


@pytest.mark.parametrize("seed", range(8))
def test_one_frame_of_all_commands_gives_what_frames_of_one_command_give(engine: type[Engine], seed: int) -> None:
    commands = random_commands(seed, COUNT)
    single, whole = frames_of(engine, commands, 1), frames_of(engine, commands, len(commands) // RECORD_SIZE)
    for name, kind in PROJECTIONS.items():
        one_by_one, at_once = kind(), kind()
        for frame, events in single:
            one_by_one.apply(frame, events)
        for frame, events in whole:
            at_once.apply(frame, events)
        assert list(at_once.export()) == list(one_by_one.export()), name


class Heard(Projection):
    """Notes what it is handed: opened markets one by one, accounts and orders in runs."""

    name = "heard"
    summary = "what a projection is handed"

    def make_tables(self) -> tuple[Table, ...]:
        self.heard: list[tuple[str, list[int]]] = []
        return ()

    def make_runs(self) -> BulkHandlers:
        return {EventKind.account_opened: (self.accounts, ("seq",)), EventKind.order_accepted: (self.orders, ("seq",))}

    def make_handlers(self) -> dict[EventKind, Handler]:
        return {EventKind.market_opened: lambda seq: self.heard.append(("market", [seq]))}

    def accounts(self, rows: Rows) -> None:
        self.heard.append(("accounts", [seq for (seq,) in rows]))

    def orders(self, rows: Rows) -> None:
        self.heard.append(("orders", [seq for (seq,) in rows]))


def heard_of(letters: str) -> list[tuple[str, list[int]]]:
    """Return what is heard of a frame with an event for each letter: account, order, market, or another."""
    records = {"a": AccountOpened, "o": OrderAccepted, "m": MarketOpened, "x": MarketStateChanged}
    heard = Heard()
    heard.apply_batch(batch_of([records[letter](seq=seq) for seq, letter in enumerate(letters, 1)]))
    return heard.heard


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("", []),
        ("x", []),
        ("oaxo", [("accounts", [2]), ("orders", [1, 4])]),
        ("m", [("market", [1])]),
        ("oamo", [("accounts", [2]), ("orders", [1]), ("market", [3]), ("orders", [4])]),
        ("moma", [("market", [1]), ("orders", [2]), ("market", [3]), ("accounts", [4])]),
        ("mmxo", [("market", [1]), ("market", [2]), ("orders", [4])]),
    ],
)
def test_a_run_ends_at_an_event_with_a_handler_and_goes_kind_after_kind(
    letters: str, expected: list[tuple[str, list[int]]]
) -> None:
    assert heard_of(letters) == expected
