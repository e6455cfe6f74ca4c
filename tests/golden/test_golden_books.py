"""The books and events of small scripts are what they were. `pytest tests/golden --update-golden` rewrites them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.domain.engine import Engine

from .script import run

SCRIPTS = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_golden_book(engine: type[Engine], path: Path, request: pytest.FixtureRequest) -> None:
    text = path.read_text()
    now = run(engine, text)
    if request.config.getoption("--update-golden"):
        path.write_text(now)
        return
    assert now.splitlines() == text.splitlines(), f"{path.name} differs; --update-golden rewrites it if that is right"
