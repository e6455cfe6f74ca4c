"""`tarazy verify` says what is signed and what is only chained, in words, in JSON and in its exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tarazy.cli.main import main
from tarazy.domain.records import EDITION, AdvanceTime
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.create import create_facility
from tarazy.journal.segment import segment_path
from tarazy.spec.venue import Venue
from tests.unit.journal.building import build


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """Run the command line and return its exit code and what it printed."""
    code = main([str(word) for word in words])
    return code, capsys.readouterr().out


def test_journal_that_is_signed_to_its_end_gives_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = build(tmp_path / "a", [5, 0, 3, -1])
    code, out = run(capsys, "verify", directory, "--covered-to-the-end")
    assert code == 0
    assert "signed by the facility: all 9 commands, to the end" in out
    assert "only chained" not in out


def test_end_that_is_only_chained_gives_three_when_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = build(tmp_path / "a", [5, 0, 3, 4])
    code, out = run(capsys, "verify", directory, "--covered-to-the-end")
    assert code == 3
    assert "whole: Test venue" in out
    assert "signed by the facility: commands 1 to 6, up to frame 2" in out
    assert "only chained: the last 7 commands, in 2 frames" in out
    assert run(capsys, "verify", directory)[0] == 0


@pytest.mark.parametrize(("is_closed", "code"), [(True, 0), (False, 3)])
def test_replay_has_the_same_exit_code_and_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], is_closed: bool, code: int
) -> None:
    directory = tmp_path / "a"
    create_facility(directory, "Test venue", edition=EDITION)
    with Sequencer.open(directory, Venue) as sequencer:
        sequencer.checkpoint()
        sequencer.execute(AdvanceTime().pack())
        copy = directory if is_closed else Path(shutil.copytree(directory, tmp_path / "b"))
    found, out = run(capsys, "replay", copy, "--covered-to-the-end")
    assert found == code
    assert ("only chained: the last 1 commands" in out) == (not is_closed)
    assert run(capsys, "replay", copy)[0] == 0


def test_json_has_the_same_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = build(tmp_path / "a", [5, 0, 3, 4])
    found = json.loads(run(capsys, "verify", directory, "--json")[1].splitlines()[-1])
    assert (found["ok"], found["covered_to_the_end"]) == (True, False)
    assert (found["signed_to_seq"], found["signed_to_frame"]) == (6, 2)
    assert (found["chained_commands"], found["chained_frames"]) == (7, 2)
    assert found["last_ns"] - found["signed_to_ns"] == 2  # the clock of this journal counts


def test_journal_without_any_signature_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = build(tmp_path / "a", [5])
    code, out = run(capsys, "verify", directory, "--covered-to-the-end")
    assert code == 3
    assert "signed by the facility: nothing yet" in out


def test_damage_gives_one_whatever_was_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = build(tmp_path / "a", [5, 0])
    data = bytearray(segment_path(directory, 1).read_bytes())
    data[4096 + 300] ^= 1
    segment_path(directory, 1).write_bytes(data)
    assert run(capsys, "verify", directory, "--covered-to-the-end")[0] == 1


def test_hostile_folder_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = build(tmp_path / "a", [5])
    (directory / "facility.json").write_text("[" * 100_000)
    code = main(["verify", str(directory)])
    printed = capsys.readouterr()
    assert code == 1
    assert "nested too deeply" in printed.out + printed.err
    assert "Traceback" not in printed.err
