"""The account: balances, fees, trades, how many orders were placed."""

from __future__ import annotations

import time
from typing import Any

from tarazy.domain.records import AccountState
from tarazy.facility.gateway.account_reads import TradeRow
from tarazy.facility.gateway.dialect.order_view import NO_LIST, NS_PER_MS, commission_of
from tarazy.facility.gateway.endpoint import Endpoint, GatewayRequest, Security
from tarazy.facility.gateway.rates import rate_text, rates_of
from tarazy.facility.gateway.routes.orders import time_ns
from tarazy.facility.projections.venue import ACCOUNT_STATE, ASSET_CODE, ASSET_SCALE
from tarazy.oversight.requests.decimals import text_of

PPM_PER_BASIS_POINT = 100
TRADES_WEIGHT, TRADES_OF_ORDER_WEIGHT = 20, 5  # rest-api.md, "Account trade list"
NO_RATES = {"maker": "0.00000000", "taker": "0.00000000", "buyer": "0.00000000", "seller": "0.00000000"}


async def account(asked: GatewayRequest) -> Any:
    """Return balances, what the account may do, and its rates in the first market."""
    omits_zero = asked.parameters.flag("omitZeroBalances", False)
    balances = await asked.read(asked.gateway.reads.balances, asked.account_id)
    venue = asked.gateway.models.venue
    state = venue.accounts.rows[asked.account_id][ACCOUNT_STATE]
    rates = rates_of(venue, asked.account_id, min(venue.markets.rows, default=0))
    rows = []
    for asset_id, asset in sorted(venue.assets.rows.items()):
        free, locked = balances.get(asset_id, (0, 0))
        if free or locked or not omits_zero:
            places = asset[ASSET_SCALE]
            amounts = {"free": text_of(free, places), "locked": text_of(locked, places)}
            rows.append({"asset": asset[ASSET_CODE], **amounts})
    return {
        "makerCommission": rates.maker_ppm // PPM_PER_BASIS_POINT,
        "takerCommission": rates.taker_ppm // PPM_PER_BASIS_POINT,
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {**NO_RATES, "maker": rate_text(rates.maker_ppm), "taker": rate_text(rates.taker_ppm)},
        "canTrade": state == AccountState.active,
        "canWithdraw": state in (AccountState.active, AccountState.restricted),
        "canDeposit": state != AccountState.closed,
        "brokered": False,
        "requireSelfTradePrevention": True,
        "preventSor": True,
        "updateTime": time.time_ns() // NS_PER_MS,
        "accountType": "SPOT",
        "balances": rows,
        "permissions": ["SPOT"],
        "uid": asked.account_id,
    }


async def commission(asked: GatewayRequest) -> Any:
    """Return the account's rates in a market; the discount of its tier is in them already."""
    symbol = asked.symbol()
    rates = rates_of(asked.gateway.models.venue, asked.account_id, symbol.market_id)
    return {
        "symbol": symbol.name,
        "standardCommission": {**NO_RATES, "maker": rate_text(rates.maker_ppm), "taker": rate_text(rates.taker_ppm)},
        "specialCommission": NO_RATES,
        "taxCommission": NO_RATES,
        "discount": {
            "enabledForAccount": rates.discount_ppm > 0,
            "enabledForSymbol": True,
            "discountAsset": "",
            "discount": rate_text(rates.discount_ppm),
        },
    }


async def my_trades(asked: GatewayRequest) -> Any:
    """Return the account's trades in a market."""
    symbol, parameters = asked.symbol(), asked.parameters
    order_id = parameters.integer("orderId")
    asked.charge(TRADES_WEIGHT - TRADES_OF_ORDER_WEIGHT if order_id is None else 0)
    found = await asked.read(
        asked.gateway.reads.trades,
        asked.account_id,
        symbol.market_id,
        parameters.count("limit", 500, 1_000),
        order_id=order_id,
        from_number=parameters.integer("fromId"),
        start_ns=time_ns(asked, "startTime"),
        end_ns=time_ns(asked, "endTime"),
    )
    return [trade_plain(row) for row in found]


def trade_plain(row: TradeRow) -> dict[str, Any]:
    """Return a trade as its party sees it."""
    symbol = row.symbol
    paid, asset = commission_of(symbol, row.side, row.fee_minor)
    return {
        "symbol": symbol.name,
        "id": row.number,
        "orderId": row.order_id,
        "orderListId": row.list_id or NO_LIST,
        "price": symbol.price(row.price_ticks),
        "qty": symbol.quantity(row.quantity_lots),
        "quoteQty": symbol.amount(symbol.cost_minor(row.price_ticks, row.quantity_lots)),
        "commission": paid,
        "commissionAsset": asset,
        "time": row.ts_ns // NS_PER_MS,
        "isBuyer": row.side == 1,
        "isMaker": row.is_maker,
        "isBestMatch": True,
    }


async def order_count(asked: GatewayRequest) -> Any:
    """Return how many orders the account has placed in each window."""
    limits = asked.gateway.limits
    windows = (limits.orders_short, limits.orders_day)
    return [{**window.limit.plain, "count": window.count(asked.account_id)} for window in windows]


ENDPOINTS = {
    ("GET", "/api/v3/account"): Endpoint(account, Security.READ, 20),
    ("GET", "/api/v3/account/commission"): Endpoint(commission, Security.READ, 20),
    ("GET", "/api/v3/myTrades"): Endpoint(my_trades, Security.READ, TRADES_OF_ORDER_WEIGHT),
    ("GET", "/api/v3/rateLimit/order"): Endpoint(order_count, Security.READ, 40),
}
