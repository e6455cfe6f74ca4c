"""Snapshots and checkpoints: a restored venue goes on exactly as the one it was taken from."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import RECORD_SIZE, CheckpointMarked, OrderType

from ...conformance.generator import random_commands
from ...conftest import ENGINES
from ...floor import ALICE, BOB, CAROL, Floor


@pytest.mark.parametrize("seed", range(8))
def test_restored_venue_continues_identically(engine: type[Engine], seed: int) -> None:
    commands = random_commands(seed, 2_000)
    half = len(commands) // 2 // RECORD_SIZE * RECORD_SIZE
    venue = engine()
    venue.apply(commands[:half])
    restored = engine.restore(venue.snapshot())
    assert (restored.next_seq, restored.last_ts_ns) == (venue.next_seq, venue.last_ts_ns)
    assert restored.snapshot() == venue.snapshot()
    assert restored.apply(commands[half:]) == venue.apply(commands[half:])
    assert restored.snapshot() == venue.snapshot()


def test_snapshot_of_an_empty_venue_restores_to_an_empty_venue(engine: type[Engine]) -> None:
    assert engine.restore(engine().snapshot()).snapshot() == engine().snapshot()


def test_snapshots_of_both_engines_are_the_same_bytes() -> None:
    commands = random_commands(1, 2_000)
    venues = [engine() for engine in ENGINES.values()]
    assert len({venue.apply(commands) for venue in venues}) == 1
    assert len({venue.snapshot() for venue in venues}) == 1
    assert all(venue.invariant_counts() == venues[0].invariant_counts() for venue in venues)


def test_digest_is_the_hash_of_the_snapshot(floor: Floor) -> None:
    floor.buy(ALICE, 5, 100)
    assert floor.venue.state_digest() == sha256(floor.venue.snapshot()).digest()


def test_digest_of_a_state_of_many_pieces_is_the_hash_of_its_snapshot(floor: Floor) -> None:
    """An order takes about 100 bytes, and the core hashes in pieces of 48 KiB from the first whole one on."""
    sizes = []
    for _ in range(8):
        for _ in range(250):
            floor.sell(ALICE, 1, 100)
        snapshot = floor.venue.snapshot()
        assert floor.venue.state_digest() == sha256(snapshot).digest(), f"{len(snapshot)} bytes"
        sizes.append(len(snapshot))
    assert sizes[0] < 48 << 10 < 3 * (48 << 10) < sizes[-1]


def test_checkpoint_marks_its_own_number_and_changes_nothing_else(floor: Floor) -> None:
    floor.buy(ALICE, 5, 100)
    seq, root = floor.venue.next_seq, floor.venue.liabilities_root()
    assert floor.checkpoint().one(CheckpointMarked).seq == seq
    assert (floor.venue.next_seq, floor.venue.liabilities_root()) == (seq + 1, root)
    floor.venue.audit()


def test_digest_changes_with_every_command(floor: Floor) -> None:
    digests = set()
    for _ in range(3):
        floor.checkpoint()
        digests.add(floor.venue.state_digest())
    assert len(digests) == 3


def test_priority_untriggered_orders_and_slices_survive(floor: Floor) -> None:
    floor.sell(ALICE, 10, 100, display_lots=3)
    floor.sell(BOB, 5, 100)
    floor.buy(CAROL, 4, 100)
    floor.sell(CAROL, 5, 80, order_type=OrderType.stop_loss_limit, trigger_price_ticks=90)
    before = floor.asks
    floor.venue = floor.engine.restore(floor.venue.snapshot())
    assert floor.asks == before
    assert list(floor.state.markets[0].book.untriggered) == [floor.venue.next_seq - 1]


@pytest.mark.parametrize("cut", [0, 1, 3, 4, 23, 40, 100, -1])
def test_cut_snapshot_is_a_value_error(floor: Floor, cut: int) -> None:
    snapshot = floor.venue.snapshot()
    with pytest.raises(ValueError, match=r"snapshot|expected"):
        floor.engine.restore(snapshot[:cut])


@pytest.mark.parametrize("size", [1, 7, 64, 1_000_003])
def test_snapshot_may_come_in_pieces_of_any_size(floor: Floor, size: int) -> None:
    floor.venue.apply(random_commands(1, 300))
    snapshot = floor.venue.snapshot()
    pieces = [snapshot[at : at + size] for at in range(0, len(snapshot), size)]
    restored = floor.engine.restore_pieces(iter([b"", *pieces[:1], b"", *pieces[1:]]))
    assert restored.snapshot() == snapshot
    assert restored.state_digest() == sha256(snapshot).digest()


def test_cut_or_longer_pieces_are_a_value_error(floor: Floor) -> None:
    snapshot = floor.venue.snapshot()
    for pieces in ([], [snapshot[:100], snapshot[100:-1]], [snapshot, b"\0"]):
        with pytest.raises(ValueError, match=r"snapshot|expected"):
            floor.engine.restore_pieces(pieces)


def test_error_of_the_source_of_pieces_is_passed_on(floor: Floor) -> None:
    snapshot = floor.venue.snapshot()

    def pieces() -> Iterator[bytes]:
        yield snapshot
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        floor.engine.restore_pieces(pieces())


def test_snapshot_with_more_behind_it_is_a_value_error(floor: Floor) -> None:
    with pytest.raises(ValueError, match=r"snapshot|expected"):
        floor.engine.restore(floor.venue.snapshot() + b"\0")


@pytest.mark.parametrize("offset", [0, 4])
def test_snapshot_of_something_else_is_a_value_error(floor: Floor, offset: int) -> None:
    snapshot = bytearray(floor.venue.snapshot())
    snapshot[offset] ^= 255
    with pytest.raises(ValueError, match=r"snapshot|expected"):
        floor.engine.restore(bytes(snapshot))


def test_flipped_bit_that_makes_no_sense_is_refused_in_words(floor: Floor) -> None:
    floor.venue.apply(random_commands(1, 300))
    snapshot = floor.venue.snapshot()
    words = []
    for number in range(1_000):
        at, bit = number * 7919 % len(snapshot), number % 8
        flipped = snapshot[:at] + bytes([snapshot[at] ^ 1 << bit]) + snapshot[at + 1 :]
        try:
            floor.engine.restore(flipped)
        except ValueError as error:
            words.append(str(error))
    assert len(words) > 10
    assert all(words)
