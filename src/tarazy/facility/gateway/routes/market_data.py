"""Market data: books, trades and candles from the feeds' views; what is older than these from the database."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from tarazy.facility.feeds.intervals import INTERVALS
from tarazy.facility.feeds.klines import Kline
from tarazy.facility.feeds.streams.messages import average_text, snapshot_plain
from tarazy.facility.feeds.tape import Aggregate, PublicTrade, aggregates
from tarazy.facility.feeds.units import in_units
from tarazy.facility.feeds.views import BeyondMemoryError
from tarazy.facility.feeds.zones import ZoneError, is_same_as_utc, offset_of
from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.gateway.endpoint import Endpoint, GatewayRequest, Security
from tarazy.facility.gateway.routes.orders import time_ns
from tarazy.facility.gateway.routes.symbol_choice import in_status, wanted_status
from tarazy.facility.projections.venue import REFERENCE
from tarazy.oversight.requests.errors import BAD_COMBINATION, BAD_INTERVAL, INVALID_PARAMETER, DialectError
from tarazy.oversight.requests.symbol import Symbol

Plain = dict[str, Any]
DEPTH_MAX = 5_000
DEPTH_WEIGHTS = ((100, 5), (500, 25), (1_000, 50), (DEPTH_MAX, 250))  # up to a limit: rest-api.md, "Order book"
ROWS, ROWS_MAX = 500, 1_000
TRADES_OF_AGGREGATE_MAX = 20_000


async def depth(asked: GatewayRequest) -> Any:
    """Return a book with its update id."""
    symbol, limit = (
        in_status(asked, asked.symbol(), wanted_status(asked)),
        asked.parameters.count("limit", 100, DEPTH_MAX),
    )
    asked.parameters.finish()
    asked.charge(next(weight for most, weight in DEPTH_WEIGHTS if limit <= most) - DEPTH_WEIGHTS[0][1])
    return snapshot_plain(symbol, asked.gateway.views.depth(symbol.market_id, limit))


async def trades(asked: GatewayRequest) -> Any:
    """Return the newest trades."""
    symbol, limit = asked.symbol(), asked.parameters.count("limit", ROWS, ROWS_MAX)
    found = asked.gateway.views.trades(symbol.market_id, limit)
    return [trade_plain(symbol, trade) for trade in found]


async def historical_trades(asked: GatewayRequest) -> Any:
    """Return trades from a number on, or the newest."""
    symbol, limit = asked.symbol(), asked.parameters.count("limit", ROWS, ROWS_MAX)
    number = asked.parameters.integer("fromId")
    asked.parameters.finish()
    if number is None:
        found: Sequence[PublicTrade] = asked.gateway.views.trades(symbol.market_id, limit)
    else:
        found = await trades_from(asked, symbol, number, limit)
    return [trade_plain(symbol, trade) for trade in found]


async def trades_from(asked: GatewayRequest, symbol: Symbol, number: int, limit: int) -> Sequence[PublicTrade]:
    """Return trades from a number on, from memory or from the database."""
    views = asked.gateway.views
    with views.lock:
        found = views.tape.from_number(symbol.market_id, number, limit)
    if found is not None:
        return found
    tape = asked.gateway.tape
    return await asked.gateway.ask(partial(tape.trades, symbol.market_id, limit, from_number=number))


async def aggregate_trades(asked: GatewayRequest) -> Any:
    """Return aggregates of trades: from a number or a time on, or the newest."""
    symbol, parameters = asked.symbol(), asked.parameters
    limit, number = parameters.count("limit", ROWS, ROWS_MAX), parameters.integer("fromId")
    start_ns, end_ns = time_ns(asked, "startTime"), time_ns(asked, "endTime")
    parameters.finish()
    if number is not None and (start_ns is not None or end_ns is not None):
        message = "Combination of optional parameters invalid."
        raise DialectError(BAD_COMBINATION, message, found="fromId with startTime or endTime")
    gateway = asked.gateway
    if number is None and start_ns is None and end_ns is None:
        found = aggregates(gateway.views.trades(symbol.market_id, ROWS_MAX))
        is_cut = found and found[0].first.number > 1  # its first trades may be older than memory
        return [aggregate_plain(symbol, each) for each in found[1 if is_cut else 0 :][-limit:]]
    bounds = {"from_aggregate": number, "start_ns": start_ns, "end_ns": end_ns}
    rows = await gateway.ask(partial(gateway.tape.trades, symbol.market_id, TRADES_OF_AGGREGATE_MAX, **bounds))
    return [aggregate_plain(symbol, each) for each in aggregates(rows)[:limit]]


async def klines(asked: GatewayRequest) -> Any:
    """Return candles; intervals without trades have flat ones."""
    symbol, found = await wanted_candles(asked)
    return [kline_plain(symbol, candle) for candle in found]


async def wanted_candles(asked: GatewayRequest) -> tuple[Symbol, list[Kline]]:
    """Return the candles that a request names, from memory or from the database."""
    symbol, parameters = asked.symbol(), asked.parameters
    interval, limit = parameters.required("interval"), parameters.count("limit", ROWS, ROWS_MAX)
    start_ns, end_ns = time_ns(asked, "startTime"), time_ns(asked, "endTime")
    offset_ns = zone_offset(asked)
    if interval not in INTERVALS:
        raise DialectError(BAD_INTERVAL, "Invalid interval.")
    if not is_same_as_utc(interval, offset_ns):
        asked_for = (symbol.market_id, interval, limit, start_ns, end_ns, asked.gateway.views.now_ns(), offset_ns)
        return symbol, await asked.gateway.ask(partial(asked.gateway.tape.in_zone, *asked_for))
    try:
        found = asked.gateway.views.candles(symbol.market_id, interval, limit, start_ns, end_ns)
    except BeyondMemoryError:
        bounds = (symbol.market_id, interval, limit, start_ns, end_ns, asked.gateway.views.now_ns())
        found = await asked.gateway.ask(partial(asked.gateway.tape.candles, *bounds))
    return symbol, found


def zone_offset(asked: GatewayRequest) -> int:
    """Return how far the clocks of the wanted time zone are ahead of UTC, nanoseconds. Raises: DialectError."""
    text = asked.parameters.text("timeZone") or "0"
    try:
        return 0 if text == "UTC" else offset_of(text)
    except ZoneError as error:
        message = f"Data sent for parameter 'timeZone' is not valid: {error}."
        raise DialectError(INVALID_PARAMETER, message) from None


async def average_price(asked: GatewayRequest) -> Any:
    """Return the average price of the last five minutes."""
    symbol = asked.symbol()
    found = asked.gateway.views.average(symbol.market_id)
    if found is None:
        return {"mins": 5, "price": symbol.price(0), "closeTime": 0}
    price = average_text(in_units(symbol, found.units), found.quote_minor, found.lots)
    return {"mins": 5, "price": price, "closeTime": found.close_ns // NS_PER_MS}


async def reference_price(asked: GatewayRequest) -> Any:
    """Return the reference price, from which the price collar and the corridor are counted."""
    symbol = asked.symbol()
    ticks = asked.gateway.models.venue.markets.rows[symbol.market_id][REFERENCE]
    stamp = asked.gateway.views.now_ns() // NS_PER_MS
    return {"symbol": symbol.name, "referencePrice": symbol.price(ticks) if ticks else None, "timestamp": stamp}


def trade_plain(symbol: Symbol, trade: PublicTrade) -> Plain:
    """Return a public trade."""
    symbol = in_units(symbol, trade.units)
    return {
        "id": trade.number,
        "price": symbol.price(trade.price_ticks),
        "qty": symbol.quantity(trade.lots),
        "quoteQty": symbol.amount(trade.quote_minor),
        "time": trade.ts_ns // NS_PER_MS,
        "isBuyerMaker": trade.buyer_is_maker,
        "isBestMatch": True,
    }


def aggregate_plain(symbol: Symbol, found: Aggregate) -> Plain:
    """Return an aggregate of trades."""
    first = found.first
    symbol = in_units(symbol, first.units)
    return {
        "a": found.number,
        "p": symbol.price(first.price_ticks),
        "q": symbol.quantity(found.lots),
        "f": first.number,
        "l": found.last_number,
        "T": first.ts_ns // NS_PER_MS,
        "m": first.buyer_is_maker,
        "M": True,
    }


def kline_plain(symbol: Symbol, candle: Kline) -> list[Any]:
    """Return a candle."""
    symbol = in_units(symbol, candle.units)
    prices = (candle.open_ticks, candle.high_ticks, candle.low_ticks, candle.close_ticks)
    return [
        candle.start_ns // NS_PER_MS,
        *map(symbol.price, prices),
        symbol.quantity(candle.lots),
        candle.end_ns // NS_PER_MS - 1,
        symbol.amount(candle.quote_minor),
        candle.trades,
        symbol.quantity(candle.taker_buy_lots),
        symbol.amount(candle.taker_buy_minor),
        "0",
    ]


PUBLIC = Security.NONE
ENDPOINTS = {
    ("GET", "/api/v3/depth"): Endpoint(depth, PUBLIC, 5),
    ("GET", "/api/v3/trades"): Endpoint(trades, PUBLIC, 25),
    ("GET", "/api/v3/historicalTrades"): Endpoint(historical_trades, PUBLIC, 25),
    ("GET", "/api/v3/aggTrades"): Endpoint(aggregate_trades, PUBLIC, 4),
    ("GET", "/api/v3/klines"): Endpoint(klines, PUBLIC, 2),
    ("GET", "/api/v3/uiKlines"): Endpoint(klines, PUBLIC, 2),
    ("GET", "/api/v3/avgPrice"): Endpoint(average_price, PUBLIC, 2),
    ("GET", "/api/v3/referencePrice"): Endpoint(reference_price, PUBLIC, 2),
}
