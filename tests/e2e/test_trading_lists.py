"""Trailing stops and order lists from the trading page, in Chromium: one group, one hold, one cancel.

What lists do: docs/concepts/order-lists.md. Amounts by hand: a pair sells 2 BTC once and holds 2, not 4; a working
purchase of 1 at 950 holds 950 USD and its pending sale nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ..trading_stage import Served, make_facility, new_key, served
from ..web_person import WebPerson, new_person
from .browser import Browser, Page
from .test_gateway_attacks import Trader
from .test_trading_page import ASK, BID, logged_in

BTC = {"symbol": "BTCUSD"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, WebPerson, Trader]]:
    """Serve a facility whose last price is 1,000: Aigul with account 1 at the page, and account 1's own program."""
    directory = tmp_path_factory.mktemp("lists") / "facility"
    make_facility(directory)
    person = new_person(directory, "aigul", (1,))
    with served(directory) as running:
        for number, terms in ((3, ASK), (2, BID)):
            trader = Trader(running, *new_key(directory, number))
            trader.ask("POST", "/api/v3/order", **terms, price="1000", quantity="1")
        yield running, person, Trader(running, *new_key(directory, 1))


@pytest.fixture(params=[1280, 390])
def page(request: pytest.FixtureRequest, stage: tuple[Served, WebPerson, Trader]) -> Iterator[Page]:
    """Return a live page of a desk or a phone; its open orders end with the test."""
    with Browser() as browser:
        opened = logged_in(browser, stage[0].url, stage[1], request.param)
        yield opened
        stage[2].ask("DELETE", "/api/v3/openOrders", **BTC)
        assert not opened.complaints
        opened.close()


def fill(page: Page, kind: str, side: str, **fields: str) -> None:
    """Fill an order of a kind in."""
    page.select("#type", kind)
    page.click(f".sides label:has([value={side}])")
    for name, value in fields.items():
        page.fill(f"#{name.replace('_', '-')}", value)


def previews(page: Page, text: str) -> None:
    """Wait until the preview says something."""
    page.wait(f"document.getElementById('preview').textContent.includes({json.dumps(text)})")


def held(program: Trader, asset: str) -> float:
    """Return what the account has on hold of an asset."""
    rows = program.ask("GET", "/api/v3/account").json()["balances"]
    return next(float(row["locked"]) for row in rows if row["asset"] == asset)


def open_orders(program: Trader) -> list[dict[str, Any]]:
    """Return the open orders as programs see them."""
    found: list[dict[str, Any]] = program.ask("GET", "/api/v3/openOrders", **BTC).json()
    return found


def test_a_trailing_stop_is_placed_and_still_trails_when_it_is_changed(
    page: Page, stage: tuple[Served, WebPerson, Trader]
) -> None:
    program = stage[2]
    fill(page, "TRAILING_STOP", "SELL", trailing="30", quantity="1")
    previews(page, "10 to 2,000 basis points")
    page.fill("#trailing", "2.5")
    previews(page, "Holds 1 BTC")
    page.click("#send")
    page.wait("document.querySelector('#orders')?.textContent.includes('trails by 2.5 %')")
    (first,) = open_orders(program)
    assert (first["type"], first["trailingDelta"], first["origQty"]) == ("STOP_LOSS", 250, "1.00000000")
    page.click("#orders [data-change]")
    page.fill("#change-quantity", "2")
    page.click("#change-form button.main")
    page.wait("document.querySelector('#orders tr[data-order]')?.dataset.left === '2'")
    (second,) = open_orders(program)
    assert (second["trailingDelta"], second["origQty"]) == (250, "2.00000000")
    assert held(program, "BTC") == 2


def test_a_pair_is_one_group_holds_once_and_is_canceled_as_one(
    page: Page, stage: tuple[Served, WebPerson, Trader]
) -> None:
    program = stage[2]
    fill(page, "OCO", "SELL", price="995", stop="900", quantity="2")
    previews(page, "on both sides of the last price")
    page.fill("#price", "1100")
    previews(page, "Holds 2 BTC")
    page.click("#send")
    page.wait("document.querySelectorAll('#orders .list tr[data-order]').length === 2")
    assert page.text("#orders .list-head").startswith("OCO")
    assert page.run("document.querySelectorAll('#orders .list [data-change], #orders .list [data-cancel]').length") == 0
    (listed,) = program.ask("GET", "/api/v3/openOrderList").json()
    assert (listed["contingencyType"], len(listed["orders"])) == ("OCO", 2)
    terms = {(each["price"], each["stopPrice"]) for each in open_orders(program)}
    assert terms == {("1100.00000000", "0.00000000"), ("0.00000000", "900.00000000")}
    assert held(program, "BTC") == 2
    assert page.overflow() == []
    page.click("#orders [data-cancel-list]")
    page.wait("!document.querySelector('#orders')")
    assert open_orders(program) == []
    assert held(program, "BTC") == 0


def test_a_working_order_and_its_pending_one_stand_together(
    page: Page, stage: tuple[Served, WebPerson, Trader]
) -> None:
    program = stage[2]
    fill(page, "OTO", "BUY", price="950", quantity="1", pending_price="1200")
    previews(page, "Holds 950 USD")
    page.click("#send")
    page.wait("document.querySelectorAll('#orders .list tr[data-order]').length === 2")
    assert page.text("#orders .list-head").startswith("OTO")
    states = {(each["side"], each["status"]) for each in open_orders(program)}
    assert states == {("BUY", "NEW"), ("SELL", "PENDING_NEW")}
    assert (held(program, "USD"), held(program, "BTC")) == (950, 0)
    assert page.overflow() == []


def test_a_list_whose_answer_is_lost_is_asked_for_by_its_name_and_stands_once(
    page: Page, stage: tuple[Served, WebPerson, Trader]
) -> None:
    def lose(route: Any) -> None:
        route.fetch()
        route.abort()

    page.driven.route("**/act/oco", lose, times=1)
    fill(page, "OCO", "SELL", price="1100", stop="900", quantity="1")
    previews(page, "Holds 1 BTC")
    page.click("#send")
    page.wait("document.querySelector('#outcome .good')?.textContent.includes('OCO')")
    assert len(stage[2].ask("GET", "/api/v3/openOrderList").json()) == 1
    lost = [each for each in page.complaints if "ERR_FAILED" in each]
    assert len(lost) == 1
    page.complaints.remove(lost[0])
