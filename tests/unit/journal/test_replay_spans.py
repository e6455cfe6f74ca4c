"""Spans between snapshots: the groups cover the journal, and an engine goes on only from a state that was signed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.journal.errors import DamageError
from tarazy.journal.replay_spans import Span, SpanReplay, replay_span, share_out
from tarazy.journal.snapshots import snapshot_path, snapshot_seqs
from tests.simulation.tally_engine import TallyEngine

from .building import build

COUNTS = [5, 0, 20, 12, 0, 3]


def spans_of(directory: Path) -> list[Span]:
    """Return all spans of a journal."""
    return share_out(snapshot_seqs(directory), 0, 1)[0]


def test_spans_in_turn_report_what_each_alone_reports(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    in_turn = SpanReplay(tmp_path / "a", TallyEngine)
    for span in spans_of(tmp_path / "a"):
        assert in_turn.replay(span) == replay_span(tmp_path / "a", TallyEngine, *span)
    assert in_turn.restored == 0


def test_span_that_is_not_the_next_one_begins_with_its_snapshot(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    first, second, third = spans_of(tmp_path / "a")
    spans = SpanReplay(tmp_path / "a", TallyEngine)
    reports = [spans.replay(span) for span in (first, third, second)]
    assert [report.last_seq for report in reports] == [6, 42, 39]
    assert all(report.agrees for report in reports)
    assert spans.restored == 2


def test_snapshot_that_was_changed_is_found_though_no_engine_needs_it(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    path = snapshot_path(tmp_path / "a", 6)
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
    first, second, third = spans_of(tmp_path / "a")
    spans = SpanReplay(tmp_path / "a", TallyEngine)
    for span in (first, second):
        with pytest.raises(DamageError, match="expected a state with digest"):
            spans.replay(span)
    assert spans.replay(third).agrees


@pytest.mark.parametrize("jobs", [1, 2, 3, 8])
@pytest.mark.parametrize("seqs", [[], [7], list(range(1_000, 17_000, 1_000)), [1, 2, 3, 90_000, 90_001]])
def test_every_span_is_in_one_group_of_neighbours(seqs: list[int], jobs: int) -> None:
    groups = share_out(seqs, 100_000, jobs)
    spans = [span for group in groups for span in group]
    assert spans == [Span(*pair) for pair in zip([0, *seqs], [*seqs, None], strict=True)]
    assert all(groups)


def test_sixteen_even_spans_for_two_processes_need_few_starts_and_end_small() -> None:
    """By hand: aims are 2/5 of what is left (6.4, 3.6, 2, 1.2, 0.4 spans); a rest of one command begins nowhere."""
    seqs = list(range(1_000, 17_000, 1_000))
    assert [len(group) for group in share_out(seqs, 16_001, 2)] == [7, 4, 2, 2, 2]
