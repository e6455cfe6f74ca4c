"""The interface of the engine: batches, numbers, time, errors."""

from __future__ import annotations

import os

import pytest

from tarazy.domain.engine import Engine, InvariantBroken
from tarazy.domain.records import EDITION, RECORD_SIZE, AdvanceTime, CommandKind, CommandRejected, PlaceOrder
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.state import State
from tarazy.spec.venue import PARSERS, Venue

from ...conformance.generator import random_commands
from ...conftest import ENGINES
from ...floor import ALICE, BOB, CAROL, Floor, decode_events, open_floor


def test_both_engines_are_here() -> None:
    if "core" not in ENGINES and not os.environ.get("CI"):
        pytest.skip("tarazy_core is not built; `make setup` builds it where cargo is there")
    assert set(ENGINES) == {"spec", "core"}, "expected tarazy_core in CI: `make setup` builds it"


def test_spec_stops_for_good_after_a_fault_inside_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    floor = open_floor(Venue)
    unpack, handler = PARSERS[CommandKind.place_order]

    def half_applied(state: State, command: PlaceOrder) -> None:
        handler(state, command)
        raise ZeroDivisionError

    monkeypatch.setitem(PARSERS, int(CommandKind.place_order), (unpack, half_applied))
    with pytest.raises(ZeroDivisionError):
        floor.buy(ALICE, 5, 100)
    monkeypatch.undo()
    for _ in range(2):
        with pytest.raises(InvariantBroken, match="INTERNAL") as stopped:
            floor.buy(ALICE, 5, 100)
        assert stopped.value.seq == floor.venue.next_seq - 1


def test_length_is_checked_before_anything_is_applied(engine: type[Engine]) -> None:
    venue = engine()
    with pytest.raises(ValueError, match="multiple of 96"):
        venue.apply(AdvanceTime(77).pack() + b"\0")
    assert (venue.next_seq, venue.last_ts_ns) == (1, 0)


def test_product_class_has_no_second_way_in(engine: type[Engine]) -> None:
    public = {name for name in dir(engine) if not name.startswith("_")}
    asked = {name for name in dir(Engine) if not name.startswith("_")}
    assert public - {"state"} == asked


def test_empty_venue_begins_at_one(engine: type[Engine]) -> None:
    venue = engine()
    assert (venue.next_seq, venue.last_ts_ns, venue.edition) == (1, 0, EDITION)
    assert venue.name in ENGINES


def test_no_commands_give_no_events(engine: type[Engine]) -> None:
    venue = engine()
    assert venue.apply(b"") == b""
    assert venue.next_seq == 1


def test_command_that_causes_nothing_takes_a_number_and_moves_time(engine: type[Engine]) -> None:
    venue = engine()
    assert venue.apply(AdvanceTime(77).pack()) == b""
    assert (venue.next_seq, venue.last_ts_ns) == (2, 77)


@pytest.mark.parametrize("length", [1, RECORD_SIZE - 1, RECORD_SIZE + 1])
def test_part_of_a_record_is_a_value_error_and_changes_nothing(engine: type[Engine], length: int) -> None:
    venue = engine()
    before = venue.snapshot()
    with pytest.raises(ValueError, match="96"):
        venue.apply(bytes(length))
    assert venue.snapshot() == before


def test_refused_command_takes_a_number_and_gives_one_event(engine: type[Engine]) -> None:
    venue = engine()
    events = decode_events(venue.apply(bytes(RECORD_SIZE)))
    assert events.reject_code == RejectCode.unknown_command
    assert events.one(CommandRejected).seq == 1
    assert venue.next_seq == 2


def test_batch_gives_the_events_of_its_commands_one_by_one(engine: type[Engine]) -> None:
    commands = random_commands(3, 2_000)
    whole, single = engine(), engine()
    events = b"".join(single.apply(commands[at : at + RECORD_SIZE]) for at in range(0, len(commands), RECORD_SIZE))
    assert whole.apply(commands) == events
    assert whole.snapshot() == single.snapshot()


def test_events_carry_the_number_of_their_command_and_never_fall(engine: type[Engine]) -> None:
    venue = engine()
    commands = random_commands(3, 2_000)
    seqs = [event.seq for event in decode_events(venue.apply(commands))]
    assert seqs == sorted(seqs)
    assert seqs[0] == 1
    assert seqs[-1] < venue.next_seq == len(commands) // RECORD_SIZE + 1


def test_refusal_repeats_the_account_market_and_client_number_of_its_command(floor: Floor) -> None:
    refusal = floor.buy(ALICE, 0, 100, client_order_id=7).one(CommandRejected)
    assert (refusal.command_kind, refusal.account_id) == (CommandKind.place_order, ALICE)
    assert (refusal.market_id, refusal.client_order_id) == (1, 7)


def test_two_venues_do_not_share_state(engine: type[Engine]) -> None:
    one, other = open_floor(engine), open_floor(engine)
    one.sell(ALICE, 5, 100)
    assert other.asks == []


def test_every_invariant_is_counted_while_the_market_trades(floor: Floor) -> None:
    floor.sell(ALICE, 5, 100)
    floor.sell(BOB, 5, 100)
    floor.buy(CAROL, 7, 100)
    counts = floor.venue.invariant_counts()
    assert list(counts) == ["CONSERVE", "SEGREGATE", "COVER", "EXIT", "ADMIT", "OWN", "ORDER"]
    assert all(counts.values())
