"""Ctrl-C ends a verb soon, in one object and without a traceback, whatever it is doing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

END_S = 8.0  # a second on a machine that does nothing else


def heed_keyboard() -> None:
    """Take Ctrl-C as a terminal gives it: what runs in a shell's background is told to ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def stopped(folder: Path, words: list[str], until: str, seconds: float = 0.0) -> tuple[int, str, str, float]:
    """Run the program, press Ctrl-C once stderr says something, and return code, stdout, stderr and time to the end."""
    program = [sys.executable, "-m", "tarazy.cli.start", *words]
    with (folder / "err").open("wb") as errors:
        process = subprocess.Popen(
            program,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=folder,
            start_new_session=True,
            preexec_fn=heed_keyboard,
        )
        give_up = time.monotonic() + 60
        while until not in (folder / "err").read_text() and time.monotonic() < give_up:
            time.sleep(0.01)
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGINT)
        began = time.monotonic()
        out, _ = process.communicate(timeout=60)
    return process.returncode, out.decode(), (folder / "err").read_text(), time.monotonic() - began


def test_while_the_program_loads(tmp_path: Path) -> None:
    """A verb whose imports never end stands for every moment of loading."""
    endless = "import sys, time; sys.stderr.write('loading'); sys.stderr.flush(); time.sleep(60)"
    (tmp_path / "rich.py").write_text(endless)  # found before the library of this name
    code, out, err, took_s = stopped(tmp_path, ["verify", "/nowhere", "--json"], "loading")
    assert (code, took_s < END_S, "Traceback" in err) == (130, True, False), (took_s, err)
    assert json.loads(out) == {"error": "stopped by the keyboard"}


def test_while_tokens_are_screened(tmp_path: Path) -> None:
    codes = tmp_path / "codes"
    codes.mkdir()
    corpus = Path(__file__).parents[1] / "corpus" / "tokens"
    for number, path in enumerate(sorted(corpus.glob("*/vulnerable.json"))[:40]):
        contracts = json.loads(path.read_text())["contracts"]
        (codes / f"{number}.hex").write_text(contracts["Token"]["runtime"])
    code, out, err, took_s = stopped(tmp_path, ["screen", "--bytecode-dir", "codes", "--json"], "", 4.0)
    assert (code, took_s < END_S, "Traceback" in err) == (130, True, False), (took_s, err)
    assert json.loads(out.splitlines()[-1]) == {"error": "stopped by the keyboard"}


def test_while_a_service_answers(tmp_path: Path) -> None:
    words = ["screening", "serve", "--port", "0", "--data", "data", "--json"]
    code, out, err, took_s = stopped(tmp_path, words, "tarazy screening serves")
    assert (code, took_s < END_S, "Traceback" in err) == (0, True, False), (took_s, err)
    assert json.loads(out)["url"]
