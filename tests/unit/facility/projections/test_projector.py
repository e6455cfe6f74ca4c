"""A whole facility: the sequencer publishes, projectors follow it, and everything agrees however often both restart."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tarazy.cli.main import main
from tarazy.domain.engine import Engine
from tarazy.domain.records import OrderCanceled
from tarazy.facility.projections.balances import Balances
from tarazy.facility.projections.base import Projection
from tarazy.facility.projections.catalogue import PROJECTIONS, all_projections
from tarazy.facility.projections.errors import BrokenProjectionError, GapError, OtherHistoryError
from tarazy.facility.projections.projector import Projector, apply_all
from tarazy.facility.projections.sql import SqlStore
from tarazy.facility.publication import Publication, publish
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.events_rebuild import check_events, recorded
from tarazy.journal.events_record import events_folder
from tarazy.journal.follow_events import Lag
from tarazy.journal.identity import load_identity
from tests.conftest import ENGINES
from tests.simulation.crash_flow import batch, desk, found
from tests.simulation.crash_writer import open_market

from .histories import history

SEGMENT_BYTES = 512 << 10
ENGINE: type[Engine] = ENGINES.get("core", ENGINES["spec"])


class Facility:
    """A running facility that publishes."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        if not directory.exists():
            found(directory, SEGMENT_BYTES, has_officers=True)
        self.sequencer = Sequencer.open(directory, ENGINE)
        self.publication: Publication = publish(self.sequencer, directory, segment_bytes=64 << 10)
        open_market(self.sequencer, desk(load_identity(directory).facility_id, 1))

    def write(self, first: int, count: int, size: int = 20) -> None:
        """Write orders in frames of a size."""
        for at in range(first, first + count, size):
            self.sequencer.execute(batch(at, size))

    def close(self) -> None:
        """End in good order."""
        self.sequencer.close()
        self.publication.close()


def digests(projections: list[Projection]) -> dict[str, str]:
    """Return the digest of each projection."""
    return {projection.name: projection.digest().hex() for projection in projections}


def fresh(directory: Path) -> dict[str, str]:
    """Return the digests of projections that are made anew from the record."""
    projections = all_projections()
    apply_all(recorded(directory), projections)
    return digests(projections)


def catch_up(projector: Projector, seq: int) -> None:
    """Let a projector apply everything up to a command."""
    while projector.projections[0].cursor.next_seq <= seq:
        assert projector.step(10).frames, "nothing came for ten seconds"


def test_projector_beside_a_writer_ends_as_a_rebuild_over_restarts_of_both(tmp_path: Path) -> None:
    directory, database = tmp_path / "facility", tmp_path / "p.sqlite3"
    for life in range(3):
        facility = Facility(directory)
        with SqlStore(database) as store:
            in_memory, stored = Projector(directory, all_projections()), Projector(directory, all_projections(), store)
            facility.write(life * 1_000, 400)
            if life == 1:
                facility.sequencer.checkpoint()  # statements and heads are frames, too
            facility.write(life * 1_000 + 400, 100)
            seq = facility.sequencer.released_seq
            catch_up(in_memory, seq)
            catch_up(stored, seq)
            assert in_memory.lag() == Lag(0, 0, True)
            assert digests(list(in_memory.projections)) == fresh(directory)
            assert {p.name: store.digest(p).hex() for p in stored.projections} == fresh(directory)
            in_memory.close()
            stored.close()
        facility.close()
    assert check_events(directory).damage is None


def test_listener_that_fails_or_lags_stops_nobody_and_says_so(tmp_path: Path) -> None:
    facility = Facility(tmp_path / "facility")
    blocked = threading.Event()
    projection = Balances()  # it never saw the frames before: the first one that it hears is a gap
    facility.sequencer.on_release("late balances", projection.apply)
    facility.sequencer.on_release("asleep", lambda frame, events: blocked.wait(60) and None)
    facility.write(0, 2_200, size=1)
    statuses = {status.name: status for status in facility.sequencer.listeners()}
    assert "GapError" in statuses["late balances"].reason
    assert "lags" in statuses["asleep"].reason
    assert not statuses["publication"].is_stale
    blocked.set()
    facility.close()
    assert check_events(tmp_path / "facility").damage is None


def test_projection_in_the_writer_s_process_hears_the_same(tmp_path: Path) -> None:
    directory = tmp_path / "facility"
    found(directory, SEGMENT_BYTES, has_officers=True)
    with Sequencer.open(directory, ENGINE) as sequencer:
        publication = publish(sequencer, directory)
        projections = all_projections()
        apply_all(recorded(directory), projections)
        for projection in projections:
            sequencer.on_release(projection.name, projection.apply)
        open_market(sequencer, desk(load_identity(directory).facility_id, 1))
        sequencer.execute(batch(0, 100))
    publication.close()
    assert digests(projections) == fresh(directory)


def test_gap_other_history_and_a_half_applied_frame_are_refused(engine: type[Engine]) -> None:
    frames = history(engine, 1, 2_500).frames
    projection = Balances()
    with pytest.raises(GapError, match="expected command 1"):
        projection.apply(*frames[1])
    projection.apply(*frames[0])
    projection.apply(*frames[0])  # again: passed over
    frame, events = frames[1]
    other = frame._replace(header=frame.header._replace(prev_hash=bytes(32)))
    with pytest.raises(OtherHistoryError):
        projection.apply(other, events)
    with pytest.raises(KeyError, match="found 65535"):
        projection.apply(frame, b"\xff" * 96)  # nothing happened
    with pytest.raises(KeyError):
        projection.apply(frame, events + OrderCanceled(order_id=10**6).pack())
    with pytest.raises(BrokenProjectionError, match="rebuild"):
        projection.apply(frame, events)


@pytest.fixture(scope="module")
def recorded_facility(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a facility that has ended."""
    directory = tmp_path_factory.mktemp("cli") / "facility"
    facility = Facility(directory)
    facility.write(0, 300)
    facility.close()
    return directory


def answer(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    """Run a verb with --json; return its exit code and its object."""
    code = main([*map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


def test_verbs_rebuild_check_follow_and_digest(recorded_facility: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = recorded_facility
    code, checked = answer(capsys, "events", "check", directory)
    assert (code, checked["whole"]) == (0, True)
    max(events_folder(directory).iterdir()).unlink()
    assert answer(capsys, "events", "check", directory)[0] == 1
    for engine_name in ENGINES:
        code, rebuilt = answer(capsys, "events", "rebuild", directory, "--engine", engine_name)
        assert (code, rebuilt) == (0, checked)
    assert answer(capsys, "events", "check", directory) == (0, checked)
    _, expected = answer(capsys, "projections", "digest", directory, "--from", "events")
    assert set(expected["projections"]) == set(PROJECTIONS)
    assert answer(capsys, "projections", "digest", directory, "--from", "replay")[1] == expected
    assert answer(capsys, "projections", "rebuild", directory)[1] == expected
    assert answer(capsys, "projections", "follow", directory, "--once")[1] == expected
    database = directory / "projections.sqlite3"
    assert answer(capsys, "projections", "digest", directory, "--sql", database)[1] == expected
    only = answer(capsys, "projections", "digest", directory, "--only", "book")[1]["projections"]
    assert only == {"book": expected["projections"]["book"]}


def test_verbs_refuse_what_they_cannot_do(recorded_facility: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = answer(capsys, "projections", "digest", recorded_facility, "--sql", recorded_facility / "none")
    assert code == 2
    assert "expected a database" in said["error"]
    code, said = answer(
        capsys, "projections", "digest", recorded_facility, "--sql", recorded_facility / "facility.json"
    )
    assert code == 2
    assert "found file is not a database" in said["error"]
    facility = Facility(recorded_facility)
    code, said = answer(capsys, "events", "rebuild", recorded_facility)
    assert code == 1
    assert "another writer" in said["error"]
    facility.close()
