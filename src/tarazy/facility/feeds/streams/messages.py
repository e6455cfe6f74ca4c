"""What streams say, in the dialect: here integers become decimal text. Times are milliseconds.

Source: binance/binance-spot-api-docs, web-socket-streams.md.
"""

from __future__ import annotations

from typing import Any

from tarazy.facility.feeds.book import BUY, SELL, BookDepth, Diff, Level
from tarazy.facility.feeds.klines import Kline
from tarazy.facility.feeds.tape import Aggregate, PublicTrade
from tarazy.facility.feeds.ticker import Average, DayTicker
from tarazy.facility.feeds.units import in_units
from tarazy.oversight.requests.decimals import text_of
from tarazy.oversight.requests.symbol import Symbol

Plain = dict[str, Any]
NS_PER_MS = 1_000_000
AVERAGE_PLACES = 8
PERCENT_PLACES = 3


def levels_plain(symbol: Symbol, levels: list[Level]) -> list[list[str]]:
    """Return levels as pairs of price and quantity."""
    price, quantity = symbol.price, symbol.quantity
    return [[price(ticks), quantity(lots)] for ticks, lots in levels]


def snapshot_plain(symbol: Symbol, depth: BookDepth) -> Plain:
    """Return a book as snapshots and the streams of its best levels have it."""
    bids, asks = levels_plain(symbol, depth.bids), levels_plain(symbol, depth.asks)
    return {"lastUpdateId": depth.update_id, "bids": bids, "asks": asks}


def depth_update(symbol: Symbol, diff: Diff, event_ms: int) -> Plain:
    """Return a diff. Prices in units that the market had before say 0 where nothing else stands there now."""
    sides = {BUY: levels_plain(symbol, diff.bids), SELL: levels_plain(symbol, diff.asks)}
    for side, ticks, units in diff.former:
        text = in_units(symbol, units).price(ticks)
        if all(text != price for price, _ in sides[side]):
            sides[side].append([text, symbol.quantity(0)])
    names = {"e": "depthUpdate", "E": event_ms, "s": symbol.name}
    return {**names, "U": diff.first_id, "u": diff.last_id, "b": sides[BUY], "a": sides[SELL]}


def trade_plain(symbol: Symbol, trade: PublicTrade, event_ms: int) -> Plain:
    """Return a trade."""
    symbol = in_units(symbol, trade.units)
    return {
        "e": "trade",
        "E": event_ms,
        "s": symbol.name,
        "t": trade.number,
        "p": symbol.price(trade.price_ticks),
        "q": symbol.quantity(trade.lots),
        "T": trade.ts_ns // NS_PER_MS,
        "m": trade.buyer_is_maker,
        "M": True,
    }


def aggregate_plain(symbol: Symbol, found: Aggregate, event_ms: int) -> Plain:
    """Return an aggregate of trades."""
    first = found.first
    symbol = in_units(symbol, first.units)
    return {
        "e": "aggTrade",
        "E": event_ms,
        "s": symbol.name,
        "a": found.number,
        "p": symbol.price(first.price_ticks),
        "q": symbol.quantity(found.lots),
        "f": first.number,
        "l": found.last_number,
        "T": first.ts_ns // NS_PER_MS,
        "m": first.buyer_is_maker,
        "M": True,
    }


def kline_plain(symbol: Symbol, interval: str, candle: Kline, event_ms: int, *, is_closed: bool) -> Plain:
    """Return a candle as it is now; one without trades names -1 as its first and last trade."""
    symbol = in_units(symbol, candle.units)
    first, last = (candle.first_number, candle.last_number) if candle.trades else (-1, -1)
    body = {
        "t": candle.start_ns // NS_PER_MS,
        "T": candle.end_ns // NS_PER_MS - 1,
        "s": symbol.name,
        "i": interval,
        "f": first,
        "L": last,
        "o": symbol.price(candle.open_ticks),
        "c": symbol.price(candle.close_ticks),
        "h": symbol.price(candle.high_ticks),
        "l": symbol.price(candle.low_ticks),
        "v": symbol.quantity(candle.lots),
        "n": candle.trades,
        "x": is_closed,
        "q": symbol.amount(candle.quote_minor),
        "V": symbol.quantity(candle.taker_buy_lots),
        "Q": symbol.amount(candle.taker_buy_minor),
        "B": "0",
    }
    return {"e": "kline", "E": event_ms, "s": symbol.name, "k": body}


def mini_ticker_plain(symbol: Symbol, ticker: DayTicker, event_ms: int) -> Plain:
    """Return the short form of the rolling day."""
    candle = ticker.candle
    prices = (candle.close_ticks, candle.open_ticks, candle.high_ticks, candle.low_ticks) if candle else (0, 0, 0, 0)
    names = {"e": "24hrMiniTicker", "E": event_ms, "s": symbol.name}
    volume = {
        "v": symbol.quantity(candle.lots if candle else 0),
        "q": symbol.amount(candle.quote_minor if candle else 0),
    }
    return {**names, **dict(zip("cohl", map(symbol.price, prices), strict=True)), **volume}


def ticker_plain(symbol: Symbol, ticker: DayTicker, best: tuple[Level | None, Level | None], event_ms: int) -> Plain:
    """Return the rolling day in full."""
    mini, candle = mini_ticker_plain(symbol, ticker, event_ms), ticker.candle
    change = candle.close_ticks - candle.open_ticks if candle else 0
    (bid, bid_lots), (ask, ask_lots) = (each or (0, 0) for each in best)
    has_trades = candle is not None and candle.trades > 0
    return {
        **mini,
        "e": "24hrTicker",
        "p": symbol.price(change),
        "P": percent_text(change, candle.open_ticks if candle else 0),
        "w": average_text(symbol, candle.quote_minor, candle.lots) if candle and candle.lots else mini["c"],
        "x": mini["o"],
        "Q": symbol.quantity(ticker.last_lots),
        "b": symbol.price(bid),
        "B": symbol.quantity(bid_lots),
        "a": symbol.price(ask),
        "A": symbol.quantity(ask_lots),
        "O": ticker.open_ns // NS_PER_MS,
        "C": ticker.close_ns // NS_PER_MS,
        "F": candle.first_number if candle and has_trades else -1,
        "L": candle.last_number if candle and has_trades else -1,
        "n": candle.trades if candle else 0,
    }


def window_ticker_plain(symbol: Symbol, size: str, ticker: DayTicker, event_ms: int) -> Plain:
    """Return a rolling window such as 1h: the ticker without what only the rolling day says."""
    whole = ticker_plain(symbol, ticker, (None, None), event_ms)
    names = "EspPohlcwvqOCFLn"
    return {"e": f"{size}Ticker", **{name: whole[name] for name in names}}


def book_ticker_plain(symbol: Symbol, update_id: int, best: tuple[Level | None, Level | None]) -> Plain:
    """Return the best bid and ask; a side without orders says 0."""
    (bid, bid_lots), (ask, ask_lots) = (each or (0, 0) for each in best)
    return {
        "u": update_id,
        "s": symbol.name,
        "b": symbol.price(bid),
        "B": symbol.quantity(bid_lots),
        "a": symbol.price(ask),
        "A": symbol.quantity(ask_lots),
    }


def average_plain(symbol: Symbol, found: Average, event_ms: int) -> Plain:
    """Return the average price of the last five minutes."""
    price = average_text(in_units(symbol, found.units), found.quote_minor, found.lots)
    names = {"e": "avgPrice", "E": event_ms, "s": symbol.name, "i": "5m"}
    return {**names, "w": price, "T": found.close_ns // NS_PER_MS}


def average_text(symbol: Symbol, quote_minor: int, lots: int) -> str:
    """Return what one unit of the base asset cost on average, rounded down to at least eight places."""
    places = max(symbol.price_places, AVERAGE_PLACES)
    scale = 10 ** (symbol.base_places + places)
    return text_of(quote_minor * scale // (lots * symbol.lot_size_minor * 10**symbol.quote_places), places)


def percent_text(change: int, base: int) -> str:
    """Return a change in percent of a base, to the nearest thousandth; 0 of nothing."""
    if base == 0:
        return text_of(0, PERCENT_PLACES)
    scaled = (2 * abs(change) * 100 * 10**PERCENT_PLACES + base) // (2 * base)
    return text_of(-scaled if change < 0 else scaled, PERCENT_PLACES)
