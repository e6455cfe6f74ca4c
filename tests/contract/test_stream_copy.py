"""A stream copied into a folder is the journal that a local writer would have left, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.cli.main import main
from tarazy.facility.sequencer.stream_copy import copy_stream
from tarazy.journal.errors import FacilityExistsError
from tarazy.journal.verify import verify

from ..nats_server import NatsServer
from .logs import FilesUnderTest, Scribe, StreamUnderTest, play


@pytest.fixture
def stream(nats: NatsServer, tmp_path: Path) -> StreamUnderTest:
    return StreamUnderTest(tmp_path / "stream", nats.url)


def segments(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((directory / "segments").glob("*.seg"))}


def test_copy_has_the_bytes_of_a_local_journal_and_verifies(stream: StreamUnderTest, tmp_path: Path) -> None:
    files, copy = FilesUnderTest(tmp_path / "files"), tmp_path / "copy"
    for _ in range(3):  # three writers, and a copy behind each
        for each in (stream, files):
            scribe = Scribe(each)
            play(scribe)
            scribe.close()
        end = copy_stream(stream.settings, stream.directory / "facility.json", copy)
        assert end == files.end()
    assert segments(copy) == segments(files.directory)
    assert len(segments(copy)) > 1
    report = verify(copy)
    assert report.damage is None
    assert (report.frames, report.heads) == (42, 3)


def test_copy_that_has_all_stays_as_it_is(stream: StreamUnderTest, tmp_path: Path) -> None:
    scribe = Scribe(stream)
    play(scribe)
    scribe.close()
    for _ in range(2):
        copy_stream(stream.settings, stream.directory / "facility.json", tmp_path / "copy")
    assert verify(tmp_path / "copy").frames == 14


def test_folder_of_another_facility_is_refused(stream: StreamUnderTest, tmp_path: Path) -> None:
    other = FilesUnderTest(tmp_path / "other", seed=bytes(48))
    with pytest.raises(FacilityExistsError):
        copy_stream(stream.settings, stream.directory / "facility.json", other.directory)


def test_verb_copies_and_says_how_much(
    stream: StreamUnderTest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scribe = Scribe(stream)
    play(scribe)
    scribe.close()
    identity = stream.directory / "facility.json"
    assert main(["copy-stream", stream.settings.url, str(tmp_path / "copy"), "--identity", str(identity)]) == 0
    assert capsys.readouterr().out.startswith("14 frames with 183 commands are in ")
    assert main(["head", str(tmp_path / "copy")]) == 0
    assert capsys.readouterr().out.startswith("tarazy/000102030405060708090a0b0c0d0e0f\n12\n")
