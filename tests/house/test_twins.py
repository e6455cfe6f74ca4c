"""spec and core are twins: the same files, in them the same public names in the same order, and the same stages.

What one of the two has no use for is listed here with its reason.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from .repository import ROOT, SOURCE

CORE = ROOT / "core" / "src"
FILES = sorted(path for path in (SOURCE / "spec").glob("*.py") if path.stem != "__init__")
STAGE = re.compile(r"^\s*(?:#|//) ((?:GATE|HOLD|MATCH|POST|EMIT)(?: (?:GATE|HOLD|MATCH|POST|EMIT))*)\s*$", re.MULTILINE)
DEFINED = re.compile(r"^\s*(?:pub(?:\(\w+\))? )?(?:const )?(?:fn|struct|enum|type|trait) (\w+)", re.MULTILINE)

# Names that only spec has, with the reason.
SPEC_ONLY: dict[str, dict[str, str]] = {
    "accounts": {"count_holdings": "a method of core's State, beside the table it counts"},
    "book": {"is_trigger_above": "stands behind Book, whose slots it does not need"},
    "custody_sections": {"split": "core writes 128-bit numbers at once"},
    "matching": {
        "Fill": "a variant of core's Action",
        "Replenishment": "a variant of core's Action",
        "MakerExpired": "a variant of core's Action",
        "Reduction": "a variant of core's Action",
        "match": "a keyword of Rust; core's is match_order",
        "affordable_lots": "a method of core's Taker",
    },
    "snapshot": {
        "ledger_accounts": "core's ledger lists its accounts itself",
        "listed_orders": "core's book lists its orders itself",
        "decode_parameter": "core reads fields where they stand",
        "decode_state": "core's decode reads all; its Venue.restore catches what makes no sense",
    },
    "snapshot_bytes": {
        "split": "core writes 128-bit numbers at once",
        "join": "core reads 128-bit numbers at once",
    },
    "venue": {
        "advance_time": "an empty branch of core's dispatch",
        "run_due": "two lines in core's apply_one",
        "check_command": "core's invariants check what a command touched",
    },
}


def python_names(path: Path) -> list[str]:
    """Return the public functions and classes of a module, in order."""
    found = (ast.FunctionDef, ast.ClassDef)
    return [n.name for n in ast.parse(path.read_text()).body if isinstance(n, found) and not n.name.startswith("_")]


def rust_names(path: Path) -> list[str]:
    """Return what a Rust file defines, at any depth, each name once, in order."""
    return list(dict.fromkeys(DEFINED.findall(path.read_text())))


def twin(path: Path) -> Path:
    """Return the Rust file of a Python file."""
    return CORE / f"{path.stem}.rs"


def test_both_have_the_same_files() -> None:
    missing = {path.stem for path in FILES} - {path.stem for path in CORE.glob("*.rs")}
    assert not missing, f"write these files in core/src: {sorted(missing)}"


def test_every_file_of_core_says_what_it_is_for() -> None:
    silent = [path.name for path in CORE.glob("*.rs") if not path.read_text().startswith("//! ")]
    assert not silent, f"begin these files with a sentence, `//! ...`: {sorted(silent)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_twin_has_the_same_names_in_the_same_order(path: Path) -> None:
    excused = SPEC_ONLY.get(path.stem, {})
    names = [name for name in python_names(path) if name not in excused]
    rust = rust_names(twin(path))
    missing = [name for name in names if name not in rust]
    assert not missing, f"{path.stem}: only in spec: {missing}; write them in core, or give the reason in SPEC_ONLY"
    assert [name for name in rust if name in names] == names, f"{path.stem}: expected the order {names}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_twin_shows_the_same_stages_in_the_same_order(path: Path) -> None:
    assert STAGE.findall(twin(path).read_text()) == STAGE.findall(path.read_text())
