"""The insolvency file: the same bytes from either engine and from a copy of the journal, and sums that the ledger
confirms.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tarazy.cli.main import main

from .records import Record, made_record

POINTS = (1, 2, 200, 0)  # 0: the last one


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return made_record(tmp_path_factory.mktemp("insolvency"))


def made(directory: Path, out: Path, seq: int, engine: str) -> bytes:
    """Return the file's bytes."""
    at = ["--at", str(seq)] if seq else []
    assert main(["insolvency-file", str(directory), *at, "--out", str(out), "--engine", engine, "--json"]) == 0
    return out.read_bytes()


@pytest.mark.parametrize("seq", POINTS)
def test_bytes_are_the_same_whoever_makes_it(record: Record, seq: int, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(record.directory, copy)
    shutil.rmtree(copy / "snapshots", ignore_errors=True)
    engines = ["spec", "core"] if find_spec("tarazy_core") else ["spec"]
    files = {made(copy, tmp_path / f"{engine}.jsonl", seq, engine) for engine in engines}
    files.add(made(record.directory, tmp_path / "file.jsonl", seq, engines[-1]))
    assert len(files) == 1


def test_claims_and_receipts_add_up_to_what_the_report_owes(record: Record, tmp_path: Path) -> None:
    """Two ways to the same number: the claims one by one, and the tops of the signed trees."""
    lines: list[Any] = [
        json.loads(line) for line in made(record.directory, tmp_path / "file.jsonl", record.seq, "spec").splitlines()
    ]
    owed: Counter[int] = Counter()
    for line in lines:
        if line["line"] == "claim":
            owed[line["asset_id"]] += int(line["available_minor"]) + int(line["held_minor"])
            assert int(line["held_for_withdrawals_minor"]) <= int(line["held_minor"])
        elif line["line"] == "receipt":
            owed[line["asset_id"]] += int(line["amount_minor"])
    reported = {row["asset_id"]: int(row["liabilities_minor"]) for row in record.report["assets"]}
    assert {asset_id: owed[asset_id] for asset_id in reported | owed} == reported
    assert lines[0]["liabilities_root"] == record.report["root"]
    assert lines[-1] == {"line": "end", "lines": len(lines)}


def test_file_is_readable_by_its_owner_alone(record: Record, tmp_path: Path) -> None:
    made(record.directory, tmp_path / "file.jsonl", 0, "spec")
    assert (tmp_path / "file.jsonl").stat().st_mode & 0o777 == 0o600
