"""What is deployed is what the sources beside it compile to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("src/tarazy/chains/evm/own_contracts", "tests/unit/issuance/contracts")


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS)
def test_artifacts_are_as_compiled(folder: str, node_tools: Path) -> None:
    assert (node_tools / "node_modules").is_dir()
    command = [sys.executable, str(ROOT / "scripts" / "compile_contracts.py"), str(ROOT / folder), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
