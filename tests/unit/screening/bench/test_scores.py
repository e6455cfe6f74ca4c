"""The bench counts right: rates, intervals, de-duplication, parts, and what engineers may look at."""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[4]
TRAILER = bytes.fromhex("a264697066735822" + "12" * 34 + "64736f6c63430008130033")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[type]:
    """Return the modules of the bench by name, and take them out again."""
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    before = set(sys.modules)

    class Bench:
        def __class_getitem__(cls, name: str) -> ModuleType:
            return importlib.import_module(name)

    yield Bench
    for name in set(sys.modules) - before:
        if name == "common" or name.startswith("screening"):
            del sys.modules[name]


def counts(bench: type, answers: str) -> dict[str, object]:
    """Return the rates of answers such as `1y 0n 1u`: label, then yes, no or unknown."""
    made = bench["screening_score"].Counts()
    words = {"y": "yes", "n": "no", "u": "unknown"}
    for pair in answers.split():
        made.add(pair[0] == "1", words[pair[1]])
    rates: dict[str, object] = made.rates()
    return rates


def test_unknown_is_a_column_and_recall_is_given_both_ways(bench: type) -> None:
    rates = counts(bench, "1y 1y 1y 1n 1u 1u 0y 0n 0n 0u")
    assert [rates[key] for key in ("tp", "fp", "fn", "tn", "unknown_positive", "unknown_negative")] == [
        3,
        1,
        1,
        2,
        2,
        1,
    ]
    assert (rates["precision"], rates["recall_unknown_is_miss"], rates["recall_unknown_dropped"]) == (0.75, 0.5, 0.75)
    assert (rates["f1_unknown_is_miss"], rates["f1_unknown_dropped"]) == (0.6, 0.75)


def test_always_unknown_is_no_success(bench: type) -> None:
    rates = counts(bench, "1u 1u 0u")
    assert rates["recall_unknown_is_miss"] == 0
    assert rates["recall_unknown_dropped"] is None
    assert rates["precision"] is None


def test_set_without_negatives_has_recall_alone(bench: type) -> None:
    rates = counts(bench, "1y 1n")
    assert rates["recall_unknown_is_miss"] == 0.5
    assert rates["precision"] is None
    assert rates["f1_unknown_is_miss"] is None
    assert rates["f1_unknown_is_miss_interval"] is None


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(18, 19, 0.7536, 0.9906), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (9, 10, 0.5958, 0.9821)],
)
def test_interval_is_wilson_s(bench: type, part: int, whole: int, low: float, high: float) -> None:
    assert bench["screening_score"].wilson(part, whole) == pytest.approx((low, high), abs=2e-4)


def test_interval_of_f1_holds_the_point_and_is_the_same_every_time(bench: type) -> None:
    score = bench["screening_score"]
    low, high = score.bootstrap_f1(18, 1, 2, 40)
    assert low < score.f1(18, 1, 2) < high
    assert (low, high) == score.bootstrap_f1(18, 1, 2, 40)


def test_published_counts_give_the_published_rates(bench: type) -> None:
    rates = counts(bench, " ".join(["1y"] * 18 + ["0y"] + ["1n"] * 2 + ["0n"] * 48))
    assert (rates["precision"], rates["recall_unknown_is_miss"]) == (0.9474, 0.9)


def write_set(folder: Path, rows: list[tuple[str, str, int, str, bytes]]) -> None:
    """Write a folder as the data of real contracts come: (set, id, label, kind, code)."""
    lines = ["set,id,label,kinds,meaning,runtime"]
    with tarfile.open(folder / "runtime-bytecode.tar.xz", "w:xz") as archive:
        for set_name, name, label, kind, code in rows:
            lines.append(f'{set_name},{name},{label},{kind},"a, b",runtime/{name}.hex')
            text = b"0x" + code.hex().encode()
            entry = tarfile.TarInfo(f"runtime/{name}.hex")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")


def test_equal_code_counts_once_and_code_with_two_labels_not_at_all(bench: type, tmp_path: Path) -> None:
    one, two, three = (bytes([0x60, n]) * 40 for n in range(3))
    rows = [
        ("crpwarner_sample", "a", 1, "mint", one),
        ("crpwarner_sample", "b", 1, "mint", one + TRAILER),
        ("crpwarner_sample", "c", 1, "leak", one),
        ("crpwarner_sample", "d", 1, "limit", two),
        ("crpwarner_sample", "e", 0, "limit", two + TRAILER),
        ("piedpiper_confirmed", "f", 1, "destroy", one),
        ("listed_benign", "g", 0, "listed:x:ABC", three),
    ]
    write_set(tmp_path, rows)
    found = bench["screening_sets"].read_real(tmp_path)
    kept = [(row.set, row.id, row.flag, row.capabilities, row.label) for row in found.rows]
    assert kept == [
        ("crpwarner_sample", "a", "mint", ("mint",), True),
        ("crpwarner_sample", "c", "leak", ("leak",), True),
        ("piedpiper_confirmed", "f", "destroy", ("burn", "balance_change"), True),
        ("listed_benign", "g", "", (), None),
    ]
    assert found.notes["crpwarner_sample"] == {"rows": 5, "same_code": 2, "two_labels_for_one_code": 1}
    assert len(found.codes) == 3


def test_part_is_decided_by_the_code_alone(bench: type) -> None:
    sets = bench["screening_sets"]
    code = bytes([0x60, 1]) * 40
    assert sets.key_of(code) == sets.key_of(code + TRAILER)
    parts = {sets.part_of(f"{n:02x}" + "0" * 62) for n in range(256)}
    assert parts == {sets.TUNING, sets.REPORTING}
    assert [sets.part_of(key * 32) for key in ("00", "01", "fe", "ff")] == [
        sets.TUNING,
        sets.REPORTING,
        sets.TUNING,
        sets.REPORTING,
    ]


def test_several_powers_answer_one_flag(bench: type) -> None:
    run = bench["screening_run"]

    def combined(**answers: str) -> str:
        found = {name: (answer, "") for name, answer in answers.items()}
        outcome = run.Outcome(found, {}, "unknown", (), 0.0, False, "", 0.0, 0, True)
        answer: str = outcome.combined(("burn", "balance_change"))[0]
        return answer

    assert combined(burn="no", balance_change="yes") == "yes"
    assert combined(burn="unknown", balance_change="yes") == "yes"
    assert combined(burn="no", balance_change="unknown") == "unknown"
    assert combined(burn="no", balance_change="no") == "no"


def test_baseline_finds_names_and_nothing_else(bench: type) -> None:
    baseline = bench["screening_baseline"]
    code = bytes.fromhex("5f3560e01c806340c10f1914601157005f5ffd5b00")
    assert baseline.by_selectors(code, ("mint",)) == "yes"
    assert baseline.by_selectors(code, ("limit",)) == "no"
    assert baseline.by_selectors(code.replace(bytes.fromhex("40c10f19"), b"\x12\x34\x56\x78"), ("mint",)) == "no"


def test_reporting_part_is_not_listed() -> None:
    command = [sys.executable, str(ROOT / "bench" / "screening.py"), "--part", "reporting", "--disagreements"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "counted, not looked at" in done.stderr
