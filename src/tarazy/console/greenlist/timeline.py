"""The list through the years as a picture: one bar for each stay, its end marked by how it came, happenings beside it.

The marks differ in shape: a square where an asset was taken off at once, a diamond where a review ended so, an arrow
where it is listed still. Nothing is told by colour alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from tarazy.platform.sanitising import cut, sanitised

HAPPENINGS = Path(__file__).with_name("happenings.toml")
NAME_WIDTH, YEAR_WIDTH, ROW, TOP = 96, 150, 18, 44
NAME_MAX = 12
TITLE_MAX = 300


def timeline(report: Mapping[str, Any], happenings: Sequence[Mapping[str, Any]] | None = None) -> Markup:
    """Return an SVG of a report of `backtest_report`; ROW pixels for each entry, years as columns."""
    entries = report["entries"]
    first = min((date.fromisoformat(e["listed_on"]) for e in entries), default=date.fromisoformat(report["from"]))
    begins, ends = date(first.year, 1, 1), date.fromisoformat(report["to"])
    width, height = NAME_WIDTH + place(ends, begins) + 24, TOP + ROW * max(len(entries), 1) + 6
    known = read_happenings() if happenings is None else happenings
    rows = [_row(each, number, begins, ends, known) for number, each in enumerate(entries)]
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="timeline" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-label="Stays on the list by asset and year" font-family="sans-serif"'
        f' font-size="11"><rect width="{width}" height="{height}" fill="#fff"/>'
        f"{_legend()}{_years(begins, ends, height)}{''.join(rows)}</svg>"
    )


def place(day: date, begins: date) -> int:
    """Return how many pixels a day lies after the picture's first."""
    return (day - begins).days * YEAR_WIDTH // 365


def read_happenings(path: Path = HAPPENINGS) -> list[Mapping[str, Any]]:
    """Return what happened, from the shipped file."""
    return list(tomllib.loads(path.read_text(encoding="utf-8"))["happening"])


def _legend() -> str:
    words = (("listed", "listed still"), ("suspended", "taken off at once"), ("reviewed", "left after a review"))
    marks = (
        f'{_end(how, 8 + 150 * n, 10)}<text x="{20 + 150 * n}" y="14" fill="#222222">{w}</text>'
        for n, (how, w) in enumerate(words)
    )
    return (
        "".join(marks) + '<text x="458" y="14" fill="#222222"><tspan font-weight="bold">|</tspan> what happened</text>'
    )


def _years(begins: date, ends: date, height: int) -> str:
    parts = []
    for year in range(begins.year, ends.year + 1):
        x = NAME_WIDTH + place(date(year, 1, 1), begins)
        parts.append(
            f'<line x1="{x}" y1="{TOP - 18}" x2="{x}" y2="{height}" stroke="#ddd"/>'
            f'<text x="{x + 3}" y="{TOP - 8}" fill="#555555">{year}</text>'
        )
    return "".join(parts)


def _row(entry: Mapping[str, Any], number: int, begins: date, ends: date, known: Sequence[Mapping[str, Any]]) -> str:
    y = TOP + ROW * number
    start = NAME_WIDTH + place(date.fromisoformat(entry["listed_on"]), begins)
    removed = date.fromisoformat(entry["removed_on"]) if entry["removed_on"] else None
    stop = NAME_WIDTH + place(removed or ends, begins)
    name = escape(sanitised(cut(entry["identity"], NAME_MAX)))
    until = f"until {removed}: {'; '.join(entry['reasons'])}" if removed else "listed"
    title = escape(sanitised(cut(f"{entry['identity']} from {entry['listed_on']} {until}", TITLE_MAX)))
    bar = f'<rect x="{start}" y="{y + 3}" width="{max(stop - start, 2)}" height="{ROW - 7}" rx="2" fill="#2f6f8f"/>'
    beside = "".join(_happening(each, y, begins) for each in known if _is_of(each, entry))
    end = _end("listed" if removed is None else entry["how"], stop, y + ROW // 2 - 1)
    return f'<g><title>{title}</title><text x="4" y="{y + 12}" fill="#222222">{name}</text>{bar}{end}</g>{beside}'


def _end(how: str, x: int, y: int) -> str:
    if how == "suspended":
        return f'<rect x="{x - 4}" y="{y - 5}" width="10" height="10" fill="#7a1f1f" stroke="#fff"/>'
    if how == "reviewed":
        return f'<path d="M{x} {y - 6}l6 6-6 6-6-6z" fill="#b8860b" stroke="#fff"/>'
    return f'<path d="M{x} {y - 5}l7 5-7 5z" fill="#2f6f8f"/>'


def _is_of(happening: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    """Return whether it befell the asset of a stay that had begun."""
    return bool(happening["asset"] == entry["identity"] and str(happening["on"]) >= entry["listed_on"])


def _happening(happening: Mapping[str, Any], y: int, begins: date) -> str:
    x = NAME_WIDTH + place(happening["on"], begins)
    words = escape(sanitised(cut(f"{happening['on']}: {happening['words']}", TITLE_MAX)))
    return (
        f"<g><title>{words}</title>"
        f'<line x1="{x}" y1="{y}" x2="{x}" y2="{y + ROW - 1}" stroke="black" stroke-width="2"/>'
        f'<text x="{x + 26}" y="{y + 12}" fill="#000000">{words}</text></g>'
    )
