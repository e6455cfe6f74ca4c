"""Reserves in a report: a bank's line by its hash, a custodian's apart, ratios in units, on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tarazy.cli.main import main

from .records import Record, made_record


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return made_record(tmp_path_factory.mktemp("reserves"))


def write(record: Record, folder: Path, lines: list[Any], changes: Any = None) -> Path:
    """Write a reserves file."""
    values = {"format": "tarazy reserves 1", "facility_id": record.report["facility_id"], "seq": record.report["seq"]}
    path = folder / "reserves.json"
    path.write_text(json.dumps(values | {"lines": lines} | (changes or {})))
    return path


def test_report_shows_ratio_grade_and_age_of_each_asset(
    record: Record, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half of what is owed in USD is in a bank, a quarter with a custodian: 750,000 parts per million, a third
    attested.
    """
    owed = int(record.report["assets"][1]["liabilities_minor"])
    shared = {"asset_id": 2, "observed_ns": record.report["ts_ns"], "location": "bank", "statement_sha256": "ab" * 32}
    bank = shared | {"kind": "bank_statement", "account": "KZ86125KZT5004100100", "amount_minor": str(owed // 2)}
    kept = shared | {"kind": "custodian", "custodian": "C", "height": "5", "amount_minor": str(owed // 4)}
    path = write(record, tmp_path, [bank, kept])
    capsys.readouterr()
    made = ["proof", "make", str(record.directory), "--reserves", str(path), "--out", str(tmp_path), "--json"]
    assert main(made) == 0
    usd = json.loads(capsys.readouterr().out.splitlines()[-1])["coverage"]["2"]
    assert (usd["ratio_ppm"], usd["is_covered"]) in ((750_000, False), (749_999, False))
    assert (usd["by_grade_minor"]["bank_message"], usd["custodian_minor"]) == (str(owed // 2), str(owed // 4))
    assert usd["oldest_evidence_s"] > 0
    report = tmp_path / f"report-{record.seq}.json"
    assert main(["proof", "verify", str(report), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["coverage"]["2"]["ratio_ppm"] == usd["ratio_ppm"]


@pytest.mark.parametrize(
    "change", [{"facility_id": "00" * 16}, {"seq": "1"}, {"lines": [{"kind": "a promise"}]}, {"lines": 5}]
)
def test_reserves_of_others_or_of_no_kind_are_refused(record: Record, tmp_path: Path, change: Any) -> None:
    path = write(record, tmp_path, [], change)
    made = ["proof", "make", str(record.directory), "--reserves", str(path), "--out", str(tmp_path / "out"), "--json"]
    assert main(made) == 1
    assert not (tmp_path / "out").exists()
