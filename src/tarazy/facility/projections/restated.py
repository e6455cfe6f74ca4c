"""Rows in lots and ticks when a market changes both."""

from __future__ import annotations

from collections.abc import Iterable

from tarazy.domain.records import IncrementsChanged
from tarazy.spec.increments import Scale, scales


def scales_between(event: IncrementsChanged) -> tuple[Scale, Scale]:
    """Return the ratios of prices and of quantities."""
    before = (event.from_lot_size_minor, event.from_tick_value_minor)
    return scales(*before, event.lot_size_minor, event.tick_value_minor)


def restate(row: list[int], columns: Iterable[int], by: Scale) -> None:
    """Put columns of a row into the new units."""
    for column in columns:
        row[column] = by.of(row[column])


def restate_sum(row: list[int], column: int, by: Scale) -> None:
    """Put a sum, which may be larger than an order, into the new units: rounded down, at least 1 where it was not 0."""
    row[column] = max(row[column] * by.numerator // by.denominator, min(row[column], 1))
