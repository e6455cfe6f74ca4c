"""Listeners: every frame in order, after it is durable; whoever raises or lags is dropped and said so."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tarazy.facility.sequencer.listeners import Listeners, ListenerStatus
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.frame import Frame, FrameHeader, FrameKind
from tests.unit.journal.building import commands, create, frames_of, open_sequencer


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for something that another thread brings about."""
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen within ten seconds"
        time.sleep(0.001)


def status_of(sequencer: Sequencer, name: str) -> ListenerStatus:
    """Return how a listener stands."""
    (found,) = [status for status in sequencer.listeners() if status.name == name]
    return found


def frame(number: int) -> Frame:
    """Return a frame with a number and nothing in it."""
    header = FrameHeader(FrameKind.commands, 1, 1, number, number, 1, 0, 96, 0, 0, bytes(32), bytes(32))
    return Frame(header, bytes(96), b"", b"", bytes(32))


def test_listener_hears_every_frame_with_its_events_in_order_and_never_before_it_is_durable(tmp_path: Path) -> None:
    heard: list[tuple[Frame, bytes, int]] = []
    events = []
    create(tmp_path, segment_bytes=1 << 20)
    sequencer = open_sequencer(
        tmp_path, listeners={"all": lambda *each: heard.append((*each, sequencer.log.durable_seq))}
    )
    with sequencer:
        events.append(sequencer.execute(commands(5)))
        sequencer.checkpoint()
        events.append(sequencer.execute(commands(3, 5)))
    frames = frames_of(tmp_path)
    assert [each[0] for each in heard] == frames, "statements and the last head too"
    assert [kind.header.kind for kind in frames] == [1, 1, 2, 1, 3]
    assert [each[1] for each in heard if len(each[1]) > 96] == events
    assert all(durable >= each.header.next_seq - 1 for each, _, durable in heard)
    assert status_of(sequencer, "all") == ListenerStatus("all", 5, 5, 0, status_of(sequencer, "all").waiting_max, 0)


def test_listener_that_comes_later_is_told_where_it_begins(tmp_path: Path) -> None:
    heard: list[int] = []
    with open_sequencer(create(tmp_path)) as sequencer:
        sequencer.execute(commands(5))
        first = sequencer.on_release("late", lambda frame, events: heard.append(frame.header.frame_number))
        sequencer.execute(commands(5))
        with pytest.raises(ValueError, match="found 'late', which is registered"):
            sequencer.on_release("late", lambda frame, events: None)
    assert (first, heard) == (2, [2, 3])


def test_listener_that_raises_is_dropped_and_the_writer_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[int] = []

    def fails(frame: Frame, events: bytes) -> None:
        if frame.header.frame_number == 2:
            raise RuntimeError("disk of the projection is full")

    with open_sequencer(
        create(tmp_path), listeners={"bad": fails, "good": lambda f, e: heard.append(f.header.frame_number)}
    ) as sequencer:
        for _ in range(4):
            sequencer.execute(commands(2))
        wait_until(lambda: status_of(sequencer, "bad").is_stale)
        wait_until(lambda: len(heard) == 4)
        sequencer.execute(commands(2))
        found = status_of(sequencer, "bad")
        assert found.reason == "it raised RuntimeError at frame 2: disk of the projection is full"
        assert (found.frame_number, found.frames) == (1, 1)
        wait_until(lambda: status_of(sequencer, "bad").dropped == 4)
        assert "the listener bad is stale and must be rebuilt from the journal" in caplog.text
        assert sequencer.on_release("bad", lambda frame, events: None) == 6, "rebuilt, it is registered anew"
        assert not status_of(sequencer, "bad").is_stale
    assert heard == [1, 2, 3, 4, 5, 6]


def test_listener_that_lags_is_dropped_when_its_queue_is_full(caplog: pytest.LogCaptureFixture) -> None:
    gate, heard = threading.Event(), []
    listeners = Listeners(1)

    def slow(frame: Frame, events: bytes) -> None:
        gate.wait(10)
        heard.append(frame.header.frame_number)

    listeners.register("slow", slow, queue_frames_max=3)
    with caplog.at_level(logging.ERROR):
        listeners.publish(frame(1), b"")
        wait_until(lambda: listeners.statuses()[0].waiting == 0)
        for number in range(2, 8):
            listeners.publish(frame(number), b"")
    (found,) = listeners.statuses()
    assert found.reason == "it lags: 3 frames waited when frame 5 came"
    assert (found.waiting, found.waiting_max, found.dropped) == (0, 3, 6)
    gate.set()
    listeners.close()
    assert heard == [1], "nothing is skipped: after the first frame that is lost it hears nothing"
    assert "the listener slow is stale" in caplog.text


def test_bytes_bound_the_queue_too_and_one_frame_always_fits() -> None:
    gate, heard = threading.Event(), []
    listeners = Listeners(1)

    def slow(frame: Frame, events: bytes) -> None:
        gate.wait(10)
        heard.append(len(events))

    listeners.register("slow", slow, queue_bytes_max=1000)
    listeners.publish(frame(1), b"")
    wait_until(lambda: listeners.statuses()[0].waiting == 0)
    listeners.publish(frame(2), bytes(5000))
    listeners.publish(frame(3), bytes(10))
    assert listeners.statuses()[0].is_stale
    gate.set()
    listeners.close()
    assert heard == [0]


def test_close_lets_a_listener_take_in_what_waits_and_gives_up_on_one_that_does_not_end() -> None:
    gate, heard = threading.Event(), []
    listeners = Listeners(1)
    listeners.register("quick", lambda frame, events: heard.append(frame.header.frame_number))
    listeners.register("stuck", lambda frame, events: gate.wait(10))
    for number in range(1, 100):
        listeners.publish(frame(number), b"")
    listeners.close(timeout_s=0.2)
    assert heard == list(range(1, 100))
    assert listeners.statuses()[1].reason == "it did not finish within 0.2 s of the end"
    gate.set()


def test_unregistered_listener_hears_nothing_more() -> None:
    heard: list[int] = []
    listeners = Listeners(1)
    listeners.register("one", lambda frame, events: heard.append(frame.header.frame_number))
    listeners.publish(frame(1), b"")
    listeners.unregister("one")
    listeners.publish(frame(2), b"")
    assert heard == [1]
    assert listeners.statuses() == []
