"""The real server with its pages, started for a test and stopped by its signal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CORPUS = Path(__file__).parents[1] / "corpus" / "tokens"
STOP_S = 60


@contextmanager
def started(folder: Path, *words: object) -> Iterator[dict[str, str]]:
    """Run a verb that serves, and yield what it says with --json once it answers."""
    command = [sys.executable, "-m", "tarazy.cli.main", *map(str, words), "--json"]
    log = folder / "server.log"
    with log.open("wb") as errors:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert server.stdout is not None
        try:
            told = next((line for line in server.stdout if line.startswith("{")), None)
            assert told is not None, log.read_text()[-3000:]
            yield json.loads(told)
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(STOP_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            server.stdout.close()


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[str]:
    """Run `tarazy screening serve` on a free port and yield the address of its pages."""
    with started(folder, "screening", "serve", "--port", "0", "--data", folder / "data", *words) as told:
        yield told["url"] + "/screening"


def built(token: str, side: str = "vulnerable") -> dict[str, str]:
    """Return the built contract of a token of the corpus."""
    found: dict[str, str] = json.loads((CORPUS / token / f"{side}.json").read_text())["contracts"]["Token"]
    return found
