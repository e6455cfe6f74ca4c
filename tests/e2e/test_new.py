"""`tarazy new check NAME`: a skeleton that loads once it is documented, and clear refusals."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Done

Run = Callable[..., Done]
ROOT = Path(__file__).resolve().parents[2]
CHECKS = Path("src/tarazy/screening/checks")
TESTS = Path("tests/unit/screening/checks")
LOAD = "from tarazy.screening.checks import load_check; print(load_check('frozen_supply').title)"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a folder with the sources, and the tests' folder of checks, to write to."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / TESTS).mkdir(parents=True)
    return tmp_path


def load(clone: Path) -> subprocess.CompletedProcess[str]:
    """Load the new check in a process that uses the copy."""
    environment = os.environ | {"PYTHONPATH": str(clone / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, "-c", LOAD], env=environment, capture_output=True, text=True, check=False)


def test_skeleton_names_its_missing_field_until_it_is_documented_and_then_loads(tarazy: Run, clone: Path) -> None:
    done = tarazy("new", "check", "frozen_supply", "--root", clone, "--json")
    assert done.code == 0, done.err
    assert done.json["name_added"] is True
    assert [clone / path for path in done.json["written"]] == [
        clone / CHECKS / "frozen_supply.py",
        clone / TESTS / "test_frozen_supply.py",
    ]
    assert "expected text in the field 'title'" in load(clone).stderr
    check = clone / CHECKS / "frozen_supply.py"
    filled = {"title": "T", "sees": "S", "cannot_see": "C", "impact": "low", "confidence": "low"}
    filled |= {"fires": "a/vulnerable", "must_not_fire": "a/benign"}
    text = check.read_text()
    for field, value in filled.items():
        text = text.replace(f'{field} = ""', f'{field} = "{value}"')
    check.write_text(text)
    loaded = load(clone)
    assert loaded.stdout == "T\n", loaded.stderr


def test_skeleton_is_as_the_linter_wants_it(tarazy: Run, clone: Path) -> None:
    written = tarazy("new", "check", "frozen_supply", "--root", clone, "--json").json["written"]
    shutil.copy(ROOT / "pyproject.toml", clone)
    for how in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *how, "--no-cache", *written]
        done = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_comes_next_is_said(tarazy: Run, clone: Path) -> None:
    done = tarazy("new", "check", "frozen_supply", "--root", clone)
    assert f"wrote {CHECKS}/frozen_supply.py" in done.out
    assert "test_frozen_supply.py" in done.out
    assert "make generate" in done.out


def test_name_that_is_there_is_refused_and_nothing_is_written(tarazy: Run, clone: Path) -> None:
    assert tarazy("new", "check", "frozen_supply", "--root", clone).code == 0
    before = {path: path.read_bytes() for path in clone.rglob("*.py")}
    done = tarazy("new", "check", "frozen_supply", "--root", clone)
    assert done.code == 2
    assert "frozen_supply.py already there" in done.err
    assert {path: path.read_bytes() for path in clone.rglob("*.py")} == before


@pytest.mark.parametrize("name", ["Mint", "mint-fast", "2fast", "_mint", "mint__fast", "base", "a" * 41, "../mint", ""])
def test_ill_formed_name_is_refused_with_what_was_expected(tarazy: Run, clone: Path, name: str) -> None:
    done = tarazy("new", "check", name, "--root", clone)
    assert done.code == 2
    assert "expected a name of lower-case words" in done.err
    assert not list((clone / TESTS).iterdir())


def test_folder_that_is_no_clone_is_refused(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy("new", "check", "frozen_supply", "--root", tmp_path)
    assert done.code == 2
    assert "expected the folder" in done.err
