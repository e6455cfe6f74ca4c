"""Draw the imports between packages as docs/concepts/imports.svg; with --check, fail where that is not as the source.

Usage: python scripts/import_picture.py [--check]

A row is a layer, the foundation at the bottom. A box is a package: its rooms, and below them the packages that it
imports. A line goes down from who imports to what is imported; one that others imply (a to b and b to c, for a to c)
is left out, so that the rest can be seen. Nothing is counted: the picture changes where a room or a direction does.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from generated import write_or_check
from import_directions import LAYERS, SOURCE, imports, packages

PICTURE = SOURCE.parents[1] / "docs" / "concepts" / "imports.svg"
WIDTH, ROW, BOX_HEIGHT, GAP, MARGIN = 1_080, 160, 108, 28, 24
LINE_CHARACTERS = 52
STYLE = """
  svg { font-family: sans-serif; background: #ffffff; }
  rect { fill: #f4f6f8; stroke: #33475b; stroke-width: 1.2; }
  .name { font-size: 15px; font-weight: 600; fill: #14212e; }
  .rooms { font-size: 10.5px; fill: #44566a; }
  .used { font-size: 10.5px; font-style: italic; fill: #5b7ea3; }
  path { fill: none; stroke: #5b7ea3; stroke-width: 2; stroke-opacity: 0.6; }
  path:hover { stroke: #b3261e; stroke-opacity: 1; }
"""

Box = tuple[float, float, float]  # left, top, width


def directions() -> set[tuple[str, str]]:
    """Return (who imports, what is imported) of packages."""
    pairs = (
        (name.partition(".")[0], other.partition(".")[0]) for name, others in imports().items() for other in others
    )
    return {(user, used) for user, used in pairs if user != used}


def placed() -> dict[str, Box]:
    """Return where every package stands; the packages of a layer share its row."""
    boxes: dict[str, Box] = {}
    there = [[each for each in layer if each in packages()] for layer in LAYERS]
    for row, layer in enumerate(reversed(there)):
        width = min(300.0, (WIDTH - 2 * MARGIN - GAP * (len(layer) - 1)) / max(1, len(layer)))
        left = (WIDTH - width * len(layer) - GAP * (len(layer) - 1)) / 2
        for place, package in enumerate(layer):
            boxes[package] = (left + place * (width + GAP), MARGIN + row * ROW, width)
    return boxes


def shown(lines: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the imports that no chain of others implies."""
    below: dict[str, set[str]] = {}
    for package in packages():  # the foundation first
        direct = {used for user, used in lines if user == package}
        below[package] = direct | {each for used in direct for each in below[used]}
    return [
        (user, used)
        for user, used in sorted(lines)
        if not any(used in below[other] for other in packages() if (user, other) in lines)
    ]


def in_lines(words: list[str]) -> list[str]:
    """Return words in lines that fit a box."""
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) + 3 > LINE_CHARACTERS:
            lines.append("")
        lines[-1] += f"{' · ' if lines[-1] else ''}{word}"
    return [line for line in lines if line]


def box_text(package: str, box: Box, lines: set[tuple[str, str]]) -> list[str]:
    """Return the lines of one box."""
    left, top, width = box
    middle = left + width / 2
    rooms = sorted(path.name for path in (SOURCE / package).iterdir() if (path / "__init__.py").exists())
    used = [other for other in packages() if (package, other) in lines]
    texts = [("rooms", line) for line in in_lines(rooms)] + [("used", line) for line in in_lines(used)]
    drawn = [
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{BOX_HEIGHT}" rx="6"/>',
        f'<text class="name" x="{middle:.1f}" y="{top + 22:.1f}" text-anchor="middle">{package}</text>',
    ]
    for number, (kind, line) in enumerate(texts):
        y = top + 40 + 14 * number
        drawn.append(f'<text class="{kind}" x="{middle:.1f}" y="{y:.1f}" text-anchor="middle">{line}</text>')
    return drawn


def line_text(user: str, used: str, boxes: dict[str, Box]) -> str:
    """Return one line, from the bottom of a box to the top of one below; lines are spread along the boxes."""
    order = packages()
    (left, top, width), (to_left, to_top, to_width) = boxes[user], boxes[used]
    x = left + width * (1 + order.index(used)) / (1 + len(order))
    to_x = to_left + to_width * (1 + order.index(user)) / (1 + len(order))
    y, bend = top + BOX_HEIGHT, (to_top - top - BOX_HEIGHT) / 2
    way = f"M{x:.1f} {y:.1f} C{x:.1f} {y + bend:.1f} {to_x:.1f} {to_top - bend:.1f} {to_x:.1f} {to_top:.1f}"
    return f'<path d="{way}"><title>{user} imports {used}</title></path>'


def picture() -> str:
    """Return the picture as SVG."""
    boxes, lines = placed(), directions()
    height = 2 * MARGIN + ROW * (len(LAYERS) - 1) + BOX_HEIGHT
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>Who imports whom</title>",
        f"<style>{STYLE}</style>",
        *(line_text(user, used, boxes) for user, used in shown(lines)),
        *(text for package, box in boxes.items() for text in box_text(package, box, lines)),
        "</svg>",
    ]
    return "\n".join(drawn) + "\n"


def main() -> int:
    """Write the picture, or say whether it is stale."""
    return write_or_check({PICTURE: picture()}, "the imports")


if __name__ == "__main__":
    sys.exit(main())
