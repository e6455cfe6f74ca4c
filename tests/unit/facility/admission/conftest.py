"""A bureau for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from .bureau import Bureau


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    """Found a desk."""
    return Bureau(tmp_path)
