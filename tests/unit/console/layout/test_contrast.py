"""Colours of the style sheet: every text can be read on every ground on which it stands, by day and by night."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tarazy.console.layout import page_layout

SHEET = (Path(page_layout.__file__).parent / "static" / "console.css").read_text()
COLOURS = {
    name: {"day": day, "night": night}
    for name, day, night in re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", SHEET)
}
GROUNDS = ("ground", "sheet", "sunken")
PAIRS = (
    *((text, ground) for text in ("ink", "muted", "accent") for ground in GROUNDS),
    *(
        (word, ground)
        for word in ("clear", "caution", "malicious", "unknown")
        for ground in ("sheet", f"{word}-ground")
    ),
    *(("ink", f"{word}-ground") for word in ("clear", "caution", "malicious", "unknown", "accent")),
    *((text, "accent-ground") for text in ("ink", "muted")),
    ("on-accent", "accent"),
    ("ink", "lit"),
    ("muted", "caution-ground"),
    *(("sheet", f"actor-{number}") for number in range(8)),
)


def brightness(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    low, high = sorted((brightness(first), brightness(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("light", ["day", "night"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(text: str, ground: str, light: str) -> None:
    assert contrast(COLOURS[text][light], COLOURS[ground][light]) >= 4.5


@pytest.mark.parametrize("light", ["day", "night"])
def test_edge_of_a_field_can_be_seen(light: str) -> None:
    assert contrast(COLOURS["field-edge"][light], COLOURS["sheet"][light]) >= 3


def test_every_colour_that_is_used_is_defined() -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", SHEET))
    assert used <= set(COLOURS) | {"shadow"}
    assert set(COLOURS) <= used


def test_only_variables_name_colours() -> None:
    body = SHEET.partition("}\n:root[")[2]
    named = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", body)) - {"#fff"}  # paper
    assert not {each for each in named if not each.startswith("#hatch")}
