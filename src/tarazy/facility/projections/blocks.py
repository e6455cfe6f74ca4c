"""Blocks: every trade that was made off the book, and from when on the public may see it.

They are no part of the tape, of candles or of tickers: a block moves no price. The delay is the market's at the time
of the trade.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import EventKind, ParameterTable
from tarazy.facility.projections.base import Handler, Projection
from tarazy.facility.projections.table import Column, Table, Width

DELAY = int(ParameterTable.block_delay_ms)
NS_PER_MS = 1_000_000


class Blocks(Projection):
    """Every block trade."""

    name = "blocks"
    summary = "trades off the book, with both parties and the time from which they are public"

    def make_tables(self) -> tuple[Table, ...]:
        """Return the trades, by command, and each market's delay."""
        columns = (
            *map(Column, "market_id side account_id counterparty_account_id".split()),
            *(Column(name, Width.u64) for name in ("ts_ns", "public_ns", "price_ticks", "quantity_lots")),
            Column("consent_hash", Width.text),
        )
        indexes = (("market_id", "seq"), ("consent_hash",))
        self.blocks = Table("blocks", (Column("seq"),), columns, open_where="1 = 0", indexes=indexes)
        self.delays = Table("delays", (Column("market_id"),), (Column("delay_ms", Width.u64),))
        return self.blocks, self.delays

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {EventKind.parameter_set: self.parameter_set, EventKind.block_trade_executed: self.block_trade_executed}

    def parameter_set(self, parameter_table: int, parameter_key: int, parameter_value: int) -> None:
        """Note a market's delay."""
        if parameter_table == DELAY:
            self.delays.put(parameter_key, (parameter_value,))

    def block_trade_executed(self, event: Any) -> None:
        """Add a trade."""
        now_ns = self.ts_ns(event.seq)
        delay = self.delays.rows.get(event.market_id, (0,))[0] * NS_PER_MS
        parties = (event.market_id, event.side, event.account_id, event.counterparty_account_id)
        terms = (now_ns, now_ns + delay, event.price_ticks, event.quantity_lots, event.consent_hash.hex())
        self.blocks.put(event.seq, (*parties, *terms))
        self.blocks.finish(event.seq)
