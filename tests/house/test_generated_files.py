"""Generated files are as their definition says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .repository import ROOT


@pytest.mark.parametrize(
    "script",
    [
        "schemas/generate.py",
        "scripts/configuration_reference.py",
        "scripts/native_openapi.py",
        "scripts/fix_dictionary.py",
        "scripts/rulebook_pages.py",
        "scripts/import_picture.py",
        "scripts/screening_catalogue.py",
    ],
)
def test_generated_files_are_not_stale(script: str) -> None:
    done = subprocess.run([sys.executable, str(ROOT / script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run `make generate`:\n{done.stdout}{done.stderr}"
