"""The page to trade on: book, chart, trades, order entry, and the account's own side of the market."""

from __future__ import annotations

import json
from functools import partial

from tarazy.console.layout.page_layout import Page, PageError, PageRequest, Redirect
from tarazy.console.trading.account_view import order_groups, own_part
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.messages import Translate
from tarazy.console.trading.refusal_words import trimmed
from tarazy.console.trading.visit import Visit
from tarazy.domain.records import MarketState
from tarazy.facility.feeds.streams.messages import percent_text
from tarazy.facility.gateway.dialect.exchange_info import symbol_plain
from tarazy.facility.projections.venue import REFERENCE, STATE
from tarazy.oversight.requests.symbol import Symbol

LEVELS = 12
# What the script says; a test compares it with what stands in the scripts.
SCRIPT_TEXTS = (
    "Accepted",
    "Asking what became of the order {name}.",
    "Auction: orders wait and trade at one price",
    "Average price {price}",
    "Cancel all your open orders in this market?",
    "Canceled",
    "Changed",
    "Closed: no orders are taken",
    "Fee if it trades now {fee}",
    "Fee when it rests {fee}",
    "Fee when the stop trades {rate}",
    "Filled {quantity} of {whole}",
    "Halted: only cancels are taken",
    "Holds {amount}; then {after} is available",
    "Live",
    "No connection. What you see is {seconds} s old.",
    "One list of orders: {names}",
    "Pre-open: orders wait, nothing trades yet",
    "Rests in the book: {quantity}",
    "Rule",
    "Send it again",
    "Stale: the last word came {seconds} s ago.",
    "The order never arrived. Nothing was placed.",
    "The outcome of {name} is not known yet.",
    "Trades now: {quantity}",
    "Trading",
    "Would be refused",
    "Your session is over. Log in again; open orders stay as they are.",
    "buy",
    "sell",
    "spread {spread}",
    "your order",
)


def home(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Redirect:
    """Lead to the first market of the person's first account, staff without one to their own pages.

    Raises: PageError where there is neither.
    """
    accounts, symbols = desk.account_ids(visit.person), desk.symbols()
    if accounts and symbols:
        return Redirect("market", {"account": str(accounts[0]), "symbol": symbols[0].name})
    if visit.person.is_staff:
        return Redirect("accounts")
    words = visit.words
    raise PageError(404, words("Nothing to trade yet"), words("The record has no account of yours, or no market."))


def show(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return the page."""
    symbol = known_symbol(desk, visit, asked)
    views, words = desk.feeds.views, visit.words
    book = views.depth(symbol.market_id, LEVELS)
    with views.lock:
        row = views.venue.markets.rows[symbol.market_id]
        state, reference = MarketState(row[STATE]).name, row[REFERENCE]
    data = {
        "account": visit.account_id,
        "account_class": desk.class_of(visit.account_id),
        "market": terms_of(desk, symbol),
        "markets": [each.name for each in desk.symbols()],
        "state": state,
        "reference": trimmed(symbol.price(reference)) if reference else "",
        "day": day_of(desk, symbol),
        "book": {
            "update_id": book.update_id,
            "bids": [[symbol.price(price), symbol.quantity(lots)] for price, lots in book.bids],
            "asks": [[symbol.price(price), symbol.quantity(lots)] for price, lots in book.asks],
        },
        **own_part(desk, visit.account_id, symbol),
    }
    title = f"{symbol.base}/{symbol.quote}"
    return Page("market.html", title, data, {"texts": script_texts(words), "trim": trimmed, "groups": order_groups})


async def own(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return the account's own part alone; the script puts it in the place of the old one.

    `seen` is the last command that the page's stream has told of: the part is never older than that.
    """
    symbol, seen = known_symbol(desk, visit, asked), asked.query.get("seen", "")
    if seen.isascii() and seen.isdecimal():
        desk.gateway.told(visit.account_id, min(int(seen[:20]), desk.feeds.views.book.update_id))
    part = partial(own_part, desk, visit.account_id, symbol)
    data = {"account": visit.account_id, "market": terms_of(desk, symbol)}
    return Page(
        "own_part.html", symbol.name, data | await desk.gateway.read(visit.account_id, part), {"groups": order_groups}
    )


def known_symbol(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Symbol:
    """Return the market that the address names. Raises: PageError."""
    symbol = desk.symbol(asked.path["symbol"])
    if symbol is None:
        raise PageError(404, visit.words("No such market"), visit.words("No market has this name."))
    return symbol


def terms_of(desk: TradingDesk, symbol: Symbol) -> dict[str, str]:
    """Return what a market's prices and quantities are made of."""
    filters = {each["filterType"]: each for each in symbol_plain(desk.gateway.models.venue, symbol)["filters"]}
    return {
        "symbol": symbol.name,
        "base": symbol.base,
        "quote": symbol.quote,
        "tick": filters["PRICE_FILTER"]["tickSize"],
        "step": filters["LOT_SIZE"]["stepSize"],
    }


def day_of(desk: TradingDesk, symbol: Symbol) -> dict[str, str]:
    """Return the last 24 hours of a market."""
    candle = desk.feeds.views.ticker(symbol).candle
    last = desk.feeds.views.last_trade(symbol.market_id)
    if candle is None or last is None:
        return {"last": "", "change": "", "high": "", "low": "", "volume": ""}
    return {
        "last": symbol.price(last.price_ticks),
        "change": percent_text(candle.close_ticks - candle.open_ticks, candle.open_ticks),
        "high": symbol.price(candle.high_ticks),
        "low": symbol.price(candle.low_ticks),
        "volume": symbol.quantity(candle.lots),
    }


def script_texts(words: Translate) -> str:
    """Return what the script says, by its English text, as JSON for an attribute."""
    return json.dumps({text: words(text) for text in SCRIPT_TEXTS}, ensure_ascii=False)
