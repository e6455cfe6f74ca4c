"""How the flow tests play: on the fastest engine that is here; both engines give the same events."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tarazy.market_data.played import Flow, play
from tests.conftest import ENGINES

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "orderflow"


def played(flow: Flow, engine: Any = None) -> Any:
    """Return the report of a flow that was played on an empty venue."""
    venue = (engine or ENGINES.get("core", ENGINES["spec"]))()
    return play(flow, venue.apply)


def recorded(name: str) -> Path:
    """Return a published file, or skip where it is not there."""
    flow = os.environ.get("FLOW")
    folder = Path(flow) if flow and Path(flow).is_dir() else SHARED
    path = folder / name
    if not path.exists():
        pytest.skip(f"{path} is not there; set FLOW to a folder with {name}")
    return path
