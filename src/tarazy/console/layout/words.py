"""What all pages say in words: amounts, shares, times, names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

NARROW = "\u00a0"  # a space at which no line breaks, between a number and its unit

WHOLE_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{40}\b")


def words_of(name: str) -> str:
    """Return a name in lower snake case as words."""
    return name.replace("_", " ")


def percent(ppm: int) -> str:
    """Return parts per million as percent, with no more digits than it has."""
    whole, rest = divmod(abs(int(ppm)), 10_000)
    digits = f"{rest:04d}".rstrip("0")
    return f"{'-' if int(ppm) < 0 else ''}{whole}{'.' + digits if digits else ''}{NARROW}%"


def amount(minor: int | str, decimals: int | None = None) -> str:
    """Return an amount in minor units as the token counts it, every digit kept; without decimals as it is."""
    value = int(minor)
    if not decimals or not 0 < decimals <= 77:
        return f"{value:,}"
    whole, rest = divmod(abs(value), 10**decimals)
    digits = f"{rest:0{decimals}d}".rstrip("0")
    return f"{'-' if value < 0 else ''}{whole:,}{'.' + digits if digits else ''}"


def rough(minor: int | str) -> str:
    """Return a number with four digits and its power of ten, a small one as it is."""
    value = int(minor)
    digits = str(abs(value))
    if len(digits) <= 9:
        return f"{value:,}"
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:4]}e{len(digits) - 1}"


def moment(given: str | int | None) -> str:
    """Return a time in UTC to the second: ISO text or seconds since 1970."""
    if given is None or given == "":
        return "not known"
    try:
        at = datetime.fromtimestamp(int(given), UTC) if isinstance(given, int) else datetime.fromisoformat(given)
    except (ValueError, OverflowError, OSError):
        return str(given)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")


def duration(seconds: float) -> str:
    """Return a span of time in the unit that fits."""
    if seconds < 1:
        return f"{seconds * 1000:.0f}{NARROW}ms" if seconds else f"0{NARROW}s"
    for most, size, unit in ((120, 1, "s"), (7_200, 60, "min"), (172_800, 3_600, "h")):
        if seconds < most:
            return f"{seconds / size:.1f}".removesuffix(".0") + NARROW + unit
    return f"{seconds / 86_400:.1f}".removesuffix(".0") + NARROW + "days"


def short(text: str) -> str:
    """Return a long hexadecimal text with its middle left out."""
    return text if len(text) <= 16 else f"{text[:8]}…{text[-6:]}"


def by_address(text: str) -> list[tuple[str, str]]:
    """Return a text in pieces: words, and the address that stands behind them; the last one has none."""
    words = WHOLE_ADDRESS.split(text)
    return list(zip(words, [*WHOLE_ADDRESS.findall(text), ""], strict=True))


def place(label: str) -> str:
    """Return a label as lists show it: an address without its middle, anything else as it is."""
    return short(label) if len(label) == 42 and label.startswith("0x") else label


def counted(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def as_json(value: Any) -> str:
    """Return plain data as people read JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def listed(items: Iterable[str]) -> str:
    """Return items as a list in a sentence."""
    words = list(items)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""


FILTERS = {
    "as_json": as_json,
    "amount": amount,
    "by_address": by_address,
    "counted": counted,
    "duration": duration,
    "listed": listed,
    "moment": moment,
    "percent": percent,
    "place": place,
    "rough": rough,
    "short": short,
    "words": words_of,
}
