"""Public history that is older than what the feeds have in memory: trades and candles from the database."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tarazy.facility.feeds.intervals import LENGTHS_NS, MINUTE_NS, next_start
from tarazy.facility.feeds.klines import Kline, filled, kline, window
from tarazy.facility.feeds.tape import PublicTrade
from tarazy.facility.feeds.ticker import window_candle
from tarazy.facility.feeds.units import Units, units_of
from tarazy.facility.feeds.zones import end_of_hour, step_minutes, zone_candles, zone_window
from tarazy.facility.gateway.account_reads import U64, stored
from tarazy.facility.gateway.read_models import ReadModels
from tarazy.facility.projections.sql_tables import decode_row, encode_value
from tarazy.facility.projections.venue import VenueTerms
from tarazy.oversight.requests.errors import INVALID_PARAMETER, DialectError
from tarazy.oversight.requests.symbol import Symbol

DAY_MINUTES = 1440
NAMES = {length // MINUTE_NS: name for name, length in LENGTHS_NS.items()}


class TapeReads:
    """Questions about public trades. Called in a thread."""

    def __init__(self, models: ReadModels) -> None:
        self._database = models.reading
        self._venue: VenueTerms = models.venue
        self._trades, self._trade_columns = stored(models.tape, models.tape.trades)
        self._candles, self._candle_columns = stored(models.candles, models.candles.candles)

    def trades(
        self,
        market_id: int,
        limit: int,
        *,
        from_number: int | None = None,
        from_aggregate: int | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> list[PublicTrade]:
        """Return trades of a market from a number, an aggregate or a time on, oldest first; else the newest."""
        c = self._trades.c
        query = sa.select(self._trades).where(c.market_id == market_id)
        if from_number is not None:
            query = query.where(c.trade_number >= from_number)
        if from_aggregate is not None:
            query = query.where(c.aggregate_number >= from_aggregate)
        if start_ns is not None:
            query = query.where(c.ts_ns >= encode_value(U64, start_ns))
        if end_ns is not None:
            query = query.where(c.ts_ns <= encode_value(U64, end_ns))
        is_from = not (from_number is None and from_aggregate is None and start_ns is None)
        query = query.order_by(c.trade_number if is_from else c.trade_number.desc()).limit(limit)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        found = [self._trade(decode_row(self._trade_columns, row)) for row in rows]
        return found if is_from else found[::-1]

    def _trade(self, row: tuple[int, ...]) -> PublicTrade:
        """Return a trade from its row."""
        market_id, number, side, _, seq, place, ts_ns, price_ticks, lots, aggregate = row
        return PublicTrade(market_id, number, aggregate, seq, place, ts_ns, price_ticks, lots, side, self._units(row))

    def _units(self, row: tuple[int, ...]) -> Units:
        """Return what lots and ticks were worth at a trade."""
        market_id, seq = row[0], row[4]
        units = [(key[1], worth) for key, worth in list(self._venue.units.rows.items()) if key[0] == market_id]
        return Units(*max((since, worth) for since, worth in units if since <= seq)[1])

    def candles(
        self, market_id: int, interval: str, limit: int, start_ns: int | None, end_ns: int | None, now_ns: int
    ) -> list[Kline]:
        """Return candles of one of the stored lengths.

        Raises: DialectError for another length, of which only the newest are in memory.
        """
        asked = window(interval, now_ns, start_ns, end_ns, limit)
        minutes = LENGTHS_NS.get(interval, 0) // MINUTE_NS
        c = self._candles.c
        query: sa.Select[Any] = sa.select(self._candles).where(
            c.market_id == market_id,
            c.minutes == minutes,
            c.start_ns >= encode_value(U64, asked.first_ns),
            c.start_ns <= encode_value(U64, asked.last_ns),
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(c.start_ns)).all()
        if not rows:
            raise DialectError(INVALID_PARAMETER, f"Candles of {interval} from that time are not kept; ask for 1m.")
        found = [decode_row(self._candle_columns, row) for row in rows]
        return filled(interval, asked, [kline(interval, row[2], list(row[3:])) for row in found])

    def in_zone(
        self,
        market_id: int,
        interval: str,
        limit: int,
        start_ns: int | None,
        end_ns: int | None,
        now_ns: int,
        offset_ns: int,
    ) -> list[Kline]:
        """Return candles of a time zone, whose clocks are ahead of UTC by an offset."""
        asked = zone_window(interval, offset_ns, now_ns, start_ns, end_ns, limit)
        until_ns = next_start(interval, asked.last_ns) - 1
        first, last = max(asked.first_ns - offset_ns, 0), max(until_ns - offset_ns, 0)
        return zone_candles(interval, offset_ns, asked, self._stored(market_id, step_minutes(offset_ns), first, last))

    def over(self, symbol: Symbol, open_ns: int, close_ns: int) -> Kline | None:
        """Return all trades of a window that begins at a whole minute as one candle, in the units of the symbol."""
        market_id, edge_ns = symbol.market_id, min(end_of_hour(open_ns), close_ns)
        rows = self._stored(market_id, 1, open_ns, edge_ns - 1)
        rows += [row for row in self._stored(market_id, 60, edge_ns, close_ns) if row.start_ns >= edge_ns]
        return window_candle(open_ns, close_ns, rows, units_of(symbol))

    def _stored(self, market_id: int, minutes: int, first_ns: int, last_ns: int) -> list[Kline]:
        """Return the stored candles of a length that begin within bounds, and the last one before them."""
        c = self._candles.c
        query = sa.select(self._candles).where(c.market_id == market_id, c.minutes == minutes)
        first, last = encode_value(U64, first_ns), encode_value(U64, last_ns)
        inside = query.where(c.start_ns >= first, c.start_ns <= last).order_by(c.start_ns)
        before = query.where(c.start_ns < first).order_by(c.start_ns.desc()).limit(1)
        with self._database.reading() as connection:
            rows = [*connection.execute(before).all(), *connection.execute(inside).all()]
        interval = NAMES[minutes]
        found = [decode_row(self._candle_columns, row) for row in rows]
        return [kline(interval, row[2], list(row[3:])) for row in found]

    def day(self, market_id: int, start_ns: int) -> Kline | None:
        """Return a market's candle of a day in UTC, None where nothing was traded."""
        c = self._candles.c
        query = sa.select(self._candles).where(
            c.market_id == market_id, c.minutes == DAY_MINUTES, c.start_ns == encode_value(U64, start_ns)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return kline("1d", start_ns, list(decode_row(self._candle_columns, row)[3:])) if row is not None else None
