"""Snapshots that no venue wrote: both twins refuse limits, counters and pending settings that lead nowhere."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import ParameterTable, SetParameter
from tarazy.spec.snapshot import decode
from tarazy.spec.snapshot_limits import encode_limits
from tarazy.spec.state import State
from tarazy.spec.state_parts import ClientStatus, Limit, Rate
from tarazy.spec.venue import Venue

from ...floor import ALICE, SECOND_NS, USD, open_floor
from .limiting import OWNER, PURCHASES, admitted, at, cap, limit, rate, status

Bend = Callable[[State], None]
HASH = b"\xee" * 32
OWNER_ID = 1_001


@cache
def written() -> bytes:
    """Return the snapshot of a venue with something in each section."""
    floor = open_floor(Venue)
    at(floor, "2026-11-10T12:00:00")
    rate(floor, USD)
    cap(floor)
    limit(floor, 5_000, PURCHASES, OWNER, subject=OWNER_ID)
    status(floor, OWNER_ID)
    admitted(floor, ALICE, USD, 10)
    floor.buy(ALICE, 5, 100)
    later = floor.now + SECOND_NS
    floor.act(SetParameter(ParameterTable.open_orders_max, 0, 0, later, 0, 9, HASH))
    return floor.venue.snapshot()


def bent(bend: Bend) -> bytes:
    """Return the snapshot with its sections of limits as they would be written after a change."""
    state = decode(written())
    before = b"".join(encode_limits(state))
    bend(state)
    snapshot = written()
    assert snapshot.count(before) == 1
    return snapshot.replace(before, b"".join(encode_limits(state)))


def first_purchase(state: State, **fields: object) -> None:
    number = next(iter(state.purchases))
    state.purchases[number] = state.purchases[number]._replace(**fields)  # type: ignore[arg-type]


def first_pending(state: State, offset: int, value: bytes) -> None:
    number, record = next(iter(state.pending.items()))
    state.pending[number] = record[:offset] + value + record[offset + len(value) :]


def counter(state: State, used: int = 5, **fields: int) -> None:
    key = {"period": 2, "number": 24_323, "kind": 1, "scope": 2, "subject": OWNER_ID, "asset": 0} | fields
    name = (key["period"], key["number"], key["kind"], key["scope"], key["subject"], key["asset"])
    state.counters[name] = used
    state.counter_keys = sorted(state.counters)


BENDS: dict[str, Bend] = {
    "rate of an asset that is not there": lambda state: state.rates.update({3: (Rate(1, 1), HASH)}),
    "rate of zero": lambda state: state.rates.update({USD: (Rate(0, 1), HASH)}),
    "status of an owner without an account": lambda state: state.statuses.update({77: ClientStatus(1, 0)}),
    "status without a residency": lambda state: state.statuses.update({OWNER_ID: ClientStatus(0, 0)}),
    "limit of a kind that is not": lambda state: state.limits.update({(9, 1, 0): {(2, 0, 0, 0): Limit(5, 0, HASH)}}),
    "limit of an unknown account": lambda state: state.limits.update({(1, 3, 9): {(2, 0, 0, 0): Limit(5, 0, HASH)}}),
    "limit on deposits each by itself": lambda state: state.limits.update(
        {(1, 1, 0): {(3, 0, 0, 0): Limit(5, 0, HASH)}}
    ),
    "limit without a rulebook": lambda state: state.limits.update({(1, 1, 0): {(2, 0, 0, 0): Limit(5, 0, bytes(32))}}),
    "limit of more than there is": lambda state: state.limits.update(
        {(1, 1, 0): {(2, 0, 0, 0): Limit(1 << 96, 0, HASH)}}
    ),
    "counter of nobody": lambda state: counter(state, subject=77),
    "counter of nothing": lambda state: counter(state, used=0),
    "counter of single acts": lambda state: counter(state, period=3),
    "counter of an unknown asset": lambda state: counter(state, asset=3),
    "purchase that holds less than its order": lambda state: first_purchase(state, open_minor=499),
    "purchase of another account": lambda state: first_purchase(state, account_id=2),
    "purchase with half a rate": lambda state: first_purchase(state, rate=Rate(1, 0)),
    "purchase that is missing": lambda state: state.purchases.clear(),
    "pending setting that is due": lambda state: first_pending(state, 24, bytes(8)),
    "pending setting of an unknown row": lambda state: first_pending(state, 16, b"\1"),
    "pending setting with a reserved byte": lambda state: first_pending(state, 7, b"\1"),
    "pending setting of an unknown table": lambda state: first_pending(state, 2, b"\xff"),
    "pending setting that is a cancel": lambda state: first_pending(state, 0, struct.pack("<H", 53)),
    "pending setting ahead of its time": lambda state: state.pending.update(
        {10**6: next(iter(state.pending.values()))}
    ),
}


def test_snapshot_as_written_is_taken(engine: type[Engine]) -> None:
    assert engine.restore(written()).snapshot() == written() == bent(lambda state: None)


@pytest.mark.parametrize("name", BENDS)
def test_impossible_snapshot_is_refused(engine: type[Engine], name: str) -> None:
    with pytest.raises(ValueError, match=r"snapshot|setting|purchase"):
        engine.restore(bent(BENDS[name]))
