"""Lives of orders and lists through the gateway: what is answered, queried and canceled is one and the same order.

Prices and fees are computed by hand; statuses are those of binance-spot-api-docs, enums.md.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tarazy.domain.records import RECORD_SIZE, CommandKind
from tarazy.journal.reader import JournalReader

from ..trading_stage import Served, make_facility, new_key, served
from .test_gateway_attacks import ORDER, Trader, code_of

BUY = {**ORDER, "side": "BUY"}
BTC = {"symbol": "BTCUSD"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one facility for the tests of this file; its last price is 100."""
    directory = tmp_path_factory.mktemp("orders") / "facility"
    make_facility(directory, accounts=8)
    with served(directory) as running:
        buyer, seller = (Trader(running, *new_key(directory, number)) for number in (1, 2))
        buyer.ask("POST", "/api/v3/order", **BUY)
        assert seller.ask("POST", "/api/v3/order", **ORDER).json()["status"] == "FILLED"
        yield running


@pytest.fixture
def traders(gateway: Served) -> Iterator[tuple[Trader, Trader]]:
    """Return the clients of two accounts; what they leave open is canceled at the end."""
    pair = tuple(Trader(gateway, *new_key(gateway.directory, number)) for number in (3, 4))
    yield pair  # type: ignore[misc]
    for trader in pair:
        trader.ask("DELETE", "/api/v3/openOrders", **BTC)


Traders = tuple[Trader, Trader]


def query(trader: Trader, order_id: int) -> dict[str, Any]:
    """Return an order as its query shows it."""
    found: dict[str, Any] = trader.ask("GET", "/api/v3/order", **BTC, orderId=order_id).json()
    return found


def test_partly_filled_order_shows_the_same_in_answer_query_and_history(traders: Traders) -> None:
    seller, buyer = traders
    rest = seller.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "3", "price": "101"}).json()
    taken = buyer.ask("POST", "/api/v3/order", **{**BUY, "quantity": "1.5", "price": "102"}).json()
    assert (taken["status"], taken["executedQty"], taken["cummulativeQuoteQty"]) == (
        "FILLED",
        "1.50000000",
        "151.50000000",
    )
    (fill,) = taken["fills"]
    assert (fill["price"], fill["commission"], fill["commissionAsset"]) == ("101.00000000", "0.00300000", "BTC")
    seen = query(seller, rest["orderId"])
    assert (seen["status"], seen["executedQty"], seen["origQty"]) == ("PARTIALLY_FILLED", "1.50000000", "3.00000000")
    assert (seen["time"], seen["workingTime"]) == (rest["transactTime"], rest["workingTime"])
    assert seen in seller.ask("GET", "/api/v3/openOrders", **BTC).json()
    mine = seller.ask("GET", "/api/v3/myTrades", **BTC, orderId=rest["orderId"]).json()
    assert [(each["id"], each["commission"], each["commissionAsset"]) for each in mine] == [
        (fill["tradeId"], "0.15150000", "USD")  # 151.50 USD at a maker's 1,000 ppm
    ]
    gone = seller.ask("DELETE", "/api/v3/order", **BTC, orderId=rest["orderId"]).json()
    assert (gone["status"], gone["executedQty"]) == ("CANCELED", "1.50000000")
    listed = seller.ask("GET", "/api/v3/allOrders", **BTC, orderId=rest["orderId"]).json()
    assert [each["orderId"] for each in listed] == [rest["orderId"]]
    assert listed[0]["status"] == "CANCELED"


@pytest.mark.parametrize(
    ("terms", "status", "reason"),
    [
        ({"timeInForce": "IOC", "price": "90", "side": "BUY"}, "EXPIRED", "IMMEDIATE_OR_CANCEL"),
        ({"timeInForce": "FOK", "price": "90", "side": "BUY"}, "EXPIRED", "FILL_OR_KILL"),
    ],
)
def test_order_that_finds_nobody_expires_with_its_reason(
    traders: Traders, terms: dict[str, str], status: str, reason: str
) -> None:
    answer = traders[0].ask("POST", "/api/v3/order", **{**ORDER, **terms}).json()
    assert (answer["status"], answer["expiryReason"]) == (status, reason)
    assert query(traders[0], answer["orderId"])["expiryReason"] == reason


def test_amended_order_is_smaller_and_keeps_its_name_and_place(gateway: Served, traders: Traders) -> None:
    first, second = traders
    mine = first.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "2", "price": "103"}).json()
    second.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "2", "price": "103"})
    names = {**BTC, "orderId": mine["orderId"]}
    larger = first.ask("PUT", "/api/v3/order/amend/keepPriority", **names, newQty="3")
    assert code_of(larger) == (400, -2038)
    amended = first.ask("PUT", "/api/v3/order/amend/keepPriority", **names, newQty="0.5").json()["amendedOrder"]
    assert (amended["origQty"], amended["clientOrderId"]) == ("0.50000000", mine["clientOrderId"])
    bought = Trader(gateway, *new_key(gateway.directory, 5))
    bought.ask("POST", "/api/v3/order", **{**BUY, "quantity": "0.5", "price": "103"})
    assert query(first, mine["orderId"])["status"] == "FILLED"  # it was first in the queue and still is


def test_cancel_replace_says_what_became_of_both(traders: Traders) -> None:
    trader = traders[0]
    mode = {"cancelReplaceMode": "STOP_ON_FAILURE"}
    failed = trader.ask("POST", "/api/v3/order/cancelReplace", **ORDER, **mode, cancelOrderId=999_999_999)
    assert code_of(failed) == (400, -2022)
    results = failed.json()["data"]
    assert (results["cancelResult"], results["newOrderResult"]) == ("FAILURE", "NOT_ATTEMPTED")
    mode = {"cancelReplaceMode": "ALLOW_FAILURE"}
    partly = trader.ask("POST", "/api/v3/order/cancelReplace", **ORDER, **mode, cancelOrderId=999_999_999)
    assert code_of(partly) == (409, -2021)
    placed = partly.json()["data"]["newOrderResponse"]
    poor = {**ORDER, "quantity": "5000"}
    half = trader.ask("POST", "/api/v3/order/cancelReplace", **poor, **mode, cancelOrderId=placed["orderId"])
    assert code_of(half) == (409, -2021)
    assert half.json()["data"]["newOrderResponse"]["reject"] == "insufficient_balance"
    assert query(trader, placed["orderId"])["status"] == "CANCELED"


def test_replacement_that_allows_failure_is_one_unit_in_the_record(gateway: Served, traders: Traders) -> None:
    """The cancel and the order behind it are two commands of one frame, one after the other."""
    trader = traders[0]
    first = trader.ask("POST", "/api/v3/order", **{**ORDER, "price": "130"}).json()
    terms = {**ORDER, "price": "131", "cancelReplaceMode": "ALLOW_FAILURE", "newOrderRespType": "RESULT"}
    done = trader.ask("POST", "/api/v3/order/cancelReplace", **terms, cancelOrderId=first["orderId"]).json()
    assert (done["cancelResult"], done["newOrderResult"]) == ("SUCCESS", "SUCCESS")
    assert (done["cancelResponse"]["orderId"], done["cancelResponse"]["status"]) == (first["orderId"], "CANCELED")
    placed = done["newOrderResponse"]["orderId"]
    assert query(trader, placed)["clientOrderId"] == done["newOrderResponse"]["clientOrderId"]
    frame = next(each for each in JournalReader(gateway.directory) if each.header.next_seq > placed)
    at = (placed - frame.header.first_seq) * RECORD_SIZE
    kinds = [int.from_bytes(frame.commands[each : each + 2], "little") for each in (at - RECORD_SIZE, at)]
    assert kinds == [CommandKind.cancel_order, CommandKind.place_order]


def test_replacement_of_a_filled_order_places_nothing_unless_failure_is_allowed(traders: Traders) -> None:
    """rest-api.md: with STOP_ON_FAILURE the new order is not attempted where the cancel fails."""
    seller, buyer = traders
    gone = seller.ask("POST", "/api/v3/order", **{**ORDER, "price": "108"}).json()["orderId"]
    buyer.ask("POST", "/api/v3/order", **{**BUY, "price": "108"})
    terms = {**ORDER, "price": "132", "cancelReplaceMode": "STOP_ON_FAILURE"}
    answer = seller.ask("POST", "/api/v3/order/cancelReplace", **terms, cancelOrderId=gone)
    assert code_of(answer) == (400, -2022)
    data = answer.json()["data"]
    assert (data["cancelResult"], data["newOrderResult"]) == ("FAILURE", "NOT_ATTEMPTED")
    assert data["newOrderResponse"] is None
    assert seller.ask("GET", "/api/v3/openOrders", **BTC).json() == []


@pytest.mark.parametrize(
    ("restriction", "path", "code"),
    [
        ("ONLY_NEW", "/api/v3/order", None),
        ("ONLY_PARTIALLY_FILLED", "/api/v3/order", -2011),
        ("SOMETIMES", "/api/v3/order", -1145),
    ],
)
def test_cancel_is_bound_to_the_state_that_it_names(
    traders: Traders, restriction: str, path: str, code: int | None
) -> None:
    trader = traders[0]
    placed = trader.ask("POST", "/api/v3/order", **{**ORDER, "price": "133"}).json()["orderId"]
    answer = trader.ask("DELETE", path, **BTC, orderId=placed, cancelRestrictions=restriction)
    if code is None:
        assert answer.json()["status"] == "CANCELED"
    else:
        assert code_of(answer) == (400, code)
        assert query(trader, placed)["status"] == "NEW"


def test_pair_is_one_list_whose_stop_answers_to_the_same_id_everywhere(traders: Traders) -> None:
    seller, buyer = traders
    pair = seller.ask(
        "POST",
        "/api/v3/orderList/oco",
        **BTC,
        side="SELL",
        quantity="1",
        listClientOrderId="pair-1",
        aboveType="LIMIT_MAKER",
        abovePrice="110",
        aboveClientOrderId="pair-1-profit",
        belowType="STOP_LOSS_LIMIT",
        belowStopPrice="95",
        belowPrice="90",
        belowTimeInForce="GTC",
        belowClientOrderId="pair-1-stop",
    ).json()
    assert "orders" in pair, pair
    ids = {each["clientOrderId"]: each["orderId"] for each in pair["orders"]}
    assert set(ids) == {"pair-1-profit", "pair-1-stop"}
    named = seller.ask("GET", "/api/v3/order", **BTC, origClientOrderId="pair-1-stop").json()
    assert (named["orderId"], named["orderListId"], named["stopPrice"]) == (
        ids["pair-1-stop"],
        pair["orderListId"],
        "95.00000000",
    )
    assert {each["orderId"] for each in seller.ask("GET", "/api/v3/openOrders", **BTC).json()} == set(ids.values())
    assert [each["orderListId"] for each in seller.ask("GET", "/api/v3/openOrderList").json()] == [pair["orderListId"]]
    locked = {each["asset"]: each["locked"] for each in seller.ask("GET", "/api/v3/account").json()["balances"]}
    assert locked["BTC"] == "1.00000000"  # a pair holds once
    buyer.ask("POST", "/api/v3/order", **{**BUY, "price": "110"})
    whole = seller.ask("GET", "/api/v3/orderList", origClientOrderId="pair-1").json()
    assert (whole["listOrderStatus"], whole["listStatusType"]) == ("ALL_DONE", "ALL_DONE")
    assert query(seller, ids["pair-1-profit"])["status"] == "FILLED"
    assert query(seller, ids["pair-1-stop"])["status"] == "CANCELED"


def test_pending_pair_is_placed_when_its_working_order_is_filled(traders: Traders) -> None:
    seller, buyer = traders
    placed = buyer.ask(
        "POST",
        "/api/v3/orderList/otoco",
        **BTC,
        workingType="LIMIT",
        workingSide="BUY",
        workingPrice="100",
        workingQuantity="1",
        workingTimeInForce="GTC",
        workingClientOrderId="enter",
        pendingSide="SELL",
        pendingQuantity="0.5",
        pendingAboveType="LIMIT_MAKER",
        pendingAbovePrice="120",
        pendingAboveClientOrderId="profit",
        pendingBelowType="STOP_LOSS",
        pendingBelowStopPrice="80",
        pendingBelowClientOrderId="loss",
    ).json()
    states = {each["clientOrderId"]: each["status"] for each in placed["orderReports"]}
    assert states == {"enter": "NEW", "profit": "PENDING_NEW", "loss": "PENDING_NEW"}
    seller.ask("POST", "/api/v3/order", **ORDER)
    now = {each["clientOrderId"]: each["status"] for each in buyer.ask("GET", "/api/v3/allOrders", **BTC).json()}
    assert (now["enter"], now["profit"], now["loss"]) == ("FILLED", "NEW", "NEW")
    canceled = buyer.ask("DELETE", "/api/v3/orderList", **BTC, orderListId=placed["orderListId"]).json()
    states = {each["clientOrderId"]: each["status"] for each in canceled["orderReports"]}
    assert states == {"enter": "FILLED", "profit": "CANCELED", "loss": "CANCELED"}


def test_lists_that_the_venue_does_not_have_are_refused(traders: Traders) -> None:
    pair = {**BTC, "side": "SELL", "quantity": "1", "aboveType": "TAKE_PROFIT", "aboveStopPrice": "110"}
    answer = traders[0].ask("POST", "/api/v3/orderList/oco", **pair, belowType="STOP_LOSS", belowStopPrice="90")
    assert code_of(answer) == (400, -1116)
    long_names = {f"{leg}ClientOrderId": leg[0] * 36 for leg in ("list", "working", "pendingAbove", "pendingBelow")}
    answer = traders[0].ask(
        "POST",
        "/api/v3/orderList/otoco",
        **BTC,
        **long_names,
        workingType="LIMIT_MAKER",
        workingSide="BUY",
        workingPrice="99",
        workingQuantity="1",
        pendingSide="SELL",
        pendingQuantity="1",
        pendingAboveType="LIMIT_MAKER",
        pendingAbovePrice="120",
        pendingBelowType="STOP_LOSS",
        pendingBelowStopPrice="80",
    )
    assert code_of(answer) == (400, -1130)


def test_trailing_stop_shows_how_far_it_trails(traders: Traders) -> None:
    terms = {**BTC, "side": "SELL", "type": "STOP_LOSS", "quantity": "1", "trailingDelta": 500}
    placed = traders[0].ask("POST", "/api/v3/order", **terms, newOrderRespType="RESULT").json()
    assert (placed["status"], placed["trailingDelta"], placed["workingTime"]) == ("NEW", 500, -1)
    assert query(traders[0], placed["orderId"])["trailingDelta"] == 500
    far = traders[0].ask("POST", "/api/v3/order", **{**terms, "trailingDelta": 2_001})
    assert (code_of(far), far.json()["msg"]) == ((400, -1013), "Filter failure: TRAILING_DELTA")


def test_orders_are_canceled_after_silence_and_not_while_the_timer_is_set_again(traders: Traders) -> None:
    trader = traders[0]
    placed = trader.ask("POST", "/api/v3/order", **ORDER).json()
    for _ in range(3):
        assert trader.ask("POST", "/v1/cancel-after", timeoutMs=4_000).json()["timeoutMs"] == 4_000
        time.sleep(1.4)
    assert query(trader, placed["orderId"])["status"] == "NEW"
    deadline = time.monotonic() + 20  # a quiet record gets the time once a second
    while query(trader, placed["orderId"])["status"] == "NEW" and time.monotonic() < deadline:
        time.sleep(0.2)
    assert query(trader, placed["orderId"])["status"] == "CANCELED"
    assert trader.ask("POST", "/v1/cancel-after", timeoutMs=0).json()["cancelsAt"] is None


def test_many_cancels_have_an_outcome_each(traders: Traders) -> None:
    trader = traders[0]
    numbers = [trader.ask("POST", "/api/v3/order", **ORDER).json()["orderId"] for _ in range(3)]
    asked = [numbers[0], 999_999_999, numbers[2]]
    outcomes = trader.ask("DELETE", "/v1/orders", **BTC, orderIds=",".join(map(str, asked))).json()
    assert [(each["orderId"], each["canceled"]) for each in outcomes] == list(
        zip(asked, (True, False, True), strict=True)
    )
    assert outcomes[1]["error"]["code"] == -2011
    left = [each["orderId"] for each in trader.ask("GET", "/api/v3/openOrders", **BTC).json()]
    assert left == [numbers[1]]


def test_iceberg_shows_its_slice_in_the_book_and_its_whole_to_its_owner(traders: Traders) -> None:
    trader = traders[0]
    placed = trader.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "5", "price": "104"}, icebergQty="0.5").json()
    assert placed["icebergQty"] == "0.50000000"
    deadline = time.monotonic() + 5
    while True:
        asks = dict(trader.send("GET", "/api/v3/depth", "symbol=BTCUSD").json()["asks"])
        if "104.00000000" in asks or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    assert asks["104.00000000"] == "0.50000000"
    assert query(trader, placed["orderId"])["origQty"] == "5.00000000"


def test_orders_of_one_owner_do_not_trade_with_each_other(traders: Traders) -> None:
    trader = traders[0]
    rest = trader.ask("POST", "/api/v3/order", **{**ORDER, "price": "105"}).json()
    crossing = {**BUY, "price": "105", "selfTradePreventionMode": "EXPIRE_TAKER"}
    taker = trader.ask("POST", "/api/v3/order", **crossing).json()
    assert (taker["status"], taker["expiryReason"]) == ("EXPIRED_IN_MATCH", "SELF_TRADE_PREVENTION")
    assert query(trader, rest["orderId"])["status"] == "NEW"
    maker = trader.ask("POST", "/api/v3/order", **{**crossing, "selfTradePreventionMode": "EXPIRE_MAKER"}).json()
    assert maker["status"] == "NEW"
    assert query(trader, rest["orderId"])["status"] == "EXPIRED_IN_MATCH"


def test_commission_is_said_before_an_order_and_is_what_it_pays(traders: Traders) -> None:
    """The market's rules: 1,000 ppm for makers, 2,000 for takers."""
    trader = traders[0]
    rates = trader.ask("GET", "/api/v3/account/commission", **BTC).json()["standardCommission"]
    assert (rates["maker"], rates["taker"]) == ("0.00100000", "0.00200000")
    tested = trader.ask("POST", "/api/v3/order/test", **ORDER, computeCommissionRates="true").json()
    assert tested["standardCommissionForOrder"] == {"maker": "0.00100000", "taker": "0.00200000"}
    assert trader.ask("POST", "/api/v3/order/test", **ORDER).json() == {}
    assert trader.ask("GET", "/api/v3/openOrders", **BTC).json() == []


def test_market_data_says_what_was_traded(traders: Traders) -> None:
    seller, buyer = traders
    seller.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "0.7", "price": "107"})
    taken = buyer.ask("POST", "/api/v3/order", **{**BUY, "quantity": "0.7", "price": "107"}).json()
    number = taken["fills"][0]["tradeId"]
    deadline = time.monotonic() + 5
    while True:
        found = seller.send("GET", "/api/v3/trades", "symbol=BTCUSD&limit=5").json()
        if found[-1]["id"] == number or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    last = found[-1]
    assert (last["id"], last["price"], last["qty"], last["quoteQty"]) == (
        number,
        "107.00000000",
        "0.70000000",
        "74.90000000",
    )
    assert last["isBuyerMaker"] is False
    history = seller.send("GET", "/api/v3/historicalTrades", f"symbol=BTCUSD&fromId={number}").json()
    assert history[0] == last
    aggregate = seller.send("GET", "/api/v3/aggTrades", "symbol=BTCUSD&limit=1").json()[0]
    assert (aggregate["f"], aggregate["l"], aggregate["p"]) == (number, number, "107.00000000")
    candle = seller.send("GET", "/api/v3/klines", "symbol=BTCUSD&interval=1s&limit=30").json()
    assert any(each[4] == "107.00000000" and each[5] == "0.70000000" and each[8] == 1 for each in candle)
    assert seller.send("GET", "/api/v3/ticker/price", "symbol=BTCUSD").json()["price"] == "107.00000000"
    day = seller.send("GET", "/api/v3/ticker/24hr", "symbol=BTCUSD").json()
    assert (day["lastPrice"], day["lastId"], day["firstId"]) == ("107.00000000", number, 1)
    assert code_of(seller.send("GET", "/api/v3/klines", "symbol=BTCUSD&interval=7m")) == (400, -1120)


def test_trades_of_a_list_name_it(traders: Traders) -> None:
    seller, buyer = traders
    pair = {**BTC, "side": "SELL", "quantity": "1", "aboveType": "LIMIT_MAKER", "abovePrice": "112"}
    stop = {"belowType": "STOP_LOSS", "belowStopPrice": "80"}
    placed = seller.ask("POST", "/api/v3/orderList/oco", **pair, **stop).json()
    buyer.ask("POST", "/api/v3/order", **{**BUY, "price": "112"})
    last = seller.ask("GET", "/api/v3/myTrades", **BTC, limit=1).json()[0]
    assert (last["price"], last["orderListId"]) == ("112.00000000", placed["orderListId"])
    assert buyer.ask("GET", "/api/v3/myTrades", **BTC, limit=1).json()[0]["orderListId"] == -1
