"""`--json` ends in one JSON object whatever happens, and no traceback reaches a user: closed, full, deep, wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tarazy.cli.journal import verify

from .conftest import Done

Run = Callable[..., Done]

PROGRAM = [sys.executable, "-m", "tarazy.cli.main"]
DEEP = "[" * 100_000 + "]" * 100_000
HUGE = "9" * 6_000
FIRST = "0x" + "11" * 20


def run(*words: object, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own."""
    more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "timeout": 60, **more}
    return subprocess.run([*PROGRAM, *map(str, words)], check=False, **more)


def only_object(out: str, err: str) -> dict[str, Any]:
    """Return the object that is all of stdout."""
    assert "Traceback" not in err, err[-2_000:]
    lines = out.splitlines()
    assert len(lines) == 1, out[:500]
    found = json.loads(lines[0])
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("words", "code", "key"),
    [
        (["--json"], 2, "error"),
        (["--json", "--version"], 0, "version"),
        (["--help", "--json"], 0, "help"),
        (["nonsense", "--json"], 2, "error"),
        (["verify", "--json"], 2, "error"),
        (["verify", "--help", "--json"], 0, "help"),
        (["verify", "--nonsense", "--json", "x"], 2, "error"),
        (["verify", "--json", "/nowhere"], 1, "error"),
        (["officer", "--json"], 2, "error"),
        (["officer", "nonsense", "--json"], 2, "error"),
        (["import", "bitstamp", "--json"], 2, "error"),
        (["screen", "--json"], 2, "error"),
        (["screening", "serve", "--port", "99999999", "--json"], 2, "error"),
        (["screening", "serve", "--port", "0", "--criteria", "strict", "--json"], 1, "error"),
    ],
)
def test_every_end_is_one_object(
    tarazy: Run, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, key: str, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    done = tarazy(*words)
    found = only_object(done.out, done.err)
    assert (done.code, next(iter(found))) == (code, key), done.err
    assert found[key]


def test_unknown_criteria_stop_every_start_with_the_names(
    tarazy: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.hex").write_text("0x00")
    for words in (
        ["screening", "serve", "--port", "0", "--criteria", "strict", "--json"],
        ["screening", "watch", "--rpc", "http://[::1]:1", "--token", FIRST, "--criteria", "strict", "--json"],
        ["screen", "--criteria", "strict", "--bytecode", "x.hex", "--json"],
    ):
        done = tarazy(*words)
        error = only_object(done.out, done.err)["error"]
        assert "criteria 'strict'" in error, words
        assert "house from 2" in error, words


@pytest.mark.parametrize("content", [DEEP, f'[{{"a": {HUGE}}}]', "\x00", "{", '{"dossier": ' + DEEP + "}", HUGE])
@pytest.mark.parametrize(
    "words", [["screening", "dossier"], ["instruct", "show"], ["instruct", "status"], ["check-proof"]]
)
def test_deep_and_huge_input_is_one_line_of_error(
    tarazy: Run, monkeypatch: pytest.MonkeyPatch, words: list[str], content: str, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "given.json"
    path.write_text(content)
    more = ["--facility", tmp_path] if words[-1] == "status" else []
    done = tarazy(*words, path, *more, "--json")
    assert only_object(done.out, done.err)["error"]
    assert done.code in (1, 2)
    assert "a defect" not in done.err, done.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [["--help"], ["verify", "/nowhere", "--json"]])
def test_full_stdout_is_said_in_one_line(words: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = run(*words, stdout=full)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert "expected to write to stdout, found: No space left on device" in done.stderr


@pytest.mark.parametrize("words", [["--help"], ["verify", "--help"], ["verify", "/nowhere", "--json"]])
def test_closed_pipe_and_closed_stdout_leave_no_traceback(words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = run(*words, stdout=writing)
    os.close(writing)
    assert done.returncode == 128 + signal.SIGPIPE
    assert "stdout" not in done.stderr
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr
    shell = f"exec {' '.join(PROGRAM)} {' '.join(words)} >&-"
    closed = subprocess.run(["sh", "-c", shell], stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (closed.returncode, "Traceback" in closed.stderr) == (1, False), closed.stderr


@pytest.mark.parametrize("ending", ["2>&-", "2>/dev/full"])
def test_lost_stderr_does_not_take_the_object_away(ending: str) -> None:
    shell = f"exec {' '.join(PROGRAM)} verify /nowhere --json {ending}"
    done = subprocess.run(["sh", "-c", shell], stdout=subprocess.PIPE, text=True, check=False, timeout=60)
    assert "/nowhere" in json.loads(done.stdout)["error"]
    assert done.returncode == 1


def test_defect_is_told_in_one_line_and_its_traceback_kept(
    tarazy: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> int:
        raise KeyError("no such key")

    monkeypatch.setattr(verify, "run", broken)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    done = tarazy("verify", "x", "--json")
    error = only_object(done.out, done.err)["error"]
    assert "a defect: KeyError" in error
    kept = next(tmp_path.glob("tarazy-defect-*.txt"))
    assert str(kept) in error
    assert "Traceback" in kept.read_text()
