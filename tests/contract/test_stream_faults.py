"""A stream whose server dies, whose network loses answers, and that two writers want: one chain, nothing lost."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import nats as client
import pytest
from nats.js.api import StorageType, StreamConfig

from tarazy.facility.sequencer.stream_errors import (
    StreamFencedError,
    StreamMessageError,
    StreamSettingsError,
    StreamUnreachableError,
)
from tarazy.facility.sequencer.stream_log import StreamLog
from tarazy.journal.frame import FrameDraft, FrameKind, Written

from ..nats_server import NatsServer, Wire, free_port
from .logs import FilesUnderTest, Scribe, StreamUnderTest, play, wait_for_all

# The client library forgets to close a connection that breaks while it is being made; `nats` collects it in time.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def stream(nats: NatsServer, tmp_path: Path) -> StreamUnderTest:
    return StreamUnderTest(tmp_path / "stream", nats.url)


@pytest.fixture
def wire(nats: NatsServer) -> Iterator[Wire]:
    found = Wire(nats.port)
    yield found
    found.close()


def through(stream: StreamUnderTest, wire: Wire) -> StreamUnderTest:
    """Let the writer reach its server over the wire."""
    stream.settings = stream.settings._replace(url=wire.url)
    return stream


def local_bytes(folder: Path, sizes: list[int]) -> list[bytes]:
    """Return the frames that local files hold after the same commands from one writer."""
    files = FilesUnderTest(folder)
    scribe = Scribe(files)
    for size in sizes:
        scribe.commands(size)
    scribe.close()
    return [frame.encode() for frame in files.frames()]


def head_of(number: int) -> FrameDraft:
    return FrameDraft(FrameKind.head, b"head %d" % number)


def opened(stream: StreamUnderTest, reasons: list[BaseException]) -> StreamLog:
    """Open the stream for writing and note why it fails."""
    log = stream.open()
    log.tell_failure(reasons.append)
    return log


def failed(log: StreamLog, draft: FrameDraft) -> BaseException:
    """Append until the log says why it is dead."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            log.append(draft, lambda written: None)
        except BaseException as error:
            return error
        time.sleep(0.02)
    raise TimeoutError("the log goes on")


# ---------------------------------------------------------------- answers that are lost


def test_frames_whose_answers_were_lost_are_stored_once_and_called_back(
    stream: StreamUnderTest, wire: Wire, tmp_path: Path
) -> None:
    scribe = Scribe(through(stream, wire))
    scribe.commands(2)
    wait_for_all(scribe, 1)
    wire.swallows = True
    for _ in range(5):
        scribe.commands(2)
    time.sleep(0.3)
    assert len(scribe.written) == 1
    wire.break_off()
    scribe.commands(2)
    wait_for_all(scribe, 7)
    scribe.close()
    assert [frame.encode() for frame in stream.frames()] == local_bytes(tmp_path / "files", [2] * 7)


def test_answers_that_are_late_are_waited_for_by_sending_again(
    stream: StreamUnderTest, wire: Wire, tmp_path: Path
) -> None:
    scribe = Scribe(through(stream, wire))
    wire.swallows = True
    scribe.commands(3)
    time.sleep(1.2)  # the acknowledgement and a repetition were swallowed, over one connection
    wire.swallows = False
    wait_for_all(scribe, 1)
    scribe.close()
    assert [frame.encode() for frame in stream.frames()] == local_bytes(tmp_path / "files", [3])


# ---------------------------------------------------------------- a server that dies


def test_what_was_called_back_is_there_after_the_server_was_killed(stream: StreamUnderTest, nats: NatsServer) -> None:
    scribe = Scribe(stream)
    for _ in range(10):
        scribe.commands(5)
    wait_for_all(scribe, 6)
    nats.kill()
    known = list(scribe.written)
    nats.start()
    wait_for_all(scribe, 10)
    scribe.close()
    frames = stream.frames()
    assert [Written(frame.header, frame.frame_hash) for frame in frames[: len(known)]] == known
    assert len(frames) == 10


def test_writer_goes_on_behind_a_server_that_is_killed_again_and_again(
    stream: StreamUnderTest, nats: NatsServer, tmp_path: Path
) -> None:
    scribe, chance = Scribe(stream), random.Random(7)
    sizes = [chance.randint(1, 40) for _ in range(120)]
    stop = threading.Event()

    def kill_now_and_then() -> None:
        while not stop.wait(chance.uniform(0.05, 0.3)):
            nats.restart()

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    try:
        for size in sizes:
            scribe.commands(size)
            time.sleep(0.01)
    finally:
        stop.set()
        killer.join()
    wait_for_all(scribe, len(sizes))
    scribe.close()
    assert [frame.encode() for frame in stream.frames()] == local_bytes(tmp_path / "files", sizes)


@pytest.mark.parametrize("seed", range(3))
def test_writer_goes_on_behind_a_wire_that_breaks_again_and_again(
    stream: StreamUnderTest, wire: Wire, tmp_path: Path, seed: int
) -> None:
    scribe, chance = Scribe(through(stream, wire)), random.Random(seed)
    sizes = [chance.randint(1, 20) for _ in range(150)]
    for size in sizes:
        scribe.commands(size)
        if chance.random() < 0.06:
            wire.swallows = chance.random() < 0.5
            time.sleep(chance.uniform(0, 0.05))
            wire.break_off()
    wire.break_off()
    wait_for_all(scribe, len(sizes))
    scribe.close()
    assert [frame.encode() for frame in stream.frames()] == local_bytes(tmp_path / "files", sizes)


def test_server_that_stays_away_stops_the_writer_and_the_next_start_goes_on(
    stream: StreamUnderTest, nats: NatsServer
) -> None:
    stream.settings = stream.settings._replace(give_up_s=0.5)
    reasons: list[BaseException] = []
    log = opened(stream, reasons)
    log.append(head_of(1), lambda written: None)
    log.close()
    log = opened(stream, reasons)
    nats.kill()
    called: list[Written] = []
    log.append(head_of(2), called.append)
    assert isinstance(failed(log, head_of(3)), StreamUnreachableError)
    assert [type(reason) for reason in reasons] == [StreamUnreachableError]
    assert called == []
    log.close()
    nats.start()
    scribe = Scribe(stream)
    scribe.commands(1)
    scribe.close()
    assert [frame.header.writer_term for frame in stream.frames()][-1] >= 2


def test_no_server_is_an_error_in_the_time_that_is_given(stream: StreamUnderTest) -> None:
    settings = stream.settings._replace(url=f"nats://127.0.0.1:{free_port()}", give_up_s=0.3)
    with pytest.raises(StreamUnreachableError, match="the stream cannot be reached"):
        StreamLog(settings, stream.identity, stream.end())


# ---------------------------------------------------------------- two writers


def test_second_writer_fences_the_first(stream: StreamUnderTest) -> None:
    reasons: list[BaseException] = []
    first = opened(stream, reasons)
    written: list[Written] = []
    first.append(head_of(1), written.append)
    while not written:
        time.sleep(0.01)
    second = StreamLog(stream.settings, stream.identity, stream.end())
    second.append(head_of(2))
    second.close()
    for number in range(3, 9):
        if reasons:
            break
        first.append(head_of(number), written.append)
    assert isinstance(failed(first, head_of(9)), StreamFencedError)
    assert [type(reason) for reason in reasons] == [StreamFencedError]
    first.close()
    assert len(written) == 1
    assert [frame.commands for frame in stream.frames()] == [b"head 1", b"head 2"]


def test_two_writers_at_once_make_one_chain(stream: StreamUnderTest) -> None:
    logs = [StreamLog(stream.settings, stream.identity, stream.end()) for _ in range(2)]
    called: list[list[Written]] = [[], []]

    def write(index: int) -> None:
        for number in range(40):
            try:
                logs[index].append(head_of(100 * index + number), called[index].append)
            except StreamFencedError:
                return

    threads = [threading.Thread(target=write, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for log in logs:
        log.close()
    hashes = [frame.frame_hash for frame in stream.frames()]  # the reader checks the chain
    acknowledged = [each.frame_hash for each in (*called[0], *called[1])]
    assert len(set(acknowledged)) == len(acknowledged)
    assert set(acknowledged) <= set(hashes)
    assert min(len(each) for each in called) < 40


def test_stream_that_went_on_since_it_was_read_is_refused(stream: StreamUnderTest) -> None:
    end = stream.end()
    scribe = Scribe(stream)
    scribe.commands(1)
    scribe.close()
    with pytest.raises(StreamFencedError, match="expected to write frame 1, found frame 1 as the last one"):
        StreamLog(stream.settings, stream.identity, end)


# ---------------------------------------------------------------- a stream that is not as it must be


def on_server(url: str, act: str, subject: str, name: str) -> None:
    """Do something to the stream that no writer of ours does."""

    async def run() -> None:
        connection = await client.connect(url)
        streams = connection.jetstream()
        if act == "publish":
            await streams.publish(subject, b"no frame")
        else:
            await streams.add_stream(StreamConfig(name=name, subjects=[subject], storage=StorageType.MEMORY))
        await connection.close()

    asyncio.run(run())


def test_message_that_is_no_frame_is_damage(stream: StreamUnderTest, nats: NatsServer) -> None:
    scribe = Scribe(stream)
    scribe.commands(1)
    scribe.close()
    facility = stream.identity.facility_id.hex()
    on_server(nats.url, "publish", f"tarazy.{facility}.frames", f"tarazy-{facility}")
    with pytest.raises(StreamMessageError, match=r"frame 2: .*expected a frame with its hash, found 8 other bytes"):
        stream.frames()


def test_stream_that_may_lose_frames_is_refused(stream: StreamUnderTest, nats: NatsServer) -> None:
    facility = stream.identity.facility_id.hex()
    on_server(nats.url, "create", f"tarazy.{facility}.frames", f"tarazy-{facility}")
    with pytest.raises(StreamSettingsError, match="kept in files"):
        Scribe(stream)


def test_long_stream_is_read_back_in_parts(stream: StreamUnderTest) -> None:
    scribe = Scribe(stream)
    for _ in range(5):
        play(scribe, rounds=4)
    scribe.close()
    assert len(stream.frames()) == 5 * 18
