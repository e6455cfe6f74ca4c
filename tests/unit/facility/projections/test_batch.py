"""What a batch reads in bulk is what the record of each event says, for every kind and width of field."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tarazy.domain.records import EVENTS, LAYOUT, EventKind
from tarazy.facility.projections.batch import Batch

from .histories import GENESIS, Position, make_frame

BITS = {"u8": 8, "u16": 16, "u32": 32, "u64": 64, "u128": 128}


def integers(record: Any) -> tuple[str, ...]:
    """Return the names of a record's integer fields."""
    return tuple(name for name, wire, _, _ in LAYOUT[record.__name__] if wire in BITS)


def made(record: Any, chance: random.Random, bits_max: int) -> Any:
    """Return a record whose integers have random values, of at most so many bits."""
    bits = {name: min(BITS[wire], bits_max) for name, wire, _, _ in LAYOUT[record.__name__] if wire in BITS}
    return record(**{name: chance.getrandbits(count) for name, count in bits.items()})


def batch_of(records: list[Any]) -> Batch:
    """Return a batch with these events of one command."""
    events = b"".join(record.pack() for record in records)
    return Batch(make_frame(Position(1, GENESIS, 1), bytes(96), events), events)


@pytest.mark.parametrize("bits_max", [64, 128], ids=["narrow amounts", "wide amounts"])
@pytest.mark.parametrize("kind", list(EventKind), ids=lambda kind: kind.name)
def test_rows_are_the_fields_of_the_records(kind: EventKind, bits_max: int) -> None:
    chance, record = random.Random(int(kind)), EVENTS[kind]
    own = [made(record, chance, bits_max) for _ in range(7)]
    others = [made(EVENTS[other], chance, 64) for other in EventKind]
    mixed = chance.sample(own + others, len(own) + len(others))
    in_order = [each for each in mixed if type(each) is record]
    batch = batch_of(mixed)
    for names in (integers(record), integers(record)[:1], integers(record)[-2:]):
        expected = [tuple(getattr(each, name) for name in names) for each in in_order]
        assert list(batch.rows(int(kind), names)) == expected
    assert [each.pack() for each in batch.records(int(kind))] == [each.pack() for each in in_order]


def test_fields_out_of_order_and_fields_that_are_no_integers_are_refused() -> None:
    batch = batch_of([EVENTS[EventKind.market_opened]()])
    for names in (("quote_asset_id", "market_id"), ("market_id", "rulebook_hash"), ("market_id", "nothing")):
        with pytest.raises(ValueError, match="expected integer fields of MarketOpened in its order"):
            batch.rows(int(EventKind.market_opened), names)


def test_unknown_kind_is_refused() -> None:
    frame = make_frame(Position(1, GENESIS, 1), bytes(96), b"\xff" * 96)
    with pytest.raises(KeyError, match="found 65535"):
        Batch(frame, b"\xff" * 96)
