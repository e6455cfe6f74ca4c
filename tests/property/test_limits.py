"""Limits hold in any sequence of commands: independent counters, fed with events and times alone, never exceed them."""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import CommandRejected, UndoDeposit
from tarazy.spec.purchases import is_limited_purchase
from tarazy.spec.settlement import held_by
from tarazy.spec.snapshot import decode

from .limits import EventLimits
from .streams import Stream, stream

COUNT = 6_000
# Refusals of a record: they move no time.
OF_RECORDS = range(100, 104)


@pytest.fixture(scope="module", params=range(8), ids=lambda seed: f"seed{seed}")
def played(engine: type[Engine], request: pytest.FixtureRequest) -> Stream:
    """Return an episode of each shape of world."""
    return stream(engine, request.param, COUNT)


@pytest.fixture(scope="module")
def counted(played: Stream) -> EventLimits:
    """Return the independent counters at the end; on the way they fail where a limit was exceeded."""
    limits = EventLimits()
    for step in played.steps:
        refused = next((e.reject_code for e in step.events if isinstance(e, CommandRejected)), 0)
        if step.command and refused not in OF_RECORDS:
            limits.ts_ns = step.command.ts_ns
        if isinstance(step.command, UndoDeposit) and not refused:
            limits.undone_evidence.add(step.command.evidence_hash)
        for event in step.events:
            limits.learn(event)
    return limits


def test_what_was_used_never_exceeds_a_limit(counted: EventLimits) -> None:
    assert counted.checked, "expected acts that a limit binds"


def test_counters_are_what_was_used_rounded_up_at_most_once_for_each_act(played: Stream, counted: EventLimits) -> None:
    state = decode(played.snapshot)
    assert state.counter_keys == sorted(state.counters)
    for key, used in state.counters.items():
        counter = counted.counters[key]
        if not counter.huge:
            assert counter.used <= used <= counter.used + counter.acts, f"{key}: {counter.used}"
    now = {(period, number) for period, number, *_ in state.counters}
    kept = {key for key, counter in counted.counters.items() if counter.used and key[:2] in now}
    assert kept >= set(state.counters)


def test_every_open_purchase_of_a_limited_account_keeps_free_what_it_holds(played: Stream) -> None:
    state = decode(played.snapshot)
    held = {
        order.order_id: held_by(market, order)
        for market in state.markets
        for order in (*market.book.resting.values(), *market.book.untriggered.values())
        if is_limited_purchase(state, market, state.accounts[order.account_id - 1], order.side)
        if held_by(market, order)
    }
    assert {number: purchase.open_minor for number, purchase in state.purchases.items()} == held
