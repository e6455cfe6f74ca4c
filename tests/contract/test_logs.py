"""What both logs owe: the same scripts on local files and on a JetStream stream give the same bytes and heads."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tarazy.domain.engine import Engine
from tarazy.journal.errors import FrameTooLargeError, JournalError
from tarazy.journal.frame import FrameDraft, FrameKind, Written, decode_frame
from tarazy.journal.merkle import root_of
from tarazy.journal.note import open_head, verifier_key

from .logs import FilesUnderTest, LogUnderTest, Scribe, StreamUnderTest, play, wait_for_all

Make = Callable[[str], LogUnderTest]


@pytest.fixture(params=["files", "stream"])
def under_test(request: pytest.FixtureRequest, tmp_path: Path) -> LogUnderTest:
    return make(request, request.param, tmp_path)


def make(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> LogUnderTest:
    """Return a new facility with the log of one kind."""
    if kind == "files":
        return FilesUnderTest(tmp_path / "files")
    return StreamUnderTest(tmp_path / "stream", request.getfixturevalue("nats").url)


def encoded(under_test: LogUnderTest) -> list[bytes]:
    return [frame.encode() for frame in under_test.frames()]


def test_both_logs_hold_the_same_bytes_and_the_same_heads(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    logs = [make(request, kind, tmp_path) for kind in ("files", "stream")]
    for each in logs:
        for _ in range(2):  # the second writer goes on behind the first
            scribe = Scribe(each)
            play(scribe)
            scribe.close()
    first, second = (encoded(each) for each in logs)
    assert len(first) == 28
    assert first == second
    assert logs[0].end() == logs[1].end()


def test_frames_come_back_as_they_were_called_back(under_test: LogUnderTest) -> None:
    scribe = Scribe(under_test)
    play(scribe)
    scribe.close()
    frames = under_test.frames()
    assert [Written(frame.header, frame.frame_hash) for frame in frames] == scribe.written
    assert all(decode_frame(frame.encode()) == frame for frame in frames)
    assert scribe.log.durable_seq == frames[-1].header.next_seq - 1


def test_head_in_the_log_is_signed_over_the_frames_before_it(under_test: LogUnderTest) -> None:
    scribe = Scribe(under_test)
    play(scribe)
    scribe.close()
    frames = under_test.frames()
    at = next(i for i, frame in enumerate(frames) if frame.header.kind == FrameKind.head)
    identity = under_test.identity
    head = open_head(frames[at].commands, verifier_key(identity.facility_id, identity.public_key))
    assert (head.size, head.root) == (at, root_of(frame.frame_hash for frame in frames[:at]))


def test_replay_of_the_log_gives_the_digests_that_it_holds(under_test: LogUnderTest, engine: type[Engine]) -> None:
    scribe = Scribe(under_test)
    play(scribe)
    scribe.close()
    replayed = engine()
    for frame in under_test.frames():
        if frame.header.kind == FrameKind.commands:
            events = replayed.apply(frame.commands)
            assert len(events) == frame.header.event_count * 96
    assert replayed.next_seq == scribe.engine.next_seq
    assert replayed.state_digest() == scribe.engine.state_digest()


def test_every_writer_has_a_term_of_its_own(under_test: LogUnderTest) -> None:
    for _ in range(3):
        scribe = Scribe(under_test)
        scribe.commands(1)
        scribe.close()
    assert [frame.header.writer_term for frame in under_test.frames()] == [1, 2, 3]


def test_frame_that_is_too_large_is_refused_and_the_log_goes_on(under_test: LogUnderTest) -> None:
    scribe = Scribe(under_test)
    with pytest.raises(FrameTooLargeError, match="expected at most"):
        scribe.log.append(FrameDraft(FrameKind.head, bytes(17 << 20)), scribe.written.append)
    scribe.commands(2)
    scribe.close()
    assert [written.header.frame_number for written in scribe.written] == [1]


def test_position_that_is_not_the_end_is_refused(under_test: LogUnderTest) -> None:
    scribe = Scribe(under_test)
    scribe.commands(1)
    scribe.commands(1)
    scribe.close()
    stale = under_test.end()._replace(frame_number=2, next_seq=2)
    with pytest.raises(JournalError), contextlib.closing(under_test.open(stale)) as log:
        log.append(FrameDraft(FrameKind.head, b"x"), lambda written: None)


def test_callbacks_come_in_the_frames_order(under_test: LogUnderTest) -> None:
    scribe = Scribe(under_test)
    for size in (30, 1, 20, 1, 10, 1) * 5:
        scribe.commands(size)
    wait_for_all(scribe, 30)
    scribe.close()
    assert [written.header.frame_number for written in scribe.written] == list(range(1, 31))
