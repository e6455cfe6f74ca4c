"""A head is given away only when it is durable for good: where a writer publishes that, readers wait for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.facility.publication import Publication, publish
from tarazy.journal.durable_position import published_frame
from tarazy.journal.frame import FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.proof_errors import NoSuchHeadError
from tarazy.journal.proving import find_head, newest_key, prove_frame
from tarazy.journal.segment import genesis
from tests.simulation.tally_engine import TallyEngine

from .building import build, commands, create, frames_of, open_sequencer


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Return a journal with heads of 2 and 4 frames, the frames 3 and 5."""
    return build(tmp_path / "a", [3, 3, -1, 2, -1])


def test_head_that_is_not_published_yet_is_not_given_away(journal: Path) -> None:
    """What the page cache shows of frame 5 may be gone after a power cut; then another frame takes its number."""
    publication = Publication(journal, TallyEngine, genesis(load_identity(journal)), with_events=False)
    frames = frames_of(journal)
    assert [frame.header.kind for frame in frames] == [1, 1, 3, 1, 3]
    with pytest.raises(NoSuchHeadError):
        find_head(journal)
    assert newest_key(journal).public_key == load_identity(journal).public_key
    for frame, size in zip(frames, (None, None, 2, 2, 4), strict=True):
        publication.on_release(frame, b"")
        if size is not None:
            assert find_head(journal).head.size == size
    assert prove_frame(journal, 4).frame_number == 4
    publication.close()
    assert find_head(journal).head.size == 4, "the position stays when its writer is gone"


def test_journal_that_nobody_published_is_read_to_its_end(journal: Path) -> None:
    assert published_frame(journal, load_identity(journal).facility_id) is None
    assert find_head(journal).head.size == 4


def test_published_writer_ends_with_its_last_head_published(tmp_path: Path) -> None:
    create(tmp_path)
    with open_sequencer(tmp_path) as sequencer:
        publication = publish(sequencer, tmp_path)
        sequencer.execute(commands(5))
    publication.close()
    last = frames_of(tmp_path)[-1]
    assert last.header.kind == FrameKind.head
    assert published_frame(tmp_path, load_identity(tmp_path).facility_id) == last.header.frame_number
    assert find_head(tmp_path).head.size == last.header.frame_number - 1
