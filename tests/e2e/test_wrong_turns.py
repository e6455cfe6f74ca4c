"""What a newcomer gets wrong on the first day: what was expected, found, and what to do; no secret."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tarazy.journal.lock import FolderLock

from .conftest import Done

Run = Callable[..., Done]
SUSPEND = ("--command", "SuspendAsset", "asset_id=7", f"decision_hash={'ab' * 32}")


@pytest.fixture
def venue(tarazy: Run, tmp_path: Path) -> Path:
    """Return a facility with two officers, whose keys lie beside it."""
    for name in ("a.key", "b.key"):
        assert tarazy("officer", "new", tmp_path / name).code == 0
    done = create(tarazy, tmp_path / "venue")
    assert done.code == 0, done.err
    return tmp_path / "venue"


def create(tarazy: Run, directory: Path, *words: object, name: str = "V") -> Done:
    """Found a facility with the two keys beside it."""
    officers = [word for key in ("a.key", "b.key") for word in ("--officer", directory.parent / key)]
    return tarazy("facility", "create", directory, "--name", name, *officers, *words)


def test_a_key_of_another_kind_is_not_printed(tarazy: Run, venue: Path) -> None:
    """The facility's own key given for an officer's: the error shows nothing of the file."""
    draft, key = venue.with_name("draft.json"), venue.with_name("venue.keys") / "facility.key"
    assert tarazy("instruct", "draft", draft, "--facility", venue, "--officer", 1, *SUSPEND).code == 0
    done = tarazy("instruct", "sign", draft, "--key", key)
    assert done.code == 1
    assert "found 65 bytes without one. Give the file that `tarazy officer new` wrote" in done.err
    secret = key.read_text().strip()
    assert not any(secret[at : at + 8] in done.err + done.out for at in range(len(secret) - 8))


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "\x1b[31m"])
def test_a_name_that_the_identity_cannot_carry_is_refused_first(tarazy: Run, venue: Path, name: str) -> None:
    other = venue.with_name("other")
    done = create(tarazy, other, name=name)
    assert (done.code, other.exists()) == (2, False)
    assert "--name: expected a name of 1 to 200 printable characters, found" in done.err


def test_a_folder_in_use_a_file_and_too_many_years_found_nothing(tarazy: Run, venue: Path) -> None:
    assert "found files in it; choose another\n" in create(tarazy, venue).err
    assert "found a file; choose another\n" in create(tarazy, venue.with_name("a.key")).err
    assert "expected at most 100, found 9999999" in create(tarazy, venue.with_name("o"), "--years", 9999999).err


@pytest.mark.parametrize("hours", ["8785", "9" * 14])
def test_hours_beyond_a_year_are_refused(tarazy: Run, venue: Path, hours: str) -> None:
    draft = venue.with_name("draft.json")
    done = tarazy("instruct", "draft", draft, "--facility", venue, "--officer", 1, "--hours", hours, *SUSPEND)
    assert (done.code, draft.exists()) == (2, False)
    assert f"--hours: expected at most 8784, found {hours}" in done.err


def test_hours_beyond_what_the_venue_takes_are_warned_of(tarazy: Run, venue: Path) -> None:
    """Edition 1 takes an instruction whose validity ends within seven days, 168 hours."""
    words = ("instruct", "draft", venue.with_name("draft.json"), "--facility", venue, "--officer", 1, "--hours", 200)
    assert "only in the last 168 hours of its validity" in tarazy(*words, *SUSPEND).err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"\xff\xfe[", "expected JSON, found a byte 0xff at 0 that is no UTF-8"),
        (b"[" * 100_000, "expected JSON, found lists in lists without end"),
        (b"[]", "expected a list of commands, found an empty one"),
        (b"null", "expected a list of commands, found null"),
        (
            b'[{"command": "SuspendAsset", "asset_id": ' + b"9" * 9_000 + b"}]",
            "numbers of at most 40 digits, found 9000",
        ),
        (b'[{"command": "SuspendAsset", "asset_id": 1.5}]', "expected whole numbers, found '1.5'"),
        (b'[{"command": "SuspendAsset", "asset_id": 1, "asset_id": 2}]', "found 'asset_id' twice"),
    ],
)
def test_a_list_of_commands_that_cannot_be_read(tarazy: Run, venue: Path, text: bytes, sentence: str) -> None:
    source = venue.with_name("commands.json")
    source.write_bytes(text)
    draft = venue.with_name("draft.json")
    done = tarazy("instruct", "draft", draft, "--facility", venue, "--officer", 1, "--from", source)
    assert (done.code, draft.exists()) == (2, False)
    assert f"{source}: " in done.err
    assert sentence in done.err


def test_events_rebuild_leaves_nothing_in_a_folder_that_is_no_facility(tarazy: Run, venue: Path) -> None:
    keys = venue.with_name("venue.keys")
    done = tarazy("events", "rebuild", keys)
    assert "there is no facility in this folder" in done.err
    assert [path.name for path in keys.iterdir()] == ["facility.key"]


def test_what_is_not_there_yet_is_said(tarazy: Run, venue: Path) -> None:
    """No events file, no market, no such command, no such file: each in its own sentence."""
    shutil.rmtree(venue / "events")
    assert (
        "expected an events file beside the journal, found none; make one with" in tarazy("events", "check", venue).err
    )
    assert "expected a journal with a market, found none at command 3" in tarazy("book", venue).err
    assert "expected a sequence number from 1 to 3, found 99" in tarazy("book", venue, "--at", 99).err
    missing = venue.with_name("missing")
    done = tarazy("instruct", "draft", venue.with_name("d"), "--facility", venue, "--officer", 1, "--from", missing)
    assert f"{missing}: expected a file or folder of this name, found: No such file or directory. Check" in done.err
    assert "found a file; choose another" in tarazy("export", venue, "--parquet", venue.with_name("a.key")).err


def test_a_demonstration_never_replaces_one_that_runs(tarazy: Run, tmp_path: Path) -> None:
    """The folder of an earlier demonstration gives way, unless a writer has it."""
    words = ("demo", "--simulated", "--commands", 1, "--out", tmp_path / "demo")
    assert tarazy(*words).code == 0
    lock = FolderLock(tmp_path / "demo")
    try:
        before = (tmp_path / "demo" / "facility.json").read_bytes()
        done = tarazy(*words)
        assert (done.code, "another writer has this folder" in done.err) == (1, True)
        assert (tmp_path / "demo" / "facility.json").read_bytes() == before
    finally:
        lock.release()
    assert tarazy(*words).code == 0


@pytest.mark.parametrize("name", ["two\nlines.txt", "odd\udcff.txt"])
def test_a_document_needs_a_name_that_everybody_can_read(tarazy: Run, venue: Path, name: str) -> None:
    document, draft = venue.with_name(name), venue.with_name("draft.json")
    document.write_bytes(b"x")
    words = ("--facility", venue, "--officer", 1, "--document", document)
    done = tarazy("instruct", "draft", draft, *words, *SUSPEND)
    assert (done.code, draft.exists()) == (2, False)
    assert "expected a document with a printable name, found" in done.err


def test_a_terminal_without_the_letters_gets_their_numbers_and_notes_stay_bytes(tarazy: Run, venue: Path) -> None:
    """A Kazakh name on a terminal that knows ASCII alone; a signed note has its dash in UTF-8 wherever it goes."""
    named = venue.with_name("named")
    assert create(tarazy, named, name="\u0410\u043b\u043c\u0430\u0442\u044b").code == 0
    program = "import sys; from tarazy.cli.main import main; sys.exit(main())"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": os.pathsep.join(sys.path)}
    outcomes = [
        subprocess.run([sys.executable, "-c", program, verb, named], env=environment, capture_output=True, check=False)
        for verb in ("verify", "head")
    ]
    assert [(each.returncode, each.stderr) for each in outcomes] == [(0, b""), (0, b"")]
    assert b"whole: \\u0410\\u043b\\u043c\\u0430\\u0442\\u044b" in outcomes[0].stdout
    assert "\n\u2014 tarazy/".encode() in outcomes[1].stdout
