"""Heads are signed at a bounded distance in commands and in time, and at the close; an idle facility signs none."""

from __future__ import annotations

import time
from pathlib import Path

from tarazy.journal.frame import Frame, FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.merkle import Frontier
from tarazy.journal.note import open_head, verifier_key
from tests.unit.journal.building import commands, create, frames_of, open_sequencer


def heads_of(directory: Path) -> list[Frame]:
    """Return the heads of a journal, each checked against the tree over all frames before it."""
    identity, tree, found = load_identity(directory), Frontier(), []
    for frame in frames_of(directory):
        if frame.header.kind == FrameKind.head:
            head = open_head(frame.commands, verifier_key(identity.facility_id, identity.public_key))
            assert (head.size, head.root) == (frame.header.frame_number - 1, tree.root())
            found.append(frame)
        tree.append(frame.frame_hash)
    return found


def test_head_is_signed_after_so_many_commands(tmp_path: Path) -> None:
    create(tmp_path, segment_bytes=1 << 20)
    with open_sequencer(tmp_path, head_commands_max=25) as sequencer:
        for _ in range(10):
            sequencer.execute(commands(10))
        assert [head.header.first_seq - 1 for head in heads_of(tmp_path)] == [30, 60, 90]
    assert [head.header.first_seq - 1 for head in heads_of(tmp_path)] == [30, 60, 90, 100]


def test_head_is_signed_some_time_after_the_last_commands_and_then_no_more(tmp_path: Path) -> None:
    create(tmp_path, segment_bytes=1 << 20)
    with open_sequencer(tmp_path, head_interval_s=0.2) as sequencer:
        sequencer.execute(commands(3))
        assert heads_of(tmp_path) == []
        deadline = time.monotonic() + 10
        while not heads_of(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.5)
        assert len(heads_of(tmp_path)) == 1, "an idle facility signs none"
        sequencer.execute(commands(1))
    assert len(heads_of(tmp_path)) == 2


def test_facility_that_was_only_opened_signs_nothing(tmp_path: Path) -> None:
    create(tmp_path)
    open_sequencer(tmp_path).close()
    assert frames_of(tmp_path) == []
    with open_sequencer(tmp_path) as sequencer:
        sequencer.execute(commands(2))
    for _ in range(2):
        open_sequencer(tmp_path).close()
    assert [frame.header.kind for frame in frames_of(tmp_path)] == [1, 3]


def test_tree_goes_on_over_restarts_from_a_snapshot_and_from_the_beginning(tmp_path: Path) -> None:
    create(tmp_path, segment_bytes=1 << 20)
    for life in range(4):
        with open_sequencer(tmp_path, head_commands_max=7) as sequencer:
            for _ in range(3):
                sequencer.execute(commands(3))
            if life % 2:
                sequencer.checkpoint()
                sequencer.execute(commands(3))
    assert len(heads_of(tmp_path)) == 6, "one after the ninth command of each life, one at the close of two"


def test_commands_that_a_crash_left_without_a_head_count_after_the_restart(tmp_path: Path) -> None:
    create(tmp_path, segment_bytes=1 << 20)
    sequencer = open_sequencer(tmp_path, head_commands_max=20)
    sequencer.execute(commands(15))
    sequencer.stop(RuntimeError("a crash"))
    sequencer.close()
    assert heads_of(tmp_path) == []
    with open_sequencer(tmp_path, head_commands_max=20) as sequencer:
        sequencer.execute(commands(5))
        assert [head.header.first_seq - 1 for head in heads_of(tmp_path)] == [20]


def test_every_writing_start_has_a_higher_term(tmp_path: Path) -> None:
    create(tmp_path, segment_bytes=1 << 20)
    for _ in range(3):
        with open_sequencer(tmp_path) as sequencer:
            sequencer.execute(commands(2))
            sequencer.checkpoint()
    terms = [frame.header.writer_term for frame in frames_of(tmp_path)]
    assert terms == sorted(terms)
    assert sorted(set(terms)) == [1, 2, 3]
