"""One edition of a set of criteria: its figures, its weights, and since when it applies."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Threshold:
    """One figure, the unit it counts in, and where it comes from."""

    value: int
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Criteria:
    """One edition of a set of criteria."""

    name: str
    title: str
    applies_from: datetime.date
    status: str
    without_chain: str
    thresholds: Mapping[str, Threshold]
    weights: Mapping[str, str]

    def value(self, threshold: str) -> int:
        """Return the figure of a threshold, in its unit."""
        return self.thresholds[threshold].value
