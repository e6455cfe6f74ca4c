"""`tarazy demo`: the market runs, the report adds up, the specification agrees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tarazy.cli.demo_report import INVARIANTS
from tarazy.cli.engines import has_core

from .conftest import Done

Run = Callable[..., Done]
SMALL = ("demo", "--simulated", "--commands", 3_000, "--jobs", 2)
ENGINES = ["spec", pytest.param("core", marks=pytest.mark.skipif(not has_core(), reason="core is not built here"))]


@pytest.mark.parametrize("engine", ENGINES)
def test_demo_reports_and_the_specification_agrees(tarazy: Run, tmp_path: Path, engine: str) -> None:
    done = tarazy(*SMALL, "--engine", engine, "--out", tmp_path / "demo", "--json")
    assert done.code == 0, done.err
    assert done.json["agrees"] is True
    assert done.json["commands"] > 3_000
    assert done.json["fills"] > 0
    assert set(done.json["invariants"]) == set(INVARIANTS)
    assert all(count > 0 for count in done.json["invariants"].values())


def test_demo_report_adds_up_per_asset(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy(*SMALL, "--out", tmp_path / "demo", "--json")
    for asset in done.json["assets"]:
        assert asset["client_custody"] + asset["shortfall"] == (
            asset["available"] + asset["held"] + asset["unattributed"] + asset["fees_earned"] + asset["network_float"]
        )
        assert asset["house_custody"] == asset["house_equity"]
        assert sum(asset["locations"].values()) == asset["client_custody"] + asset["house_custody"]


def test_demo_shows_what_was_tried_in_vain(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy(*SMALL, "--out", tmp_path / "demo")
    assert "digests agree" in done.out
    codes = ("insufficient_fees", "evidence_already_used", "four_eyes_required", "house_cannot_trade")
    assert all(f"refused: {code}" in done.out for code in codes)


@pytest.mark.skipif(not has_core(), reason="core is not built here")
def test_demo_is_the_same_on_both_engines(tarazy: Run, tmp_path: Path) -> None:
    runs = [tarazy(*SMALL, "--engine", e, "--out", tmp_path / e, "--json").json for e in ("spec", "core")]
    assert runs[0]["digest"] == runs[1]["digest"]


def test_demo_replaces_an_earlier_demonstration_and_nothing_else(tarazy: Run, tmp_path: Path) -> None:
    out = tmp_path / "demo"
    assert tarazy(*SMALL, "--out", out).code == 0
    assert tarazy(*SMALL, "--out", out).code == 0
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    done = tarazy(*SMALL, "--out", other)
    assert done.code == 2
    assert (other / "notes.txt").read_text() == "mine"


def test_demo_says_when_the_named_flow_is_not_there(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy("demo", "--flow", tmp_path, "--out", tmp_path / "demo")
    assert done.code == 2
    assert "expected a Bitstamp order file" in done.err
