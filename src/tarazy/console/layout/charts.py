"""Pictures as SVG drawn on the server: marks, the lanes of a story, bars. No script, no style, no colour alone.

Every function returns markup whose variable parts are numbers, words of a fixed list, or escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from tarazy.console.layout.words import duration
from tarazy.platform.sanitising import cut, sanitised

PPM = 1_000_000
LANE_WIDTH, LANE_TOP, DOT = 22, 17, 8
BAR_WIDTH, BAR_HEIGHT = 240, 12
ACTORS_SHOWN_MAX = 8

# Shapes on a field of 16 by 16: an answer is told by its shape, never by its colour alone.
ANSWERS = {
    "yes": '<circle cx="8" cy="8" r="6" class="solid"/>',
    "no": '<circle cx="8" cy="8" r="5.25" class="line"/>',
    "unknown": '<circle cx="8" cy="8" r="6.25" class="dashes"/><path d="M6.1 6.6a1.95 1.95 0 1 1 2.7 1.8c-.6.3-.8.6-.8'
    ' 1.2M8 11.5v.1" class="line"/>',
}
VERDICTS = {
    "clear": '<path d="M8 1.2 14 3.4v4.2c0 3.6-2.5 6-6 7.2-3.5-1.2-6-3.6-6-7.2V3.4z" class="line"/>'
    '<path d="m5.2 8 2 2 3.6-4" class="line"/>',
    "caution": '<path d="M8 1.8 15 14H1z" class="line"/><path d="M8 6v4M8 12v.1" class="line"/>',
    "malicious": '<path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" class="solid"/>'
    '<path d="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2" class="cut"/>',
    "unknown": ANSWERS["unknown"],
}
OUTCOMES = {
    "pass": '<path d="m3 8.4 3.2 3.2L13 4.8" class="line"/>',
    "fail": '<path d="m4 4 8 8m0-8-8 8" class="line"/>',
    "weighs": '<path d="M8 1.8 15 14H1z" class="line"/><path d="M8 6v4M8 12v.1" class="line"/>',
    "unknown": ANSWERS["unknown"],
    "noted": '<circle cx="8" cy="8" r="2.4" class="solid"/>',
}
STATES = {
    "waiting": '<circle cx="8" cy="8" r="5.25" class="dashes"/>',
    "running": '<circle cx="8" cy="8" r="5.25" class="faint"/>'
    '<path d="M8 2.75A5.25 5.25 0 0 1 13.25 8" class="line turn"/>',
    "done": '<path d="m3 8.4 3.2 3.2L13 4.8" class="line"/>',
    "failed": '<path d="m4 4 8 8m0-8-8 8" class="line"/>',
    "refused": '<path d="m4 4 8 8m0-8-8 8" class="line"/>',
    "skipped": '<path d="M4 8h8" class="line"/>',
}
SHAPES = {"answer": ANSWERS, "verdict": VERDICTS, "outcome": OUTCOMES, "state": STATES}


def mark(family: str, name: str, size: int = 16) -> Markup:
    """Return the mark of an answer, a verdict, an outcome or a state; the word always stands beside it."""
    known = name if name in SHAPES[family] else "unknown"
    shape = SHAPES[family].get(known, ANSWERS["unknown"])
    return Markup(
        f'<svg class="mark {family}-{known}" width="{int(size)}" height="{int(size)}" viewBox="0 0 16 16"'
        f' aria-hidden="true">{shape}</svg>'
    )


def actors_of(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return who acts in a story, in order of appearance; the last lane stands for all further actors."""
    actors = list(dict.fromkeys(str(step["actor"]) for step in steps))
    return actors if len(actors) <= ACTORS_SHOWN_MAX else [*actors[: ACTORS_SHOWN_MAX - 1], "others"]


def letters_of(actors: Sequence[str]) -> list[str]:
    """Return one letter for each actor, different ones as long as there are any."""
    letters: list[str] = []
    for actor in actors:
        own = [c.upper() for c in actor if c.isascii() and c.isalpha()] + list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        letters.append(next(c for c in own if c not in letters))
    return letters


def story(steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the lanes of a story: who acts, and for every step the chart beside it."""
    actors = actors_of(steps)
    letters = letters_of(actors)
    lanes = [actors.index(str(step["actor"])) if str(step["actor"]) in actors else len(actors) - 1 for step in steps]
    rows = [
        {
            "step": step,
            "later": later(steps[0]["time_s"], steps[place - 1]["time_s"] if place else None, step["time_s"]),
            "chart": lane_row(
                len(actors),
                lanes[place],
                letters[lanes[place]],
                lanes[place - 1] if place else None,
                place + 1 < len(steps),
                bool(step["succeeded"]),
            ),
        }
        for place, step in enumerate(steps)
    ]
    legend = [{"name": actor, "chart": actor_dot(lane, letters[lane])} for lane, actor in enumerate(actors)]
    return {"rows": rows, "legend": legend, "lanes": len(actors)}


def later(first_s: int | str | None, before_s: int | str | None, now_s: int | str | None) -> str:
    """Return how long after the beginning of a story a step happens; nothing where the clock did not move."""
    if first_s is None or now_s is None or now_s in (first_s, before_s):
        return ""
    return f"+{duration(int(now_s) - int(first_s))}"  # beyond 2**53 numbers are text


def actor_dot(lane: int, letter: str) -> Markup:
    """Return the dot of an actor alone."""
    return Markup(f'<svg class="actor" width="18" height="18" aria-hidden="true">{dot(lane, letter, 9, 9, True)}</svg>')


def dot(lane: int, letter: str, x: int, y: int, succeeded: bool) -> str:
    """Return an actor's dot with its letter; a ring where the step was refused."""
    kind = f"actor-{lane}" + ("" if succeeded else " refused")
    return (
        f'<circle cx="{x}" cy="{y}" r="{DOT}" class="dot {kind}"/>'
        f'<text x="{x}" y="{y + 4}" class="letter {kind}" text-anchor="middle">{escape(letter)}</text>'
    )


def lane_row(lanes: int, lane: int, letter: str, before: int | None, goes_on: bool, succeeded: bool) -> Markup:
    """Return the chart beside one step: every lane, the way from the step before, the actor's dot."""
    width, x = lanes * LANE_WIDTH, lane * LANE_WIDTH + LANE_WIDTH // 2
    parts = [
        f'<line x1="{place}" y1="0" x2="{place}" y2="100%" class="lane"/>'
        for place in range(LANE_WIDTH // 2, width, LANE_WIDTH)
    ]
    if before is not None:
        start = before * LANE_WIDTH + LANE_WIDTH // 2
        parts.append(f'<path d="M{start} 0C{start} {LANE_TOP - 4} {x} {LANE_TOP - 12} {x} {LANE_TOP}" class="way"/>')
    if goes_on:
        parts.append(f'<line x1="{x}" y1="{LANE_TOP}" x2="{x}" y2="100%" class="way"/>')
    parts.append(dot(lane, letter, x, LANE_TOP, succeeded))
    return Markup(f'<svg class="lanes" width="{width}" aria-hidden="true">{"".join(parts)}</svg>')


def tax_scale_ppm(trades: Sequence[Mapping[str, Any]]) -> int:
    """Return the right end of the scale on which taxes are drawn: 10, 25, 50 or 100 percent."""
    most = max((int(trade["tax_ppm"]) for trade in trades if trade["tax_ppm"] is not None), default=0)
    return next((end for end in (100_000, 250_000, 500_000) if most <= end), PPM)


def tax_bar(trade: Mapping[str, Any], scale_ppm: int) -> Markup:
    """Return the bar of one trade: its length the tax, hatched over the whole width where it was refused."""
    if not trade["succeeded"]:
        inner = f'<rect width="{BAR_WIDTH}" height="{BAR_HEIGHT}" class="bar-refused"/>'
    elif trade["tax_ppm"] is None:
        inner = f'<rect x=".5" y=".5" width="{BAR_WIDTH - 1}" height="{BAR_HEIGHT - 1}" class="bar-open"/>'
    else:
        length = max(0, min(int(trade["tax_ppm"]), scale_ppm)) * BAR_WIDTH // scale_ppm
        inner = (
            f'<rect width="{BAR_WIDTH}" height="{BAR_HEIGHT}" class="bar-ground"/>'
            f'<rect width="{max(length, 1)}" height="{BAR_HEIGHT}" class="bar-tax"/>'
        )
    return bar(inner)


def bar(inner: str, css: str = "bar") -> Markup:
    """Return a chart as wide as its place."""
    return Markup(
        f'<svg class="{css}" viewBox="0 0 {BAR_WIDTH} {BAR_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f"{inner}</svg>"
    )


def share_bar(shares: Sequence[Mapping[str, Any]]) -> Markup:
    """Return one bar of the largest holders' parts of the whole; what is locked is hatched."""
    parts, x = [f'<rect width="{BAR_WIDTH}" height="{BAR_HEIGHT}" class="bar-ground"/>'], 0.0
    for place, share in enumerate(shares):
        width = min(max(int(share["percent_ppm"]), 0), PPM) * BAR_WIDTH / PPM
        width = min(width, BAR_WIDTH - x)
        title = escape(sanitised(cut(share.get("tag") or share["address"], 60)))
        kind = f"share share-{place % 2}" + (" locked" if share.get("is_locked") else "")
        parts.append(
            f'<rect x="{x:.2f}" width="{width:.2f}" height="{BAR_HEIGHT}" class="{kind}"><title>{title}</title></rect>'
        )
        x += width
    return bar("".join(parts), "bar tall")


def part_bar(done: int, whole: int) -> Markup:
    """Return a bar of a part done."""
    length = done * BAR_WIDTH / whole if whole else 0
    return bar(
        f'<rect width="{BAR_WIDTH}" height="{BAR_HEIGHT}" class="bar-ground"/>'
        f'<rect width="{length:.2f}" height="{BAR_HEIGHT}" class="bar-done"/>',
        "bar whole",
    )


GLOBALS = {
    "mark": mark,
    "part_bar": part_bar,
    "share_bar": share_bar,
    "story": story,
    "tax_bar": tax_bar,
    "tax_scale_ppm": tax_scale_ppm,
}
