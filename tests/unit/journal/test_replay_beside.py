"""Replay with the hash beside: the engine is a frame past a difference, the report as of a replay frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tarazy.domain.engine import InvariantBroken
from tarazy.domain.records import RECORD_SIZE
from tarazy.journal.errors import ReplayDivergedError, SegmentHeaderError
from tarazy.journal.frame import Frame
from tarazy.journal.replay import replay, replayed
from tarazy.journal.replay_beside import replayed_beside
from tests.simulation.tally_engine import TallyEngine

from .building import build, frames_of
from .test_replay import forge


class BreakingEngine(TallyEngine):
    """An engine that stops at its ninth command, the last of the third frame."""

    def apply(self, commands: bytes) -> bytes:
        if self.next_seq <= 9 < self.next_seq + len(commands) // RECORD_SIZE:
            raise InvariantBroken("CONSERVE", 9, "as the test wants")
        return super().apply(commands)


def test_frames_and_events_are_those_of_a_replay_frame_by_frame(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, 0, 20, 12, 0, 3])
    frames = frames_of(tmp_path / "a")
    beside, plain = TallyEngine(), TallyEngine()
    assert list(replayed_beside(tmp_path / "a", frames, beside)) == list(replayed(tmp_path / "a", frames, plain))
    assert beside.snapshot() == plain.snapshot()


@pytest.mark.parametrize("wrong", [1, 2, 3, 4])
def test_report_of_a_difference_has_the_state_just_after_the_frame_that_differs(tmp_path: Path, wrong: int) -> None:
    forge(tmp_path / "a", wrong)
    report = replay(tmp_path / "a", TallyEngine())
    expected = TallyEngine()
    for frame in frames_of(tmp_path / "a")[:wrong]:
        expected.apply(frame.commands)
    assert (report.frames, report.commands, report.events) == (wrong - 1, 3 * (wrong - 1), 3 * (wrong - 1))
    assert (report.last_seq, report.digest, report.root) == (
        3 * wrong,
        expected.state_digest(),
        expected.liabilities_root(),
    )


def test_engine_that_breaks_is_told_when_all_before_agrees(tmp_path: Path) -> None:
    forge(tmp_path / "a", wrong=4)
    with pytest.raises(InvariantBroken, match="CONSERVE"):
        replay(tmp_path / "a", BreakingEngine())


@pytest.mark.parametrize("wrong", [1, 2])
def test_difference_before_an_engine_breaks_is_what_is_told(tmp_path: Path, wrong: int) -> None:
    forge(tmp_path / "a", wrong)
    divergence = replay(tmp_path / "a", BreakingEngine()).divergence
    assert isinstance(divergence, ReplayDivergedError)
    assert divergence.frame == wrong


def damaged_behind(frames: list[Frame]) -> Iterator[Frame]:
    """Give frames, then what a reader raises where the next segment is no segment."""
    yield from frames
    raise SegmentHeaderError(Path("segments"), expected="a header", found="other bytes", segment=2, offset=0)


@pytest.mark.parametrize(("wrong", "error"), [(3, ReplayDivergedError), (4, SegmentHeaderError)])
def test_difference_in_the_last_frame_before_damage_comes_first(
    tmp_path: Path, wrong: int, error: type[Exception]
) -> None:
    forge(tmp_path / "a", wrong)
    pairs = replayed_beside(tmp_path / "a", damaged_behind(frames_of(tmp_path / "a")[:3]), TallyEngine())
    assert [next(pairs)[0].header.frame_number for _ in range(wrong - 1)] == list(range(1, wrong))
    with pytest.raises(error):
        next(pairs)
