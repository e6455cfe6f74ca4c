"""What programs that count weights, ask by state, zone or window, or test an order rely on, as the dialect has it.

Source of forms, weights and codes: binance/binance-spot-api-docs, rest-api.md, filters.md and errors.md. The market:
ticks of 1 USD, lots of 0.00000001 BTC, and a last trade at 100, from which the collar goes half up and half down.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ..trading_stage import Served, make_facility, new_key, served
from .test_gateway_attacks import ORDER, Trader, code_of

BUY = {**ORDER, "side": "BUY"}
BTC = {"symbol": "BTCUSD"}
USED = "x-mbx-used-weight-1m"
MINUTE_S, DAY_MS = 60, 86_400_000


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one facility for the tests of this file; 1 BTC was traded at 100."""
    directory = tmp_path_factory.mktemp("dialect") / "facility"
    make_facility(directory)
    with served(directory) as running:
        buyer, seller = (Trader(running, *new_key(directory, number)) for number in (2, 3))
        buyer.ask("POST", "/api/v3/order", **BUY)
        assert seller.ask("POST", "/api/v3/order", **ORDER).json()["status"] == "FILLED"
        assert len(seller.ask("GET", "/api/v3/myTrades", **BTC).json()) == 1  # the read models have it from here on
        yield running


@pytest.fixture(scope="module")
def trader(gateway: Served) -> Trader:
    """Return the first account's client, which has traded nothing."""
    return Trader(gateway, *new_key(gateway.directory, 1))


def public(gateway: Served, path: str, **parameters: Any) -> httpx.Response:
    """Ask without a key."""
    return httpx.get(f"{gateway.url}{path}", params=parameters, verify=False)


def weight_of(gateway: Served, ask: Any) -> int:
    """Return what a question weighs: the difference of two counts of one minute; weights are counted by the clock's."""
    while True:
        minute = time.time() // MINUTE_S
        before = int(public(gateway, "/api/v3/ping").headers[USED])
        found = int(ask().headers[USED]) - before
        if time.time() // MINUTE_S == minute:
            return found


@pytest.mark.parametrize(
    ("path", "parameters", "weight"),
    [
        ("depth", {**BTC, "limit": 100}, 5),
        ("depth", {**BTC, "limit": 101}, 25),
        ("depth", {**BTC, "limit": 500}, 25),
        ("depth", {**BTC, "limit": 501}, 50),
        ("depth", {**BTC, "limit": 1000}, 50),
        ("depth", {**BTC, "limit": 1001}, 250),
        ("depth", {**BTC, "limit": 9999}, 250),
        ("ticker/24hr", BTC, 2),
        ("ticker/24hr", {"symbols": '["BTCUSD"]'}, 2),
        ("ticker/24hr", {}, 80),
        ("ticker/price", BTC, 2),
        ("ticker/price", {"symbols": '["BTCUSD"]'}, 4),
        ("ticker/bookTicker", {}, 4),
        ("ticker", BTC, 4),
        ("ticker/tradingDay", BTC, 4),
    ],
)
def test_public_question_weighs_what_it_asks_for(
    gateway: Served, path: str, parameters: dict[str, Any], weight: int
) -> None:
    assert weight_of(gateway, lambda: public(gateway, f"/api/v3/{path}", **parameters)) == weight


@pytest.mark.parametrize(
    ("method", "path", "parameters", "weight"),
    [
        ("GET", "openOrders", BTC, 6),
        ("GET", "openOrders", {}, 80),
        ("GET", "myTrades", BTC, 20),
        ("GET", "myTrades", {**BTC, "orderId": 1}, 5),
        ("POST", "order/test", ORDER, 1),
        ("POST", "order/test", {**ORDER, "computeCommissionRates": "true"}, 20),
    ],
)
def test_question_of_an_account_weighs_what_it_asks_for(
    gateway: Served, trader: Trader, method: str, path: str, parameters: dict[str, Any], weight: int
) -> None:
    assert weight_of(gateway, lambda: trader.ask(method, f"/api/v3/{path}", **parameters)) == weight


@pytest.mark.parametrize(
    ("path", "parameters", "code"),
    [
        ("ticker/24hr", {**BTC, "symbols": '["BTCUSD"]'}, -1128),
        ("exchangeInfo", {**BTC, "symbols": '["BTCUSD"]'}, -1128),
        ("exchangeInfo", {**BTC, "symbolStatus": "TRADING"}, -1128),
        ("aggTrades", {**BTC, "fromId": 1, "startTime": 1}, -1128),
        ("ticker/price", {**BTC, "symbolStatus": "PAUSED"}, -1122),
        ("ticker/price", {**BTC, "symbolStatus": "BREAK"}, -1220),
        ("depth", {**BTC, "symbolStatus": "HALT"}, -1220),
        ("ticker/24hr", {**BTC, "type": "SHORT"}, -1139),
        ("exchangeInfo", {"permissions": "EVERYTHING"}, -1130),
        ("ticker", {}, -1102),
        ("ticker", {**BTC, "windowSize": "60m"}, -1130),
        ("ticker", {**BTC, "windowSize": "24h"}, -1130),
        ("ticker", {**BTC, "windowSize": "8d"}, -1130),
        ("ticker", {**BTC, "windowSize": "1d2h"}, -1130),
        ("klines", {**BTC, "interval": "1d", "timeZone": "14:15"}, -1130),
    ],
)
def test_question_that_cannot_be_meant_has_the_published_code(
    gateway: Served, path: str, parameters: dict[str, Any], code: int
) -> None:
    assert code_of(public(gateway, f"/api/v3/{path}", **parameters)) == (400, code)


def test_symbols_are_found_by_state_and_by_permission(gateway: Served) -> None:
    def names(**parameters: Any) -> list[str]:
        return [each["symbol"] for each in public(gateway, "/api/v3/exchangeInfo", **parameters).json()["symbols"]]

    assert names(symbolStatus="TRADING") == names(permissions="SPOT") == names() == ["BTCUSD"]
    assert names(permissions='["MARGIN","SPOT"]') == ["BTCUSD"]
    assert names(symbolStatus="BREAK") == names(permissions="MARGIN") == []
    assert public(gateway, "/api/v3/ticker/price", symbolStatus="BREAK").json() == []
    (bare,) = public(gateway, "/api/v3/exchangeInfo", showPermissionSets="false").json()["symbols"]
    assert bare["permissionSets"] == []


def test_day_of_a_time_zone_begins_at_its_midnight_and_holds_the_trade(gateway: Served) -> None:
    asked = {**BTC, "interval": "1d", "timeZone": "5", "limit": 3}
    days = public(gateway, "/api/v3/klines", **asked).json()
    assert {(day[0] + 5 * 3_600_000) % DAY_MS for day in days} == {0}
    assert all(day[6] == day[0] + DAY_MS - 1 for day in days)
    assert [sum(day[8] for day in days), {day[4] for day in days}] == [1, {"100.00000000"}]
    native = public(gateway, "/v1/markets/candles", **asked).json()
    assert sum(each["trades"] for each in native["rows"]) == 1


def test_window_of_one_s_own_begins_at_a_whole_minute_and_counts_what_is_in_it(gateway: Served) -> None:
    found = public(gateway, "/api/v3/ticker", **BTC, windowSize="7d").json()
    assert found["openTime"] % 60_000 == 0
    assert 0 <= found["closeTime"] - found["openTime"] - 7 * DAY_MS < 60_000
    assert (found["count"], found["volume"], found["quoteVolume"], found["weightedAvgPrice"]) == (
        1,
        "1.00000000",
        "100.00000000",
        "100.00000000",
    )
    assert "bidPrice" not in found  # of the last day's ticker alone
    short = public(gateway, "/api/v3/ticker", symbols='["BTCUSD"]', type="MINI").json()
    assert (len(short), "priceChange" in short[0], short[0]["lastPrice"]) == (1, False, "100.00000000")


def test_trading_day_of_a_zone_is_a_whole_day(gateway: Served) -> None:
    found = public(gateway, "/api/v3/ticker/tradingDay", **BTC, timeZone="5").json()
    assert (found["openTime"] + 5 * 3_600_000) % DAY_MS == 0
    assert found["closeTime"] == found["openTime"] + DAY_MS - 1


def filters_of(gateway: Served) -> dict[str, dict[str, Any]]:
    """Return the filters that exchangeInfo states, by their names."""
    (symbol,) = public(gateway, "/api/v3/exchangeInfo").json()["symbols"]
    return {each["filterType"]: each for each in symbol["filters"]}


def test_stated_filters_are_those_of_the_market(gateway: Served) -> None:
    found = filters_of(gateway)
    assert found["PRICE_FILTER"]["tickSize"] == "1.00000000"
    assert (found["LOT_SIZE"]["stepSize"], found["NOTIONAL"]["minNotional"]) == ("0.00000001", "0.00000000")
    collar = found["PERCENT_PRICE_BY_SIDE"]
    assert (collar["bidMultiplierUp"], collar["askMultiplierDown"]) == ("1.500000", "0.500000")
    assert found["ICEBERG_PARTS"]["limit"] == 100
    trailing = found["TRAILING_DELTA"]
    assert (trailing["minTrailingBelowDelta"], trailing["maxTrailingBelowDelta"]) == (10, 2_000)


TRAILING = {**BTC, "side": "SELL", "type": "STOP_LOSS", "quantity": "1"}


@pytest.mark.parametrize(
    ("passes", "fails", "name"),
    [
        ({"price": "99"}, {"price": "99.5"}, "PRICE_FILTER"),
        ({"price": "50"}, {"price": "49"}, "PERCENT_PRICE_BY_SIDE"),  # a sell from half of 100 on
        ({"side": "BUY", "price": "150"}, {"side": "BUY", "price": "151"}, "PERCENT_PRICE_BY_SIDE"),
        ({"icebergQty": "0.01"}, {"icebergQty": "0.00999999"}, "ICEBERG_PARTS"),  # a hundred parts of 1
        ({**TRAILING, "trailingDelta": 10}, {**TRAILING, "trailingDelta": 9}, "TRAILING_DELTA"),
        ({**TRAILING, "trailingDelta": 2_000}, {**TRAILING, "trailingDelta": 2_001}, "TRAILING_DELTA"),
        ({"quantity": "0.02"}, {"quantity": "0"}, "LOT_SIZE"),
    ],
)
def test_each_filter_passes_its_bound_and_refuses_one_step_beyond_in_a_test_and_in_an_order(
    trader: Trader, passes: dict[str, Any], fails: dict[str, Any], name: str
) -> None:
    base = {} if "type" in passes else ORDER
    for path in ("/api/v3/order/test", "/api/v3/order"):
        done = trader.ask("POST", path, **{**base, **passes})
        assert done.status_code == 200, done.text
        refused = trader.ask("POST", path, **{**base, **fails}).json()
        assert (refused["code"], refused["msg"]) == (-1013, f"Filter failure: {name}")
    assert trader.ask("DELETE", "/api/v3/openOrders", **BTC).status_code == 200


def test_tested_order_is_larger_than_the_account_and_nothing_is_placed(trader: Trader) -> None:
    """In the dialect a test order is not sent to the matching engine, which alone knows the balance."""
    assert trader.ask("POST", "/api/v3/order/test", **{**ORDER, "quantity": "100000"}).json() == {}
    assert code_of(trader.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "100000"})) == (400, -2010)
    assert trader.ask("GET", "/api/v3/openOrders", **BTC).json() == []


@pytest.mark.parametrize("name", ["pegPriceType", "pegOffsetValue", "strategyId", "strategyType"])
def test_pegged_orders_and_strategies_are_refused_by_name(trader: Trader, name: str) -> None:
    refused = trader.ask("POST", "/api/v3/order", **ORDER, **{name: "1"})
    assert code_of(refused) == (400, -1020)
    assert name in refused.json()["msg"]


@pytest.mark.parametrize("path", ["sor/order", "sor/order/test", "order/oco", "orderList/opo", "myAllocations"])
def test_endpoint_of_the_dialect_that_is_not_here_says_what_to_ask_instead(trader: Trader, path: str) -> None:
    refused = trader.ask("POST", f"/api/v3/{path}", **ORDER)
    assert code_of(refused) == (404, -1000)
    assert "/api/v3/" in refused.json()["advice"]


def test_stop_that_would_trigger_at_once_and_a_wrong_restriction_have_the_published_words(trader: Trader) -> None:
    stop = {**ORDER, "type": "STOP_LOSS_LIMIT", "stopPrice": "100"}
    refused = trader.ask("POST", "/api/v3/order", **stop)
    assert (code_of(refused), refused.json()["msg"]) == ((400, -2010), "Order would trigger immediately.")
    asked = trader.ask("DELETE", "/api/v3/order", **BTC, orderId=1, cancelRestrictions="ONLY_FILLED")
    assert code_of(asked) == (400, -1145)
