"""Tickers: the last day, a window of one's own, the trading day of a zone, the last price, the best prices.

Forms and weights: binance/binance-spot-api-docs, rest-api.md, "24hr ticker price change statistics" and what follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from tarazy.facility.feeds.intervals import DAY_NS, HOUR_NS, MINUTE_NS
from tarazy.facility.feeds.klines import Kline
from tarazy.facility.feeds.streams.messages import average_text, percent_text
from tarazy.facility.feeds.ticker import window_open
from tarazy.facility.feeds.units import in_units
from tarazy.facility.feeds.views import BeyondMemoryError
from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.gateway.endpoint import Endpoint, GatewayRequest, Handler, Security
from tarazy.facility.gateway.routes.market_data import zone_offset
from tarazy.facility.gateway.routes.symbol_choice import SymbolChoice, chosen
from tarazy.oversight.requests.errors import BAD_TICKER_TYPE, INVALID_PARAMETER, DialectError
from tarazy.oversight.requests.symbol import Symbol

Plain = dict[str, Any]
WINDOW = re.compile("([1-9][0-9]?)([mhd])")
UNITS = {"m": (MINUTE_NS, 59), "h": (HOUR_NS, 23), "d": (DAY_NS, 7)}  # length, and how many at most
WINDOW_SYMBOLS_MAX, WINDOW_WEIGHT, WINDOW_WEIGHT_MAX = 100, 4, 200
PRICE_WEIGHTS = (2, 4)  # of one symbol; of several or all


def of_symbols(make: Callable[[GatewayRequest, Symbol], Plain], weight: Callable[[SymbolChoice], int]) -> Handler:
    """Return a handler that answers for one symbol, for several as a list, or for all."""

    async def answer(asked: GatewayRequest) -> Any:
        choice = chosen(asked)
        asked.charge(weight(choice) - PRICE_WEIGHTS[0])
        found = [make(asked, symbol) for symbol in choice.symbols]
        return found[0] if choice.is_one else found

    return answer


def price_weight(choice: SymbolChoice) -> int:
    """Return what prices of symbols weigh."""
    return PRICE_WEIGHTS[0 if choice.is_one else 1]


def day_weight(choice: SymbolChoice) -> int:
    """Return what the last day of symbols weighs."""
    if choice.is_one or (not choice.is_all and len(choice.symbols) <= 20):
        return 2
    return 40 if not choice.is_all and len(choice.symbols) <= 100 else 80


def wanted_kind(asked: GatewayRequest) -> str:
    """Return whether a ticker is wanted in full or in short. Raises: DialectError."""
    kind = asked.parameters.text("type") or "FULL"
    if kind not in ("FULL", "MINI"):
        raise DialectError(BAD_TICKER_TYPE, "Invalid ticker type.", expected="FULL, MINI")
    return kind


def day_ticker(asked: GatewayRequest, symbol: Symbol) -> Plain:
    """Return the last 24 hours of a symbol, in full or in short."""
    kind, views = wanted_kind(asked), asked.gateway.views
    ticker, (bid, ask) = views.ticker(symbol), views.best(symbol.market_id)
    found = statistics(symbol, ticker.candle, ticker.open_ns, ticker.close_ns // NS_PER_MS, kind)
    if kind == "MINI":
        return found
    (bid_ticks, bid_lots), (ask_ticks, ask_lots) = bid or (0, 0), ask or (0, 0)
    return {
        **found,
        "prevClosePrice": found["openPrice"],
        "lastQty": symbol.quantity(ticker.last_lots),
        "bidPrice": symbol.price(bid_ticks),
        "bidQty": symbol.quantity(bid_lots),
        "askPrice": symbol.price(ask_ticks),
        "askQty": symbol.quantity(ask_lots),
    }


def statistics(symbol: Symbol, candle: Kline | None, open_ns: int, close_ms: int, kind: str) -> Plain:
    """Return what a window of a symbol says, in full or in short; without a trade ever before it is zero."""
    prices = (candle.open_ticks, candle.high_ticks, candle.low_ticks, candle.close_ticks) if candle else (0, 0, 0, 0)
    trades = candle.trades if candle else 0
    found = {
        "symbol": symbol.name,
        **dict(zip(("openPrice", "highPrice", "lowPrice", "lastPrice"), map(symbol.price, prices), strict=True)),
        "volume": symbol.quantity(candle.lots if candle else 0),
        "quoteVolume": symbol.amount(candle.quote_minor if candle else 0),
        "openTime": open_ns // NS_PER_MS,
        "closeTime": close_ms,
        "firstId": candle.first_number if candle and trades else -1,
        "lastId": candle.last_number if candle and trades else -1,
        "count": trades,
    }
    if kind == "MINI":
        return found
    change = prices[3] - prices[0]
    average = average_text(symbol, candle.quote_minor, candle.lots) if candle and candle.lots else symbol.price(0)
    return {
        **found,
        "priceChange": symbol.price(change),
        "priceChangePercent": percent_text(change, prices[0]),
        "weightedAvgPrice": average,
    }


def window_length(text: str) -> int:
    """Return the length of a window such as 15m, 4h or 7d, nanoseconds. Raises: DialectError."""
    found = WINDOW.fullmatch(text)
    if found is None or int(found[1]) > UNITS[found[2]][1]:
        message = "Data sent for parameter 'windowSize' is not valid: 1m to 59m, 1h to 23h, 1d to 7d."
        raise DialectError(INVALID_PARAMETER, message)
    return int(found[1]) * UNITS[found[2]][0]


async def window_ticker(asked: GatewayRequest) -> Any:
    """Return what a window up to now says of symbols that are named."""
    length_ns, now_ns = window_length(asked.parameters.text("windowSize") or "1d"), asked.gateway.views.now_ns()
    return await over(asked, window_open(now_ns, length_ns), now_ns, now_ns // NS_PER_MS)


async def day_of_trading(asked: GatewayRequest) -> Any:
    """Return what today says of symbols that are named; the day is that of a time zone."""
    offset_ns, now_ns = zone_offset(asked), asked.gateway.views.now_ns()
    open_ns = now_ns - (now_ns + offset_ns) % DAY_NS
    return await over(asked, open_ns, now_ns, (open_ns + DAY_NS) // NS_PER_MS - 1)


async def over(asked: GatewayRequest, open_ns: int, now_ns: int, close_ms: int) -> Any:
    """Return what the trades since a whole minute say of the symbols that are named. Raises: DialectError."""
    kind, choice = wanted_kind(asked), chosen(asked, must_name=True)
    asked.parameters.finish()
    if len(choice.symbols) > WINDOW_SYMBOLS_MAX:
        message = f"Data sent for parameter 'symbols' is not valid: at most {WINDOW_SYMBOLS_MAX}."
        raise DialectError(INVALID_PARAMETER, message)
    asked.charge(min(WINDOW_WEIGHT * len(choice.symbols), WINDOW_WEIGHT_MAX) - WINDOW_WEIGHT)
    found: Sequence[Plain] = [
        statistics(symbol, await candle_over(asked, symbol, open_ns, now_ns), open_ns, close_ms, kind)
        for symbol in choice.symbols
    ]
    return found[0] if choice.is_one else found


async def candle_over(asked: GatewayRequest, symbol: Symbol, open_ns: int, now_ns: int) -> Kline | None:
    """Return the trades of a window as one candle, from memory or from the database."""
    try:
        return asked.gateway.views.over(symbol, open_ns, now_ns)
    except BeyondMemoryError:
        return await asked.gateway.ask(partial(asked.gateway.tape.over, symbol, open_ns, now_ns))


def last_price(asked: GatewayRequest, symbol: Symbol) -> Plain:
    """Return the price of a symbol's last trade."""
    trade = asked.gateway.views.last_trade(symbol.market_id)
    price = in_units(symbol, trade.units).price(trade.price_ticks) if trade else symbol.price(0)
    return {"symbol": symbol.name, "price": price}


def best_prices(asked: GatewayRequest, symbol: Symbol) -> Plain:
    """Return a symbol's best bid and ask; a side without orders says 0."""
    (bid, bid_lots), (ask, ask_lots) = (each or (0, 0) for each in asked.gateway.views.best(symbol.market_id))
    bids = {"bidPrice": symbol.price(bid), "bidQty": symbol.quantity(bid_lots)}
    return {"symbol": symbol.name, **bids, "askPrice": symbol.price(ask), "askQty": symbol.quantity(ask_lots)}


PUBLIC = Security.NONE
ENDPOINTS = {
    ("GET", "/api/v3/ticker"): Endpoint(window_ticker, PUBLIC, WINDOW_WEIGHT),
    ("GET", "/api/v3/ticker/tradingDay"): Endpoint(day_of_trading, PUBLIC, WINDOW_WEIGHT),
    ("GET", "/api/v3/ticker/24hr"): Endpoint(of_symbols(day_ticker, day_weight), PUBLIC, PRICE_WEIGHTS[0]),
    ("GET", "/api/v3/ticker/price"): Endpoint(of_symbols(last_price, price_weight), PUBLIC, PRICE_WEIGHTS[0]),
    ("GET", "/api/v3/ticker/bookTicker"): Endpoint(of_symbols(best_prices, price_weight), PUBLIC, PRICE_WEIGHTS[0]),
}
