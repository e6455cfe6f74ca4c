"""Public market data to keep: the whole tape, candles and the daily report, as JSON, CSV or Parquet."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import partial
from typing import Any

from tarazy.facility.feeds.klines import Kline
from tarazy.facility.feeds.streams.messages import average_text
from tarazy.facility.feeds.tape import PublicTrade
from tarazy.facility.feeds.units import in_units
from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.gateway.endpoint import GatewayRequest, Security
from tarazy.facility.gateway.native.months import ns_of, read_day
from tarazy.facility.gateway.native.operation import (
    TABLE,
    Given,
    Operation,
    amount_schema,
    format_given,
    number_schema,
    or_nothing,
    text_schema,
    time_schema,
    up_to,
    words,
)
from tarazy.facility.gateway.native.tables import (
    LIMIT,
    FileForm,
    PageColumn,
    RowPage,
    page_schema,
    wanted_form,
    written,
)
from tarazy.facility.gateway.routes.market_data import ROWS_MAX, kline_plain, trades_from, wanted_candles
from tarazy.oversight.requests.symbol import Symbol

TAPE_ROWS = 1_000
FORMS = (FileForm.json, FileForm.csv, FileForm.parquet)
TRADES = (
    PageColumn("tradeId", number_schema, "the n-th trade of a market has number n; ask on behind it with `after`"),
    PageColumn("time", time_schema, "of the record"),
    PageColumn("price", amount_schema, "of one unit of the base asset"),
    PageColumn("quantity", amount_schema, "of the base asset"),
    PageColumn("quoteQuantity", amount_schema, "of the quote asset"),
    PageColumn("takerSide", words("BUY", "SELL", "AUCTION"), "who came second"),
    PageColumn("aggregateId", number_schema, "trades of one command at one price share it"),
    PageColumn("seq", number_schema, "command of the record"),
)
CANDLES = (
    PageColumn("time", time_schema, "when it begins"),
    *(PageColumn(name, amount_schema, "price") for name in ("open", "high", "low", "close")),
    PageColumn("volume", amount_schema, "of the base asset"),
    PageColumn("closeTime", time_schema, "when it ends"),
    PageColumn("quoteVolume", amount_schema, "of the quote asset"),
    PageColumn("trades", number_schema, "how many; a flat candle has none"),
    PageColumn("takerBuyVolume", amount_schema, "of the base asset"),
    PageColumn("takerBuyQuoteVolume", amount_schema, "of the quote asset"),
)
DAYS = (
    PageColumn("symbol", text_schema, "market"),
    PageColumn("date", text_schema, "day in UTC"),
    PageColumn("isOver", {"type": "boolean"}, "whether the day is over"),
    *(PageColumn(name, or_nothing(amount_schema), "price") for name in ("open", "high", "low", "close", "average")),
    PageColumn("volume", amount_schema, "of the base asset"),
    PageColumn("quoteVolume", amount_schema, "of the quote asset"),
    PageColumn("trades", number_schema, "how many"),
)


async def tape(asked: GatewayRequest) -> Any:
    """Return trades behind a number, from the first trade of the market on."""
    form, symbol = wanted_form(asked, *FORMS), asked.symbol()
    limit = asked.parameters.count("limit", TAPE_ROWS, 10_000)
    after = asked.parameters.integer("after", 0) or 0
    asked.parameters.finish()
    found = await trades_from(asked, symbol, after + 1, limit)
    following = str(found[-1].number) if len(found) == limit else None
    rows = [trade_row(symbol, trade) for trade in found]
    return written(RowPage(TRADES, rows, following), form, f"tape-{symbol.name}-{after}")


def trade_row(symbol: Symbol, trade: PublicTrade) -> list[Any]:
    """Return a trade as a row."""
    symbol = in_units(symbol, trade.units)
    cost = symbol.amount(trade.quote_minor)
    side = ("AUCTION", "BUY", "SELL")[trade.side]
    terms = (symbol.price(trade.price_ticks), symbol.quantity(trade.lots), cost, side)
    return [trade.number, trade.ts_ns // NS_PER_MS, *terms, trade.aggregate, trade.seq]


async def candles(asked: GatewayRequest) -> Any:
    """Return candles: the newest, or from a start on."""
    form = wanted_form(asked, *FORMS)
    symbol, found = await wanted_candles(asked)
    rows = [kline_plain(symbol, each)[:11] for each in found]
    page = RowPage(CANDLES, rows, None)
    return written(page, form, f"candles-{symbol.name}")


async def daily_report(asked: GatewayRequest) -> Any:
    """Return what each market traded on a day."""
    form = wanted_form(asked, *FORMS)
    day = read_day(asked.parameters.required("date"))
    asked.parameters.finish()
    start_ns = ns_of(datetime.combine(day, time(), UTC))
    gateway, rows = asked.gateway, []
    for symbol in list(gateway.symbols.all()):
        candle = await gateway.ask(partial(gateway.tape.day, symbol.market_id, start_ns))
        rows.append(day_row(symbol, day.isoformat(), gateway.views.now_ns(), start_ns, candle))
    return written(RowPage(DAYS, rows, None), form, f"daily-{day.isoformat()}")


def day_row(symbol: Symbol, date: str, now_ns: int, start_ns: int, candle: Kline | None) -> list[Any]:
    """Return a market's day as a row."""
    is_over = now_ns >= start_ns + 86_400 * 10**9
    if candle is None:
        return [symbol.name, date, is_over, *[None] * 5, symbol.quantity(0), symbol.amount(0), 0]
    symbol = in_units(symbol, candle.units)
    prices = (candle.open_ticks, candle.high_ticks, candle.low_ticks, candle.close_ticks)
    average = average_text(symbol, candle.quote_minor, candle.lots)
    volumes = (symbol.quantity(candle.lots), symbol.amount(candle.quote_minor), candle.trades)
    return [symbol.name, date, is_over, *map(symbol.price, prices), average, *volumes]


SYMBOL = Given("symbol", text_schema, "market", True)
OPERATIONS = (
    Operation(
        "GET",
        "/v1/markets/tape",
        tape,
        Security.NONE,
        "Every public trade of a market, by number",
        page_schema(TRADES),
        (SYMBOL, Given("after", number_schema, "number of the last trade that is known"), LIMIT, format_given(TABLE)),
        25,
        TABLE,
        section="market data",
    ),
    Operation(
        "GET",
        "/v1/markets/candles",
        candles,
        Security.NONE,
        "Open, high, low, close and volume",
        page_schema(CANDLES),
        (
            SYMBOL,
            Given("interval", text_schema, "such as 1m, 1h, 1d", True),
            Given("startTime", time_schema, "the first candle begins then or later"),
            Given("endTime", time_schema, "the last candle begins then or before"),
            Given("limit", up_to(ROWS_MAX), "rows; 500 where it is not sent"),
            Given("timeZone", text_schema, "days begin at its midnight: hours ahead of UTC, such as 5 or 05:45"),
            format_given(TABLE),
        ),
        5,
        TABLE,
        section="market data",
    ),
    Operation(
        "GET",
        "/v1/markets/daily",
        daily_report,
        Security.NONE,
        "What each market traded on a day",
        page_schema(DAYS),
        (Given("date", {"type": "string", "format": "date"}, "day in UTC", True), format_given(TABLE)),
        25,
        TABLE,
        section="market data",
    ),
)
