"""Slither's ERC-20 checks on our own sources, beside us on one question: can mint, limit or leak happen to holders?

Slither is AGPL and no part of the product: it runs in processes of its own, and only where it is found
(TARAZY_SLITHER names the program or its environment, else the PATH is searched).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import common
import screening_baseline as baseline
import screening_corpus as corpus
from screening_run import Outcome
from screening_score import Counts

from tests.corpus.loader import CorpusToken, load

PROGRAM = "slither-check-erc"
SECONDS_MAX = 120
CORE = ("mint", "limit", "leak")
FOLDER = common.ROOT / "tests" / "corpus" / "tokens"
# Nearly every token lacks increaseAllowance; that it does says nothing of its holders' funds.
NOT_COUNTED = "race condition"


def program() -> Path | None:
    """Return slither-check-erc, or None where it is not found."""
    given = os.environ.get("TARAZY_SLITHER", "")
    for path in (given, os.path.join(given, PROGRAM), os.path.join(given, "bin", PROGRAM)):
        if given and os.path.isfile(path) and os.access(path, os.X_OK):
            return Path(path)
    found = shutil.which(PROGRAM)
    return Path(found) if found else None


def measure(outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """Return the rates of Slither, of the selector baseline and of us on the same tokens, or why there are none."""
    found = program()
    if found is None:
        return {"skipped": f"{PROGRAM} not found on PATH nor by TARAZY_SLITHER"}
    tokens = [token for token in load() if any(flag in token.labels for flag in CORE)]
    with TemporaryDirectory() as folder:
        solc = write_solc(Path(folder))
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            said = list(threads.map(lambda token: complains(found, solc, token), tokens))
    slither = {token.name: answer for token, answer in zip(tokens, said, strict=True)}
    answers: dict[str, Callable[[CorpusToken], str]] = {
        "slither-check-erc": lambda token: slither[token.name],
        "selector baseline": lambda token: baseline.by_selectors(token.runtime, CORE),
        "tarazy, runtime code": lambda token: outcomes[corpus.key_of(corpus.RUNTIME, token)].combined(CORE)[0],
        "tarazy, as deployed": lambda token: outcomes[corpus.key_of(corpus.DEPLOYED, token)].combined(CORE)[0],
    }
    return {"question": "any of mint, limit, leak", "scores": {name: rates(tokens, by) for name, by in answers.items()}}


def rates(tokens: list[CorpusToken], answer: Callable[[CorpusToken], str]) -> dict[str, Any]:
    """Return the rates of one detector."""
    counts = Counts()
    for token in tokens:
        counts.add(any(token.labels.get(flag) == "yes" for flag in CORE), answer(token))
    return counts.rates()


def write_solc(folder: Path) -> Path:
    """Write a program that answers as solc does, with the pinned compilers behind it."""
    path = folder / "solc"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{common.ROOT / "bench" / "screening_solc.py"}" "$@"\n')
    path.chmod(0o755)
    return path


def complains(found: Path, solc: Path, token: CorpusToken) -> str:
    """Return yes where a check fails, no where all pass, unknown where they did not run."""
    command = [str(found), str(FOLDER / f"{token.name}.sol"), "Token", "--erc", "ERC20", "--solc", str(solc)]
    version = token.compiler.partition("+")[0]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
            cwd=solc.parent,
            env=os.environ | {"TARAZY_SOLC_VERSION": version},
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    lines = (done.stdout + done.stderr).splitlines()
    if not any("[✓]" in line for line in lines):
        return "unknown"
    return "yes" if any("[ ]" in line and NOT_COUNTED not in line for line in lines) else "no"
