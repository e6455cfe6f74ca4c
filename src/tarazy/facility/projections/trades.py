"""Trades: one row for each, named by its command and its place among that command's trades. A trade never changes.

`busts` has a row for each leg of a trade that was busted later, with the trade's numbers as the event states them.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import EventKind, TradeBusted, TradeExecuted
from tarazy.facility.projections.base import Handler, Projection
from tarazy.facility.projections.table import Column, Table, Width


class Trades(Projection):
    """Every trade."""

    name = "trades"
    summary = "every trade with its time, price, orders and fees"

    def make_tables(self) -> tuple[Table, ...]:
        """Return the table of trades; none of its rows is ever needed again."""
        small = "market_id side trade_kind maker_account_id taker_account_id maker_order_id taker_order_id".split()
        columns = (
            *map(Column, small),
            *(Column(name, Width.u64) for name in ("ts_ns", "price_ticks", "quantity_lots")),
            *(Column(name, Width.u128) for name in ("maker_fee_minor", "taker_fee_minor")),
        )
        keys = (Column("seq"), Column("number"))
        self._seq = self._number = 0
        self.trades = Table("trades", keys, columns, open_where="1 = 0")
        small = "trade_seq trade_index from_account_id account_id asset_id".split()
        amounts = (Column(name, Width.u128) for name in ("amount_minor", "fee_minor"))
        self.busts = Table("busts", keys, (*map(Column, small), *amounts), open_where="1 = 0")
        return self.trades, self.busts

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {EventKind.trade_executed: self.trade_executed, EventKind.trade_busted: self.trade_busted}

    def trade_executed(self, event: TradeExecuted) -> None:
        """Add a trade. It is counted here: one command may end auctions in several markets and trigger many orders."""
        key = self.next_key(event.seq)
        self.trades.put(
            key,
            (
                event.market_id,
                event.side,
                event.trade_kind,
                event.maker_account_id,
                event.taker_account_id,
                event.maker_order_id,
                event.taker_order_id,
                self.ts_ns(event.seq),
                event.price_ticks,
                event.quantity_lots,
                event.maker_fee_minor,
                event.taker_fee_minor,
            ),
        )
        self.trades.finish(key)

    def trade_busted(self, event: TradeBusted) -> None:
        """Add one leg of a trade that was reversed."""
        key = self.next_key(event.seq)
        parties = (event.trade_seq, event.trade_index, event.from_account_id, event.account_id)
        self.busts.put(key, (*parties, event.asset_id, event.amount_minor, event.fee_minor))
        self.busts.finish(key)

    def next_key(self, seq: int) -> tuple[int, int]:
        """Return a command's number and the next place among its trades."""
        self._number = self._number + 1 if seq == self._seq else 0
        self._seq = seq
        return seq, self._number
