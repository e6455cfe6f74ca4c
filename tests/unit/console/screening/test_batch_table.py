"""The table of a batch sorts, filters and turns pages on the server, also with ten thousand rows."""

from __future__ import annotations

import time
from typing import Any

import pytest

from .building import client, full_services


def table(**query: str) -> dict[str, Any]:
    """Return the twin of the table."""
    found: dict[str, Any] = client(full_services()).get("/batch/b1.json", params=query).json()
    return found


def test_table_has_pages_that_cover_every_row_once() -> None:
    first, last = table(), table(page="100")
    assert first["pages"] == 100
    assert [row["number"] for row in first["rows"]] == list(range(1, 101))
    assert [row["number"] for row in last["rows"]] == list(range(9_901, 10_001))


@pytest.mark.parametrize("page", ["0", "-1", "x", "999999999999", "1e3", "²"])
def test_page_that_is_none_shows_the_nearest(page: str) -> None:
    assert table(page=page)["page"] in (1, 100)


@pytest.mark.parametrize("sort", ["number", "label", "state", "verdict", "yes", "unknown", "seconds"])
def test_order_down_is_the_order_up_from_its_other_end(sort: str) -> None:
    up, down = table(sort=sort), table(sort=sort, order="down")
    assert up["rows"][0] != down["rows"][0]
    assert table(sort=sort) == up


def test_worst_verdicts_come_first() -> None:
    assert {row["verdict"] for row in table(sort="verdict")["rows"]} == {"malicious"}


def test_unknown_sort_is_the_order_given() -> None:
    assert table(sort="<script>")["query"]["sort"] == "number"


def test_filters_are_joined() -> None:
    found = table(q="TOKEN 77", verdict="caution", power="mint")
    assert found["chosen"] > 0
    assert all("77" in row["name"] and row["verdict"] == "caution" and "mint" in row["yes"] for row in found["rows"])
    assert table(q="nothing like this")["rows"] == []


def test_filter_and_order_stay_in_the_links_to_other_pages() -> None:
    page = client(full_services()).get("/batch/b1", params={"verdict": "clear", "sort": "seconds", "q": 'a"<b>'}).text
    assert 'a"<b>' not in page
    assert "a&#34;&lt;b&gt;" in page
    page = client(full_services()).get("/batch/b1", params={"verdict": "clear", "sort": "seconds"}).text
    links = [part.partition('"')[0] for part in page.split('href="') if "page=2" in part.partition('"')[0]]
    assert links
    assert all("verdict=clear" in link and "sort=seconds" in link for link in links)


def test_ten_thousand_rows_are_a_page_of_bounded_size_in_well_under_a_second() -> None:
    reader = client(full_services())
    reader.get("/batch/b1")
    started = time.perf_counter()
    page = reader.get("/batch/b1", params={"sort": "label", "order": "down"})
    assert time.perf_counter() - started < 0.8
    assert len(page.content) < 150_000
