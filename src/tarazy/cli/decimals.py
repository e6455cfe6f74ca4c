"""Amounts of minor units as text for people; apart, so that verbs which show no record load none."""

from __future__ import annotations


def decimal(minor: int, scale: int) -> str:
    """Return minor units as a decimal string with thousands separated: decimal(123456, 2) is `1,234.56`."""
    whole, part = divmod(abs(minor), 10**scale)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole:,}.{part:0{scale}d}" if scale else f"{sign}{whole:,}"
