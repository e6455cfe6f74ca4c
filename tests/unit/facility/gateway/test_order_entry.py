"""The queue in front of the writer: once a frame, checked twice, bounded, and honest where the outcome is not known."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tarazy.domain.records import EDITION, AdvanceTime, PlaceOrder
from tarazy.facility.gateway.order_entry import OrderEntry
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.create import create_facility
from tarazy.journal.reader import JournalReader
from tarazy.journal.sections import RequestReference, client_order_number
from tarazy.oversight.requests.errors import DialectError
from tarazy.spec.venue import Venue


class SlowVenue(Venue):
    """A venue that works while its gate is open."""

    gate = threading.Event()

    def apply(self, commands: bytes) -> bytes:
        """Wait at the gate, then apply."""
        assert self.gate.wait(20)
        return super().apply(commands)


@pytest.fixture
def sequencer(tmp_path: Path) -> Any:
    """Open a sequencer over a venue whose gate is open."""
    SlowVenue.gate.set()
    create_facility(tmp_path / "facility", "Entry", edition=EDITION)
    opened = Sequencer.open(tmp_path / "facility", SlowVenue)
    yield opened
    SlowVenue.gate.set()
    opened.close()


def order(number: int) -> bytes:
    """Return a command that the empty venue refuses, which is an outcome as good as any."""
    return PlaceOrder(account_id=number, client_order_id=client_order_number(str(number))).pack()


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run a test in an event loop of its own."""
    asyncio.run(test())  # type: ignore[arg-type]


def nothing() -> None:
    """Find nothing wrong."""


def frames_of(directory: Path) -> list[int]:
    """Return how many commands each frame has."""
    return [frame.header.command_count for frame in JournalReader(directory) if frame.header.command_count]


def test_each_request_gets_its_own_events_in_the_order_of_arrival(sequencer: Sequencer, tmp_path: Path) -> None:
    async def life() -> None:
        entry = OrderEntry(sequencer)
        names = [RequestReference(0, 7, bytes(32), str(number)) for number in range(50)]
        found = await asyncio.gather(*(entry.enter(order(n), (names[n],), nothing) for n in range(50)))
        assert [each.first_seq for each in found] == list(range(1, 51))
        for number, each in enumerate(found):
            assert int.from_bytes(each.events[8:16], "little") == each.first_seq
            assert int.from_bytes(each.events[24:32], "little") == client_order_number(str(number))
        await entry.close()

    run(life)
    directory = tmp_path / "facility"
    assert frames_of(directory) == [50]  # all that waited is one frame
    from tarazy.journal.sections import decode_references

    (frame,) = [each for each in JournalReader(directory) if each.header.command_count]
    assert [each.text for each in decode_references(frame.references, 50)] == [str(number) for number in range(50)]


def test_the_event_loop_wakes_once_for_a_frame_and_not_for_each_order(
    sequencer: Sequencer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wakes = 0

    async def life() -> None:
        nonlocal wakes
        loop, entry = asyncio.get_running_loop(), OrderEntry(sequencer)
        call = loop.call_soon_threadsafe

        def counted(*arguments: Any, **more: Any) -> Any:
            nonlocal wakes
            wakes += 1
            return call(*arguments, **more)

        monkeypatch.setattr(loop, "call_soon_threadsafe", counted)
        await asyncio.gather(*(entry.enter(order(n), (), nothing) for n in range(500)))

    run(life)
    assert wakes == 1


def test_a_request_whose_time_has_passed_while_it_waited_is_not_ordered(sequencer: Sequencer) -> None:
    is_late = threading.Event()

    def check() -> None:
        if is_late.is_set():
            raise DialectError(-1021, "Timestamp for this request is outside of the recvWindow.")

    async def life() -> None:
        entry = OrderEntry(sequencer)
        SlowVenue.gate.clear()
        first = []
        for _ in range(2):  # two submissions are under way; what comes now waits here
            first.append(asyncio.create_task(entry.enter(AdvanceTime().pack(), (), nothing)))
            await asyncio.sleep(0.05)
        late = asyncio.create_task(entry.enter(order(1), (), check))
        await asyncio.sleep(0.05)
        is_late.set()
        SlowVenue.gate.set()
        with pytest.raises(DialectError) as refused:
            await late
        assert refused.value.code == -1021
        await asyncio.gather(*first)
        assert sequencer.released_seq == 2

    run(life)


def test_an_outcome_that_does_not_come_in_time_is_unknown_and_named(sequencer: Sequencer) -> None:
    async def life() -> None:
        entry = OrderEntry(sequencer, answer_s=0.1)
        SlowVenue.gate.clear()
        with pytest.raises(DialectError) as unknown:
            await entry.enter(order(1), (), nothing, origClientOrderId="mine")
        assert (unknown.value.code, unknown.value.status) == (-1007, 504)
        assert unknown.value.plain()["origClientOrderId"] == "mine"
        SlowVenue.gate.set()
        await entry.close()  # it was ordered all the same
        assert sequencer.released_seq == 1

    run(life)


def test_too_much_waiting_is_refused_early_and_what_was_taken_is_answered(sequencer: Sequencer) -> None:
    async def life() -> None:
        entry = OrderEntry(sequencer, waiting_max=3)
        SlowVenue.gate.clear()
        taken = [asyncio.create_task(entry.enter(AdvanceTime().pack(), (), nothing))]
        await asyncio.sleep(0.05)  # it is with the writer, and the others wait
        taken += [asyncio.create_task(entry.enter(order(n), (), nothing)) for n in range(3)]
        await asyncio.sleep(0.05)
        with pytest.raises(DialectError) as refused:
            await entry.enter(order(9), (), nothing)
        assert (refused.value.code, refused.value.status, refused.value.retry_after_s) == (-1008, 429, 1)
        SlowVenue.gate.set()
        assert [each.first_seq for each in await asyncio.gather(*taken)] == [1, 2, 3, 4]

    run(life)


def test_a_writer_that_stopped_leaves_the_outcome_unknown_and_then_takes_nothing(sequencer: Sequencer) -> None:
    async def life() -> None:
        entry = OrderEntry(sequencer)
        SlowVenue.gate.clear()
        waiting = asyncio.create_task(entry.enter(order(1), (), nothing, origClientOrderId="mine"))
        await asyncio.sleep(0.05)
        sequencer.stop(OSError("the disk is full"))
        SlowVenue.gate.set()
        with pytest.raises(DialectError) as unknown:
            await waiting
        assert (unknown.value.code, unknown.value.plain()["origClientOrderId"]) == (-1007, "mine")
        with pytest.raises(DialectError) as refused:
            await entry.enter(order(2), (), nothing)
        assert (refused.value.code, refused.value.status) == (-1008, 503)

    run(life)


def test_after_the_close_nothing_is_taken(sequencer: Sequencer) -> None:
    async def life() -> None:
        entry = OrderEntry(sequencer)
        await entry.close()
        with pytest.raises(DialectError) as refused:
            await entry.enter(order(1), (), nothing)
        assert (refused.value.code, refused.value.status) == (-1016, 503)

    run(life)
