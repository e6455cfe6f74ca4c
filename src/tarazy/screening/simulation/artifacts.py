"""Our own contracts in compiled form. The sources stand beside them; a test compiles them anew and compares."""

from __future__ import annotations

import functools
import json
from pathlib import Path

FOLDER = Path(__file__).parent / "contracts" / "artifacts"


@functools.cache
def runtime(name: str) -> bytes:
    """Return the runtime code of one of our contracts, by its name."""
    return bytes.fromhex(_contract(name)["runtime"][2:])


@functools.cache
def creation(name: str) -> bytes:
    """Return the creation code of one of our contracts, by its name."""
    return bytes.fromhex(_contract(name)["creation"][2:])


def _contract(name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((FOLDER / f"{name}.json").read_text())["contracts"][name]
    return found
