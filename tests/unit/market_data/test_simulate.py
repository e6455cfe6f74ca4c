"""The made-up market: seeded, the same on both engines, and with everything in it."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from tarazy.domain.records import RECORD_SIZE, CommandKind, OrderType, PlaceOrder
from tarazy.market_data.acting import Desk
from tarazy.market_data.chance import Chance
from tarazy.market_data.simulate import SimulatedFlow
from tests.conftest import ENGINES

from .playing import played

COMMANDS = 6000


def commands_of(seed: int, engine: Any) -> bytes:
    """Return all commands of a market that was played on an engine."""
    flow, venue, batches = SimulatedFlow(seed, COMMANDS), engine(), []
    desk = Desk.of_names()
    venue.apply(desk.genesis())
    flow.writer.start(desk, venue.next_seq)
    for batch in flow.batches():
        batches.append(batch.commands)
        flow.observe(venue.apply(batch.commands))
    return b"".join(batches)


def test_same_seed_gives_the_same_commands_on_every_engine() -> None:
    digests = {sha256(commands_of(7, engine)).hexdigest() for engine in ENGINES.values()}
    assert len(digests) == 1


def test_other_seed_gives_another_market() -> None:
    assert commands_of(1, ENGINES["spec"]) != commands_of(2, ENGINES["spec"])


def test_market_has_every_order_type_and_time_in_force() -> None:
    commands = commands_of(1, ENGINES["spec"])
    assert len(commands) == COMMANDS * RECORD_SIZE
    orders = [
        PlaceOrder.unpack(commands, at)
        for at in range(0, len(commands), RECORD_SIZE)
        if commands[at] == CommandKind.place_order
    ]
    assert {order.order_type for order in orders} == set(map(int, OrderType))
    assert {order.time_in_force for order in orders} == {1, 2, 3, 4}
    assert any(order.display_lots for order in orders)
    assert any(order.cash_order_quantity_minor for order in orders)


def test_market_trades_and_refuses_as_a_real_one() -> None:
    report = played(SimulatedFlow(1, 20_000))
    assert report.trades > 500
    assert report.refused["post_only_would_cross"] > report.commands // 3
    assert report.refused["insufficient_balance"] > 0


def test_chance_is_the_published_generator() -> None:
    chance = Chance(1234567)
    assert [chance.next() for _ in range(3)] == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_draws_stay_in_their_bounds() -> None:
    chance = Chance(1)
    assert {chance.below(3) for _ in range(100)} == {0, 1, 2}
    assert {chance.between(-1, 1) for _ in range(100)} == {-1, 0, 1}
    assert all(0 <= chance.near(9) <= 9 for _ in range(100))
    assert all(chance.size() >= 10_000 for _ in range(100))
