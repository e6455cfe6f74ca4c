"""Counts and rates: what was right, what was wrong, what stayed unknown, and how sure one can be of the rates."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any

Z = 1.959964  # 95 %
RESAMPLES = 2_000
Interval = tuple[float, float]


@dataclass(slots=True)
class Counts:
    """Answers against labels; unknown is a column of its own for each label."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0
    unknown_positive: int = 0
    unknown_negative: int = 0

    def add(self, label: bool, answer: str) -> None:
        """Count one answer, `yes`, `no` or `unknown`."""
        if answer == "unknown":
            field = "unknown_positive" if label else "unknown_negative"
        elif answer == "yes":
            field = "tp" if label else "fp"
        else:
            field = "fn" if label else "tn"
        setattr(self, field, getattr(self, field) + 1)

    def rates(self) -> dict[str, Any]:
        """Return counts with precision, and recall and F1 in both readings of unknown; None where undefined.

        A set without negatives has recall alone: its precision would be 1 for whoever always says yes.
        """
        missed = self.fn + self.unknown_positive
        rates = {
            "tp": self.tp,
            "fp": self.fp,
            "fn": self.fn,
            "tn": self.tn,
            "unknown_positive": self.unknown_positive,
            "unknown_negative": self.unknown_negative,
            "precision": share(self.tp, self.tp + self.fp),
            "precision_interval": wilson(self.tp, self.tp + self.fp),
            "recall_unknown_is_miss": share(self.tp, self.tp + missed),
            "recall_unknown_is_miss_interval": wilson(self.tp, self.tp + missed),
            "recall_unknown_dropped": share(self.tp, self.tp + self.fn),
            "recall_unknown_dropped_interval": wilson(self.tp, self.tp + self.fn),
            "f1_unknown_is_miss": f1(self.tp, self.fp, missed),
            "f1_unknown_is_miss_interval": bootstrap_f1(self.tp, self.fp, missed, self.tn + self.unknown_negative),
            "f1_unknown_dropped": f1(self.tp, self.fp, self.fn),
        }
        if not self.fp + self.tn + self.unknown_negative:
            rates |= dict.fromkeys((key for key in rates if key.startswith(("precision", "f1"))), None)
        return rates


def share(part: int, whole: int) -> float | None:
    """Return a proportion, None of nothing."""
    return round(part / whole, 4) if whole else None


def wilson(part: int, whole: int) -> Interval | None:
    """Return the 95 % interval of a proportion after Wilson."""
    if not whole:
        return None
    rate, spread = part / whole, Z * Z / whole
    middle = (rate + spread / 2) / (1 + spread)
    half = Z * math.sqrt(rate * (1 - rate) / whole + spread / (4 * whole)) / (1 + spread)
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)


def f1(tp: int, fp: int, missed: int) -> float | None:
    """Return the harmonic mean of precision and recall."""
    whole = 2 * tp + fp + missed
    return round(2 * tp / whole, 4) if whole else None


def bootstrap_f1(tp: int, fp: int, missed: int, tn: int) -> Interval | None:
    """Return the 95 % interval of F1 over samples drawn again from the same answers, with a fixed seed."""
    outcomes = [0] * tp + [1] * fp + [2] * missed + [3] * tn
    if not tp + fp + missed:
        return None
    chance = random.Random(1)
    values = []
    for _ in range(RESAMPLES):
        drawn = chance.choices(outcomes, k=len(outcomes))
        value = f1(drawn.count(0), drawn.count(1), drawn.count(2))
        if value is not None:
            values.append(value)
    values.sort()
    return values[int(len(values) * 0.025)], values[int(len(values) * 0.975)]
