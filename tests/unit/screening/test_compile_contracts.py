"""The compile tool: what it refuses, what it says, and that drift is found and named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[3] / "scripts" / "compile_contracts.py"
SETTINGS = '[settings]\ncompiler = "0.8.37"\noptimizer = true\n'
SOURCE = "pragma solidity ^0.8.0;\n\ncontract Box {\n    uint256 public held = 7;\n}\n"


def run(folder: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the tool on a folder, with another search path where one is given."""
    environment = os.environ | ({} if path is None else {"PATH": path})
    command = [sys.executable, str(TOOL), str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def write(folder: Path, settings: str = SETTINGS, source: str = SOURCE) -> Path:
    """Write a folder with one source."""
    (folder / "compile.toml").write_text(settings)
    (folder / "Box.sol").write_text(source)
    return folder


def test_folder_without_compile_toml_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode
    assert "expected a compile.toml" in done.stderr


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ("[settings]\noptimizer = true\n", "expected a compiler"),
        (SETTINGS + "speed = 9\n", "speed"),
        (SETTINGS + 'runs = "many"\n', "runs"),
        (SETTINGS + '[sources."Bax.sol"]\nruns = 1\n', "no source matches Bax.sol"),
        (SETTINGS + "[extras]\n", "extras"),
        ("settings = ", "compile.toml"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(tmp_path: Path, settings: str, complaint: str) -> None:
    done = run(write(tmp_path, settings))
    assert done.returncode
    assert complaint in done.stderr


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('import "../Outside.sol";', "inside the folder"),
        ('import "somewhere/Token.sol";', "by relative path"),
        ('import "./Missing.sol";', "which is not there"),
    ],
)
def test_import_that_cannot_be_followed_is_refused(tmp_path: Path, line: str, complaint: str) -> None:
    done = run(write(tmp_path, source=f"{line}\n{SOURCE}"))
    assert done.returncode
    assert complaint in done.stderr


def test_missing_node_is_named_with_what_to_do(tmp_path: Path) -> None:
    done = run(write(tmp_path), path=str(tmp_path))
    assert done.returncode
    assert "expected `node` on the path, found none; install Node.js" in done.stderr


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    """Return a folder that was compiled."""
    if not shutil.which("npm"):
        assert not os.environ.get("CI"), "install node and npm: CI runs the compilers"
        pytest.skip("npm is not here, so nothing can be compiled")
    done = run(write(tmp_path))
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_what_was_compiled_passes_the_check_and_compiles_to_the_same_again(compiled: Path) -> None:
    first = (compiled / "Box.json").read_bytes()
    assert run(compiled, "--check").returncode == 0
    (compiled / "Box.json").unlink()
    run(compiled)
    assert (compiled / "Box.json").read_bytes() == first


def test_changed_source_or_artifact_fails_the_check_by_name(compiled: Path) -> None:
    artifact = compiled / "Box.json"
    good = artifact.read_text()
    artifact.write_text(good.replace('"runtime": "0x60', '"runtime": "0x61'))
    assert "Box.json: not what its source compiles to" in run(compiled, "--check").stderr
    artifact.write_text(good)
    write(compiled, source=SOURCE.replace("7", "8"))
    assert "Box.json: not what its source compiles to" in run(compiled, "--check").stderr
    artifact.unlink()
    assert "Box.json: missing" in run(compiled, "--check").stderr


def test_error_of_the_compiler_and_unknown_compiler_are_told(compiled: Path) -> None:
    done = run(write(compiled, source=SOURCE.replace("uint256", "uint257")))
    assert done.returncode
    assert "uint257" in done.stderr
    done = run(write(compiled, settings='[settings]\ncompiler = "0.8.1"\n'))
    assert done.returncode
    assert "found 0.8.1" in done.stderr
