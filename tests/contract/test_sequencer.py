"""The whole writer on both logs: receipts, heads, checkpoints, recovery, and a server that is killed under load."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from tarazy.domain.records import AdvanceTime
from tarazy.facility.sequencer.errors import SequencerStoppedError
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.facility.sequencer.stream_opening import open_on_stream
from tarazy.facility.sequencer.submission import Receipt
from tarazy.journal.frame import FrameKind
from tarazy.journal.merkle import root_of
from tarazy.journal.note import open_head, verifier_key
from tarazy.journal.replay import replayed
from tarazy.spec.venue import Venue

from ..nats_server import NatsServer
from .logs import CREATED_NS, FilesUnderTest, LogUnderTest, StreamUnderTest, command

Open = Callable[[], Sequencer]


@pytest.fixture(params=["files", "stream"])
def under_test(request: pytest.FixtureRequest, tmp_path: Path) -> LogUnderTest:
    if request.param == "files":
        return FilesUnderTest(tmp_path / "files")
    return StreamUnderTest(tmp_path / "stream", request.getfixturevalue("nats").url)


def opened(under_test: LogUnderTest) -> Sequencer:
    """Open the facility with a clock that counts."""
    clock = itertools.count(CREATED_NS + 1_000_000)
    options = {"clock_ns": lambda: next(clock), "steady_ns": lambda: 0, "keep_timestamps": True}
    if isinstance(under_test, StreamUnderTest):
        return open_on_stream(under_test.directory, Venue, under_test.settings, **options)  # type: ignore[arg-type]
    return Sequencer.open(under_test.directory, Venue, **options)  # type: ignore[arg-type]


def replays(under_test: LogUnderTest) -> bytes:
    """Replay all frames, with every digest compared, and return the state's digest at the end."""
    engine = Venue()
    for _ in replayed(under_test.directory, under_test.frames(), engine):
        pass
    return engine.state_digest()


def test_receipts_heads_and_checkpoint_are_in_the_log_and_recovered(under_test: LogUnderTest) -> None:
    with opened(under_test) as sequencer:
        futures = [sequencer.submit([command(seq)]) for seq in range(1, 60)]
        assert [future.result(20).first_seq for future in futures] == list(range(1, 60))
        statement = sequencer.checkpoint()
        sequencer.execute([command(61), command(62)])
        digest = sequencer.engine.state_digest()
    assert statement.seq == 60
    assert replays(under_test) == digest
    kinds = [frame.header.kind for frame in under_test.frames()]
    assert kinds.count(FrameKind.statement) == 1
    assert kinds[-1] == FrameKind.head
    with opened(under_test) as sequencer:
        assert sequencer.recovery.snapshot_seq == 60
        assert sequencer.engine.state_digest() == digest
        sequencer.execute([command(63)])
    frames, identity = under_test.frames(), under_test.identity
    head = open_head(frames[-1].commands, verifier_key(identity.facility_id, identity.public_key))
    assert (head.size, head.root) == (len(frames) - 1, root_of(frame.frame_hash for frame in frames[:-1]))
    assert len({frame.header.writer_term for frame in frames}) == 2


def test_every_command_that_was_acknowledged_is_there_after_the_server_was_killed(
    nats: NatsServer, tmp_path: Path
) -> None:
    stream = StreamUnderTest(tmp_path / "stream", nats.url)
    chance, receipts = random.Random(11), list[Future[Receipt]]()
    with opened(stream) as sequencer:
        for seq in range(1, 201):
            receipts.append(sequencer.submit([AdvanceTime(ts_ns=CREATED_NS + seq).pack()] * chance.randint(1, 3)))
            if seq % 40 == 0:
                nats.restart()
        for future in receipts:
            future.result(30)
        digest = sequencer.engine.state_digest()
    assert replays(stream) == digest


def test_server_that_stays_away_stops_the_sequencer_and_its_callers_are_told(nats: NatsServer, tmp_path: Path) -> None:
    stream = StreamUnderTest(tmp_path / "stream", nats.url)
    stream.settings = stream.settings._replace(give_up_s=0.5)
    sequencer = opened(stream)
    acknowledged = sequencer.execute([command(1)])
    assert acknowledged is not None
    nats.kill()
    with pytest.raises(SequencerStoppedError, match="the stream cannot be reached"):
        sequencer.execute([command(2)])
    sequencer.close()
    nats.start()
    with opened(stream) as sequencer:
        assert sequencer.engine.next_seq >= 2
        sequencer.execute([command(sequencer.engine.next_seq)])
    assert replays(stream)


def test_second_sequencer_elsewhere_stops_the_first(nats: NatsServer, tmp_path: Path) -> None:
    first_place = StreamUnderTest(tmp_path / "first", nats.url)
    second_place = StreamUnderTest(tmp_path / "second", nats.url)  # the same identity and key in another folder
    first = opened(first_place)
    first.execute([command(1)])
    with opened(second_place) as second:
        second.execute([command(2)])
    threads = threading.active_count()
    with pytest.raises(SequencerStoppedError, match="another writer has gone on with this stream"):
        first.execute([command(2)])
    first.close()
    assert threading.active_count() < threads
    assert replays(second_place)
