"""Clients that others wrote trade through the gateway, and their view of balances and orders is the ledger's.

ccxt and python-binance are used as they come; only their addresses are set. The oracle of balances is the engine's
state after a replay of the record, and arithmetic by hand where a number is written out.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tarazy.cli.journal.seek import engine_after, last_seq, readable

from ..python_binance import end_client, python_binance
from ..trading_stage import Served, make_facility, new_key, served

ccxt = pytest.importorskip("ccxt")

SYMBOL = "BTC/USD"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Served]:
    """Serve a new facility with three funded accounts."""
    make_facility(tmp_path / "facility")
    with served(tmp_path / "facility") as running:
        yield running
        for client in running.clients:
            if hasattr(client, "loop"):
                end_client(client)
            else:
                client.session.close()


def ccxt_client(gateway: Served, account_id: int) -> Any:
    """Return ccxt's class for Binance, pointed at the gateway."""
    key, secret = new_key(gateway.directory, account_id)
    options = {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False, "fetchMargins": False}
    client = ccxt.binance({"apiKey": key, "secret": secret, "options": options})
    base = gateway.url
    client.urls["api"].update(public=f"{base}/api/v3", private=f"{base}/api/v3", sapi=f"{base}/sapi/v1")
    gateway.clients.append(client)
    return client


def binance_client(gateway: Served, account_id: int) -> Any:
    """Return python-binance's client, pointed at the gateway."""
    client = python_binance(gateway.url, *new_key(gateway.directory, account_id))
    gateway.clients.append(client)
    return client


def ledger(directory: Path, account_id: int) -> dict[str, tuple[Decimal, Decimal]]:
    """Return free and held of an account by asset, from a replay of the record by the specification."""
    state = readable(engine_after(directory, last_seq(directory))).state
    found = {}
    for asset in state.assets:
        balance = state.ledger.balances.get(account_id << 32 | asset.asset_id)
        unit = Decimal(10) ** -asset.scale
        amounts = (balance.available.minor, balance.held.minor) if balance else (0, 0)
        found[asset.asset_code.rstrip(b"\0").decode()] = (amounts[0] * unit, amounts[1] * unit)
    return found


def stop(gateway: Served) -> None:
    """Stop the gateway as Ctrl-C does."""
    gateway.process.terminate()
    assert gateway.process.wait(30) == 0


def test_ccxt_places_amends_cancels_and_is_filled_and_its_balances_are_the_ledger_s(gateway: Served) -> None:
    seller, buyer = ccxt_client(gateway, 1), ccxt_client(gateway, 2)
    market = seller.load_markets()[SYMBOL]
    assert (market["precision"]["price"], market["precision"]["amount"]) == (1.0, 1e-8)
    rest = seller.create_order(SYMBOL, "limit", "sell", 1, 100)
    taken = buyer.create_order(SYMBOL, "limit", "buy", 0.4, 101)
    assert (taken["status"], taken["filled"], taken["average"]) == ("closed", 0.4, 100.0)
    assert taken["fees"] == [{"currency": "BTC", "cost": 0.0008}]  # 0.4 BTC * 2,000 ppm
    with pytest.raises(ccxt.InsufficientFunds):
        seller.create_order(SYMBOL, "limit", "sell", 1000, 100)
    with pytest.raises(ccxt.OrderImmediatelyFillable):
        buyer.create_order(SYMBOL, "limit", "buy", 1, 100, params={"postOnly": True})
    moved = seller.edit_order(rest["id"], SYMBOL, "limit", "sell", 0.6, 105)
    assert (moved["price"], moved["amount"]) == (105.0, 0.6)
    spent = buyer.create_order(SYMBOL, "market", "buy", None, None, {"cost": 21})
    assert (spent["filled"], spent["cost"]) == (0.2, 21.0)
    stop_loss = seller.create_order(SYMBOL, "limit", "sell", 2, 80, {"stopLossPrice": 90})
    assert {order["id"] for order in seller.fetch_open_orders(SYMBOL)} == {moved["id"], stop_loss["id"]}
    assert seller.cancel_order(stop_loss["id"], SYMBOL)["status"] == "canceled"
    with pytest.raises(ccxt.OrderNotFound):
        seller.cancel_order(stop_loss["id"], SYMBOL)
    assert seller.fetch_order(rest["id"], SYMBOL)["filled"] == 0.4
    trades = buyer.fetch_my_trades(SYMBOL)
    assert [(each["price"], each["amount"], each["takerOrMaker"]) for each in trades] == [
        (100.0, 0.4, "taker"),
        (105.0, 0.2, "taker"),
    ]
    seen = {number: client.fetch_balance() for number, client in ((1, seller), (2, buyer))}
    stop(gateway)
    for number, balance in seen.items():
        for asset, (free, held) in ledger(gateway.directory, number).items():
            assert (balance[asset]["free"], balance[asset]["used"]) == (float(free), float(held))
    # By hand: 100 BTC - 0.4 - 0.2 sold - 0.4 held; 40 and 21 USD received less 1,000 ppm as a maker.
    assert ledger(gateway.directory, 1) == {
        "BTC": (Decimal("99"), Decimal("0.4")),
        "USD": (Decimal("10000060.939"), Decimal(0)),
    }


@pytest.mark.filterwarnings("ignore:websockets.*:DeprecationWarning")  # of python-binance's own imports
def test_python_binance_places_amends_cancels_and_is_filled_and_its_balances_are_the_ledger_s(gateway: Served) -> None:
    from binance.exceptions import BinanceAPIException

    seller, buyer = binance_client(gateway, 1), binance_client(gateway, 2)
    names = {"symbol": "BTCUSD"}
    assert seller.get_symbol_info("BTCUSD")["status"] == "TRADING"
    rest = seller.order_limit_sell(**names, quantity="2", price="200", newClientOrderId="first")
    assert (rest["status"], rest["clientOrderId"]) == ("NEW", "first")
    seller.create_test_order(**names, side="SELL", type="LIMIT", timeInForce="GTC", quantity="1", price="201")
    taken = buyer.order_market_buy(**names, quantity="0.5")
    assert (taken["status"], taken["cummulativeQuoteQty"]) == ("FILLED", "100.00000000")
    with pytest.raises(BinanceAPIException) as refused:
        seller.order_limit_sell(**names, quantity="1", price="205", newClientOrderId="first")
    assert (refused.value.code, refused.value.message) == (-2010, "Duplicate order sent.")
    assert seller.get_order(**names, origClientOrderId="first")["executedQty"] == "0.50000000"
    replaced = seller.cancel_replace_order(
        **names,
        side="SELL",
        type="LIMIT",
        timeInForce="GTC",
        quantity="1",
        price="210",
        cancelReplaceMode="STOP_ON_FAILURE",
        cancelOrigClientOrderId="first",
    )
    assert (replaced["cancelResult"], replaced["newOrderResult"]) == ("SUCCESS", "SUCCESS")
    assert [order["price"] for order in seller.get_open_orders(**names)] == ["210.00000000"]
    pair = buyer.create_oco_order(
        **names,
        side="SELL",
        quantity="0.25",
        aboveType="LIMIT_MAKER",
        abovePrice="220",
        belowType="STOP_LOSS_LIMIT",
        belowPrice="149",
        belowStopPrice="150",
        belowTimeInForce="GTC",
    )
    assert (pair["contingencyType"], pair["listOrderStatus"], len(pair["orderReports"])) == ("OCO", "EXECUTING", 2)
    stop_id = next(each["orderId"] for each in pair["orderReports"] if each["type"] == "STOP_LOSS_LIMIT")
    assert buyer.get_order(**names, orderId=stop_id)["stopPrice"] == "150.00000000"
    gone = buyer.cancel_order(**names, orderId=stop_id)
    assert (gone["listOrderStatus"], {each["status"] for each in gone["orderReports"]}) == ("ALL_DONE", {"CANCELED"})
    with pytest.raises(BinanceAPIException) as unknown:
        buyer.cancel_order(**names, orderId=stop_id)
    assert unknown.value.code == -2011
    seen = {number: client.get_account()["balances"] for number, client in ((1, seller), (2, buyer))}
    stop(gateway)
    for number, balances in seen.items():
        found = {each["asset"]: (Decimal(each["free"]), Decimal(each["locked"])) for each in balances}
        assert found == ledger(gateway.directory, number)
    # By hand: the buyer paid 100 USD for 0.5 BTC less 2,000 ppm.
    assert ledger(gateway.directory, 2) == {
        "BTC": (Decimal("100.499"), Decimal(0)),
        "USD": (Decimal("9999900"), Decimal(0)),
    }
