"""Trades: one row for each, named by its command and its place among that command's trades. A trade never changes.

`trade_number` is its public number: the n-th trade of a market has number n, as on the tape.

`busts` has a row for each leg of a trade that was busted later, with the trade's numbers as the event states them.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import EventKind
from tarazy.facility.projections.base import BulkHandlers, Handler, Projection, Rows
from tarazy.facility.projections.table import Column, Table, Width

FIELDS = tuple(
    "side trade_kind seq market_id maker_account_id taker_account_id maker_order_id taker_order_id price_ticks "
    "quantity_lots maker_fee_minor taker_fee_minor".split()
)


class Trades(Projection):
    """Every trade."""

    name = "trades"
    layout = 3
    summary = "every trade with its time, price, orders and fees"

    def make_tables(self) -> tuple[Table, ...]:
        """Return the table of trades; none of its rows is ever needed again."""
        small = "market_id side trade_kind maker_account_id taker_account_id maker_order_id taker_order_id".split()
        columns = (
            *map(Column, small),
            *(Column(name, Width.u64) for name in ("ts_ns", "price_ticks", "quantity_lots")),
            *(Column(name, Width.u128) for name in ("maker_fee_minor", "taker_fee_minor")),
            Column("trade_number"),
        )
        keys = (Column("seq"), Column("number"))
        self._seq = self._number = 0
        self.ends = Table("ends", (Column("market_id"),), (Column("trade_number"),))
        by_account = (
            ("maker_account_id", "market_id", "trade_number"),
            ("taker_account_id", "market_id", "trade_number"),
            ("maker_account_id", "seq"),
            ("taker_account_id", "seq"),
        )
        self.trades = Table("trades", keys, columns, open_where="1 = 0", indexes=by_account)
        small = "trade_seq trade_index from_account_id account_id asset_id".split()
        amounts = (Column(name, Width.u128) for name in ("amount_minor", "fee_minor"))
        self.busts = Table("busts", keys, (*map(Column, small), *amounts), open_where="1 = 0")
        return self.trades, self.busts, self.ends

    def make_first(self) -> BulkHandlers:
        """Return what is done with all trades of a frame at once."""
        return {EventKind.trade_executed: (self.trades_executed, FIELDS)}

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {EventKind.trade_busted: self.trade_busted}

    def trades_executed(self, rows: Rows) -> None:
        """Add trades, counted here: one command may end auctions in several markets and trigger many orders."""
        trades, times_ns, first_seq = self.trades.rows, self.times_ns, self.first_seq
        ends: dict[int, int] = {}
        last_seq, place = self._seq, self._number
        keys: list[tuple[int, int]] = []
        for side, kind, seq, market_id, maker, taker, maker_order, taker_order, price, lots, fee, taker_fee in rows:
            place = place + 1 if seq == last_seq else 0
            last_seq = seq
            number = ends[market_id] = (ends.get(market_id) or self.count(market_id)) + 1
            key = (seq, place)
            trades[key] = (
                market_id, side, kind, maker, taker, maker_order, taker_order, times_ns[seq - first_seq], price, lots,
                fee, taker_fee, number,
            )  # fmt: skip
            keys.append(key)
        self._seq, self._number = last_seq, place
        for market_id, number in ends.items():
            self.ends.put(market_id, (number,))
        self.trades.touch_all(keys)
        self.trades.finish_all(keys)

    def count(self, market_id: int) -> int:
        """Return how many trades a market had."""
        row = self.ends.rows.get(market_id)
        return row[0] if row else 0

    def trade_busted(
        self,
        seq: int,
        from_account_id: int,
        account_id: int,
        asset_id: int,
        trade_index: int,
        trade_seq: int,
        amount_minor: int,
        fee_minor: int,
    ) -> None:
        """Add one leg of a trade that was reversed."""
        key = self.next_key(seq)
        parties = (trade_seq, trade_index, from_account_id, account_id)
        self.busts.put(key, (*parties, asset_id, amount_minor, fee_minor))
        self.busts.finish(key)

    def next_key(self, seq: int) -> tuple[int, int]:
        """Return a command's number and the next place among its trades."""
        self._number = self._number + 1 if seq == self._seq else 0
        self._seq = seq
        return seq, self._number
