"""A record with a market, a checkpoint and a signed head, as `tarazy demo` makes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.cli.main import main


class Record(NamedTuple):
    """A facility's folder, its proofs beside it, and the command of its checkpoint."""

    directory: Path
    proofs: Path
    seq: int
    report: Any
    proof: Any
    account_id: int


def made_record(folder: Path, account_id: int = 40) -> Record:
    """Return a record of a made-up market and the proof files of its newest checkpoint."""
    directory, out = folder / "venue", folder / "proofs"
    assert main(["demo", "--simulated", "--commands", "600", "--out", str(directory), "--json"]) == 0
    assert main(["proof", "make", str(directory), "--account", str(account_id), "--out", str(out), "--json"]) == 0
    path = next(out.glob("report-*.json"))
    seq = int(path.stem.partition("-")[2])
    proof = json.loads((out / f"proof-{seq}-account-{account_id}.json").read_text())
    return Record(directory, out, seq, json.loads(path.read_text()), proof, account_id)
