"""Kinds of contracts that a screening once read wrongly, or could: our own, each one mechanism, with what is right.

`kinds/expected.csv` names them with what must, and must not, be said; the columns are those of the patterns
(`tests.corpus.patterns`). Why each is right stands in docs/reference/token-corpus.md.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

from tarazy.cli.screening.screen_source import installed
from tests.corpus.patterns import ROOT, Pattern, creation_of, job_of, pattern_of

FOLDER = Path(__file__).resolve().parent / "kinds"
UNOPTIMISED = "unoptimised.sol"  # what the optimiser would work out, this one leaves to the constructor


def rows() -> list[dict[str, str]]:
    """Return the lines of the table."""
    return list(csv.DictReader((FOLDER / "expected.csv").read_text().splitlines()))


@cache
def kinds(tools: Path) -> dict[str, Pattern]:
    """Return the kinds by name, compiled by one process; `tools` is where the npm tools are."""
    node = shutil.which("node")
    assert node is not None
    sources = sorted({row["source"] for row in rows()})
    jobs = [job_of(name, (FOLDER / name).read_text(), installed(tools)) for name in sources]
    for name, job in zip(sources, jobs, strict=True):
        if name == UNOPTIMISED:
            job["input"]["settings"]["optimizer"]["enabled"] = False
    command = [node, str(ROOT / "tools" / "node" / "compile.mjs"), str(tools)]
    done = subprocess.run(command, input=json.dumps(jobs), capture_output=True, text=True, check=True)
    outputs = [result["output"]["contracts"] for result in json.loads(done.stdout)]
    made = {name: found[name] for name, found in zip(sources, outputs, strict=True)}
    return {row["id"]: pattern_of(row, creation_of(made[row["source"]][row["id"]])) for row in rows()}
