"""The picture of the list: a bar for each stay, ends told by shape, strangers' names escaped."""

from __future__ import annotations

from datetime import date
from typing import Any
from xml.etree import ElementTree

from tarazy.console.greenlist.timeline import NAME_WIDTH, YEAR_WIDTH, timeline


def stay(identity: str, removed_on: str | None, how: str) -> dict[str, Any]:
    """Return an entry of a report."""
    return {
        "asset": identity,
        "identity": identity,
        "listed_on": "2021-01-01",
        "removed_on": removed_on,
        "how": how,
        "reasons": ["it is large: <b>"],
    }


def report(*entries: dict[str, Any]) -> dict[str, Any]:
    """Return a report with entries."""
    return {"from": "2020-01-01", "to": "2022-01-01", "entries": list(entries)}


def test_a_bar_is_as_long_as_the_stay() -> None:
    root = ElementTree.fromstring(timeline(report(stay("AAA", "2022-01-01", "reviewed")), []))
    (bar,) = [each for each in root.iter() if each.tag.endswith("rect") and each.get("rx") == "2"]
    assert (int(bar.get("x", "")), int(bar.get("width", ""))) == (NAME_WIDTH, YEAR_WIDTH)  # 365 days of 2021


def test_names_of_strangers_are_text() -> None:
    drawn = timeline(report(stay("<script>", None, "listed")), [])
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn


def test_what_happened_stands_beside_the_asset_that_was_listed_then() -> None:
    known = [
        {"on": date(2021, 5, 7), "asset": "AAA", "words": "it fell", "source": "x"},
        {"on": date(2020, 5, 7), "asset": "AAA", "words": "too early", "source": "x"},
    ]
    drawn = timeline(report(stay("AAA", "2021-06-01", "suspended")), known)
    assert "2021-05-07: it fell" in drawn
    assert "too early" not in drawn


def test_an_empty_list_is_drawn() -> None:
    assert ElementTree.fromstring(timeline(report(), [])).get("width")
