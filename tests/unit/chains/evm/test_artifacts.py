"""Compiled contracts of the watch and of these tests are as their sources say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
FOLDERS = ("src/tarazy/screening/watch/contracts", "tests/unit/chains/evm/contracts")


@pytest.mark.parametrize("folder", FOLDERS)
def test_artifacts_are_what_the_compiler_makes_of_their_sources(node_tools: Path, folder: str) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "compile_contracts.py"), str(ROOT / folder), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
