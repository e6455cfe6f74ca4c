"""An authority for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from .office import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Found an authority with three officers."""
    return Office(tmp_path / "authority")
