"""Pictures are well-formed, tell answers by shape, and let nothing of a stranger through."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from tarazy.console.layout import charts


def step(actor: str, succeeded: bool = True, time_s: int | None = None) -> dict[str, Any]:
    """Return a step of a story."""
    return {"actor": actor, "succeeded": succeeded, "time_s": time_s}


def trade(succeeded: bool = True, tax_ppm: int | None = 0) -> dict[str, Any]:
    """Return a trade."""
    return {"succeeded": succeeded, "tax_ppm": tax_ppm}


@pytest.mark.parametrize("family", charts.SHAPES)
def test_marks_of_a_family_differ_in_shape(family: str) -> None:
    shapes = charts.SHAPES[family]
    same = {"failed", "refused"}  # both ended badly
    assert len(set(shapes.values())) == len(shapes) - (len(same) - 1 if same <= set(shapes) else 0)
    for name in shapes:
        ElementTree.fromstring(charts.mark(family, name))


def test_unknown_word_gets_the_mark_of_unknown_and_is_not_printed() -> None:
    assert "<script>" not in charts.mark("verdict", "<script>")
    assert "verdict-unknown" in charts.mark("verdict", "<script>")


def test_story_has_one_lane_an_actor_and_one_chart_a_step() -> None:
    told = charts.story([step("owner"), step("trader", False), step("owner")])
    assert [each["name"] for each in told["legend"]] == ["owner", "trader"]
    assert told["lanes"] == 2
    refused = [("refused" in row["chart"]) for row in told["rows"]]
    assert refused == [False, True, False]
    for row in told["rows"]:
        ElementTree.fromstring(row["chart"])


def test_actors_beyond_the_lanes_share_the_last_one() -> None:
    told = charts.story([step(f"actor {number}") for number in range(40)])
    assert told["lanes"] == charts.ACTORS_SHOWN_MAX
    assert told["legend"][-1]["name"] == "others"


def test_letters_of_actors_differ() -> None:
    letters = charts.letters_of(["owner", "other", "o", "тест", "", "owner 2", "OOO"])
    assert len(set(letters)) == len(letters)
    assert all(len(letter) == 1 and letter.isascii() for letter in letters)


def test_clock_of_a_story_counts_from_its_beginning() -> None:
    told = charts.story([step("a", time_s=100), step("a", time_s=112), step("a", time_s=112), step("a")])
    assert [row["later"].replace("\u00a0", " ") for row in told["rows"]] == ["", "+12 s", "", ""]


def test_empty_story_is_empty() -> None:
    assert charts.story([]) == {"rows": [], "legend": [], "lanes": 0}


@pytest.mark.parametrize(
    ("taxes", "scale"),
    [([], 100_000), ([0], 100_000), ([100_001], 250_000), ([1_000_000], 1_000_000), ([None], 100_000)],
)
def test_scale_of_taxes_is_wide_enough_and_not_wider(taxes: list[int | None], scale: int) -> None:
    assert charts.tax_scale_ppm([trade(tax_ppm=tax) for tax in taxes]) == scale


def test_bars_tell_refused_open_and_taxed_apart() -> None:
    refused, open_, taxed = (
        charts.tax_bar(each, 100_000) for each in (trade(False, None), trade(True, None), trade(True, 50_000))
    )
    assert "bar-refused" in refused
    assert "bar-open" in open_
    assert 'width="120"' in taxed


def test_shares_never_leave_the_bar() -> None:
    share = {"percent_ppm": 900_000, "address": "0x1", "tag": "<b>&\u202e", "is_locked": True}
    drawn = ElementTree.fromstring(charts.share_bar([share, share, {**share, "percent_ppm": -5}]))
    widths = [float(each.get("width", "0")) for each in drawn if each.get("class") != "bar-ground"]
    assert sum(widths) == pytest.approx(charts.BAR_WIDTH)
    assert "\u202e" not in "".join(drawn.itertext())


def test_part_of_nothing_is_empty() -> None:
    ElementTree.fromstring(charts.part_bar(0, 0))
