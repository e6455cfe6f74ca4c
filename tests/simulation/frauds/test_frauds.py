"""Frauds of an operator who owns the key: `verify` finds all in order, and replay names the first false command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tarazy.cli.main import main
from tarazy.domain.engine import Engine
from tarazy.journal.errors import ReplayDivergedError
from tarazy.journal.replay import replay
from tarazy.journal.verify import verify

from .forger import Sign, entries_of, forge, frames, joined
from .history import History, honest_history
from .tricks import RECORD_TRICKS, SILENT_TRICKS, VENUE_TRICKS


@pytest.fixture(scope="module")
def history() -> History:
    """Return the honest day."""
    return honest_history()


def assert_caught(directory: Path, engine: type[Engine], seq: int) -> None:
    """Check that hashes and signatures are in order and that replay names `seq` as the first false command.

    A privileged command shares its frame with the instruction before it.
    """
    assert verify(directory).ok, verify(directory).damage
    divergence = replay(directory, engine()).divergence
    assert isinstance(divergence, ReplayDivergedError), f"expected a false record, found {divergence}"
    assert seq - 1 <= divergence.first_seq <= divergence.last_seq == seq
    assert str(seq) in str(divergence)


def test_honest_day_agrees(history: History, engine: type[Engine], tmp_path: Path) -> None:
    directory = forge(tmp_path / "journal", entries_of(history.commands))
    assert verify(directory).ok
    report = replay(directory, engine())
    assert report.agrees
    assert (report.commands, report.statements) == (len(history.commands), 3)


@pytest.mark.parametrize("fraud", VENUE_TRICKS)
def test_dishonest_venue_is_caught_at_the_command(
    history: History, engine: type[Engine], tmp_path: Path, fraud: str
) -> None:
    name, trick = VENUE_TRICKS[fraud]
    seq = history[name]
    directory = forge(tmp_path / "journal", entries_of(history.commands, {seq: trick}))
    assert_caught(directory, engine, seq)


@pytest.mark.parametrize("fraud", SILENT_TRICKS)
def test_silent_change_is_caught_where_it_first_shows(
    history: History, engine: type[Engine], tmp_path: Path, fraud: str
) -> None:
    name, trick, shows = SILENT_TRICKS[fraud]
    directory = forge(tmp_path / "journal", entries_of(history.commands, {history[name]: trick}))
    assert_caught(directory, engine, history[shows])


@pytest.mark.parametrize("fraud", RECORD_TRICKS)
def test_rewritten_record_is_caught_at_the_first_false_event(
    history: History, engine: type[Engine], tmp_path: Path, fraud: str
) -> None:
    rewrite, shows = RECORD_TRICKS[fraud]
    directory = forge(tmp_path / "journal", rewrite(history))
    assert_caught(directory, engine, history[shows])


SIGNED_LIES: dict[str, Sign] = {
    "another state digest": lambda statement: statement._replace(state_digest=bytes(32)),
    "another liabilities root": lambda statement: statement._replace(liabilities_root=bytes(32)),
}


@pytest.mark.parametrize("lie", SIGNED_LIES)
def test_signed_lie_about_the_state_is_caught_at_its_checkpoint(
    history: History, engine: type[Engine], tmp_path: Path, lie: str
) -> None:
    seq = history["last checkpoint"]
    directory = forge(
        tmp_path / "journal",
        entries_of(history.commands),
        lambda statement: SIGNED_LIES[lie](statement) if statement.seq == seq else statement,
    )
    assert_caught(directory, engine, seq)


def test_fraud_in_a_frame_of_many_commands_names_the_frames_commands(
    history: History, engine: type[Engine], tmp_path: Path
) -> None:
    name, trick = VENUE_TRICKS["queue jump"]
    single = entries_of(history.commands, {history[name]: trick})
    small = list(frames(single))
    entries = [small[0], *(joined(small[at : at + 5]) for at in range(1, len(small), 5))]
    divergence = replay(forge(tmp_path / "journal", entries), engine()).divergence
    assert isinstance(divergence, ReplayDivergedError)
    assert divergence.first_seq <= history[name] <= divergence.last_seq < divergence.first_seq + 10


def test_history_rewritten_by_an_honest_engine_has_another_head(history: History, tmp_path: Path) -> None:
    """Replay cannot tell which of two consistent records is true; a head or statement given out before can."""
    true = forge(tmp_path / "true", entries_of(history.commands))
    given_out = verify(true).head
    assert given_out is not None
    changed = list(history.commands)
    at = history["deposit"] - 1
    changed[at] = changed[at][:32] + (900).to_bytes(16, "little") + changed[at][48:]
    false = forge(tmp_path / "false", entries_of(changed))
    assert verify(false).ok
    assert verify(true, known_head=given_out).ok
    assert not verify(false, known_head=given_out).ok


def test_command_line_names_the_first_false_command(
    history: History, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, trick = VENUE_TRICKS["queue jump"]
    directory = forge(tmp_path / "journal", entries_of(history.commands, {history[name]: trick}))
    assert main(["verify", str(directory), "--json"]) == 0
    assert main(["replay", str(directory), "--engine", "spec", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (answer["agrees"], answer["first_bad_seq"]) == (False, history[name])
