"""What read models hold of an account: its orders, lists, trades and balances. Called in a thread; each call one state.

A client sees its own account's rows and no others: every question names the account.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from tarazy.facility.gateway.dialect.order_view import OrderView
from tarazy.facility.gateway.dialect.symbols import Symbols
from tarazy.facility.gateway.read_models import ReadModels
from tarazy.facility.projections.order_terms import SEQ_MASK
from tarazy.facility.projections.orders import OPEN
from tarazy.facility.projections.sql_tables import decode_row, encode_value, sql_table
from tarazy.facility.projections.table import Column, Table, Width, text_of, word
from tarazy.oversight.requests.symbol import Symbol

U64 = Column("", Width.u64)


class TradeRow(NamedTuple):
    """One trade as one of its parties sees it. Units: as the names say."""

    symbol: Symbol
    number: int
    order_id: int
    side: int
    price_ticks: int
    quantity_lots: int
    fee_minor: int
    ts_ns: int
    is_maker: bool
    list_id: int = 0


class ListRow(NamedTuple):
    """An order list with its orders, first the one that was placed first."""

    list_id: int
    list_kind: int
    client_id: str
    orders: tuple[OrderView, ...]


class AccountReads:
    """Questions about one account at a time."""

    def __init__(self, models: ReadModels, symbols: Symbols) -> None:
        self._database = models.reading
        self._symbols = symbols
        self._orders, self._order_columns = stored(models.orders, models.orders.orders)
        self._terms, self._term_columns = stored(models.terms, models.terms.terms)
        self._lists, _ = stored(models.terms, models.terms.lists)
        self._trades, self._trade_columns = stored(models.trades, models.trades.trades)
        self._accounts, _ = stored(models.balances, models.balances.accounts)
        joined = self._orders.join(self._terms, self._orders.c.order_id == self._terms.c.order_id)
        self._both = sa.select(*self._orders.c, *self._terms.c).select_from(joined)
        self._both_columns = (*self._order_columns, *self._term_columns)

    # ------------------------------------------------------------ orders

    def order(self, account_id: int, order_id: int) -> OrderView | None:
        """Return an order of an account by its number."""
        found = self._views(self._both.where(self._of(account_id), self._orders.c.order_id == order_id))
        return found[0] if found else None

    def named(self, account_id: int, client_id: str, market_id: int) -> OrderView | None:
        """Return an account's newest order of a name in a market."""
        query = self._both.where(
            self._of(account_id), self._terms.c.name == word(client_id), self._terms.c.market_id == market_id
        )
        found = self._views(query.order_by(self._terms.c.placed_seq.desc()).limit(1))
        return found[0] if found else None

    def open_orders(self, account_id: int, market_id: int | None = None) -> list[OrderView]:
        """Return an account's open orders, oldest first."""
        query = self._both.where(self._orders.c.account_id == account_id, self._orders.c.status == OPEN)
        if market_id is not None:
            query = query.where(self._orders.c.market_id == market_id)
        return self._views(query.order_by(self._terms.c.placed_seq, self._orders.c.order_id))

    def orders(
        self,
        account_id: int,
        market_id: int,
        limit: int,
        *,
        from_order_id: int | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> list[OrderView]:
        """Return orders of a market, oldest first: from a number or a time on, else the newest."""
        query = self._both.where(self._of(account_id), self._terms.c.market_id == market_id)
        for time_ns, within in (
            (start_ns, self._orders.c.accepted_ns.__ge__),
            (end_ns, self._orders.c.accepted_ns.__le__),
        ):
            if time_ns is not None:
                query = query.where(within(encode_value(U64, time_ns)))
        placed = self._terms.c.placed_seq
        if from_order_id is not None:
            query = query.where(placed >= from_order_id & SEQ_MASK)
        if from_order_id is not None or start_ns is not None:
            return self._views(query.order_by(placed, self._orders.c.order_id).limit(limit))
        return self._views(query.order_by(placed.desc(), self._orders.c.order_id.desc()).limit(limit))[::-1]

    def orders_after(self, account_id: int, placed_seq: int, order_id: int, limit: int) -> list[OrderView]:
        """Return orders of all markets behind an order, which its command and its number name; oldest first."""
        placed, number = self._terms.c.placed_seq, self._orders.c.order_id
        behind = sa.or_(placed > placed_seq, sa.and_(placed == placed_seq, number > order_id))
        query = self._both.where(self._of(account_id), placed >= placed_seq, behind)
        return self._views(query.order_by(placed, number).limit(limit))

    # ------------------------------------------------------------ lists

    def order_list(
        self, account_id: int, *, list_id: int | None = None, client_id: str | None = None
    ) -> ListRow | None:
        """Return a list by its number or its client's name for it, of that the newest."""
        query = sa.select(self._lists).where(self._lists.c.account_id == account_id)
        if list_id is not None:
            query = query.where(self._lists.c.list_id == list_id)
        else:
            query = query.where(self._lists.c.name == word(client_id or ""))
        found = self._lists_of(query.order_by(self._lists.c.list_id.desc()).limit(1))
        return found[0] if found else None

    def order_lists(self, account_id: int, limit: int, from_list_id: int | None = None) -> list[ListRow]:
        """Return lists, oldest first: from a number on, else the newest."""
        query, number = sa.select(self._lists).where(self._lists.c.account_id == account_id), self._lists.c.list_id
        if from_list_id is not None:
            return self._lists_of(query.where(number >= from_list_id).order_by(number).limit(limit))
        return self._lists_of(query.order_by(number.desc()).limit(limit))[::-1]

    def _lists_of(self, query: sa.Select[Any]) -> list[ListRow]:
        """Return the lists that a question finds, with their orders."""
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
            numbers = [row.list_id for row in rows]
            legs = self._both.where(self._terms.c.list_id.in_(numbers)).order_by(self._orders.c.order_id)
            views = self._read(connection.execute(legs).all()) if rows else []
        return [
            ListRow(
                row.list_id,
                row.list_kind,
                text_of(row.name),
                tuple(view for view in views if view.list_id == row.list_id),
            )
            for row in rows
        ]

    # ------------------------------------------------------------ trades and balances

    def trades(
        self,
        account_id: int,
        market_id: int,
        limit: int,
        *,
        order_id: int | None = None,
        from_number: int | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> list[TradeRow]:
        """Return an account's trades in a market, oldest first: from a trade or a time on, else the newest."""
        found: list[TradeRow] = []
        for side in ("maker", "taker"):
            found += self._trades_as(side, account_id, market_id, limit, order_id, from_number, start_ns, end_ns)
        found.sort(key=lambda row: row.number)
        is_from = from_number is not None or start_ns is not None
        return self._with_lists(found[:limit] if is_from else found[-limit:])

    def _with_lists(self, rows: list[TradeRow]) -> list[TradeRow]:
        """Return trades with the lists that their orders belong to."""
        c = self._terms.c
        query = sa.select(c.order_id, c.list_id).where(c.order_id.in_({row.order_id for row in rows}), c.list_id > 0)
        with self._database.reading() as connection:
            lists = {row.order_id: row.list_id for row in connection.execute(query)}
        return [row._replace(list_id=lists.get(row.order_id, 0)) for row in rows]

    def _trades_as(
        self,
        role: str,
        account_id: int,
        market_id: int,
        limit: int,
        order_id: int | None,
        from_number: int | None,
        start_ns: int | None,
        end_ns: int | None,
    ) -> list[TradeRow]:
        """Return an account's trades as maker or as taker."""
        c = self._trades.c
        query = sa.select(self._trades).where(c[f"{role}_account_id"] == account_id, c.market_id == market_id)
        if order_id is not None:
            query = query.where(c[f"{role}_order_id"] == order_id)
        if from_number is not None:
            query = query.where(c.trade_number >= from_number)
        if start_ns is not None:
            query = query.where(c.ts_ns >= encode_value(U64, start_ns))
        if end_ns is not None:
            query = query.where(c.ts_ns <= encode_value(U64, end_ns))
        is_from = from_number is not None or start_ns is not None
        order = c.trade_number if is_from else c.trade_number.desc()
        names = [column.name for column in self._trade_columns]
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(order).limit(limit)).all()
        return [self._trade(dict(zip(names, decode_row(self._trade_columns, row), strict=True)), role) for row in rows]

    def _trade(self, row: dict[str, int], role: str) -> TradeRow:
        """Return a trade as its maker or its taker sees it; `side` of the row is the taker's, 0 of an auction."""
        is_maker = role == "maker"
        side = row["side"] or 1  # an auction's maker is the seller
        symbol = self._symbols.at(row["market_id"], row["seq"])
        assert symbol is not None  # noqa: S101 - who has traded there
        return TradeRow(
            symbol,
            row["trade_number"],
            row[f"{role}_order_id"],
            3 - side if is_maker else side,
            row["price_ticks"],
            row["quantity_lots"],
            row[f"{role}_fee_minor"],
            row["ts_ns"],
            is_maker,
        )

    def trade_numbers(self, seqs: Iterable[int]) -> dict[tuple[int, int], int]:
        """Return the public numbers of the trades of some commands, by command and place."""
        c = self._trades.c
        query = sa.select(c.seq, c.number, c.trade_number).where(c.seq.in_(list(seqs)))
        with self._database.reading() as connection:
            return {(row.seq, row.number): row.trade_number for row in connection.execute(query)}

    def balances(self, account_id: int) -> dict[int, tuple[int, int]]:
        """Return available and held minor units of an account by asset."""
        query = sa.select(self._accounts).where(self._accounts.c.account_id == account_id)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {row.asset_id: (int(row.available_minor), int(row.held_minor)) for row in rows}

    # ------------------------------------------------------------ inside

    def _of(self, account_id: int) -> sa.ColumnElement[bool]:
        return self._terms.c.account_id == account_id

    def _views(self, query: sa.Select[Any]) -> list[OrderView]:
        """Return the orders that a question finds."""
        with self._database.reading() as connection:
            return self._read(connection.execute(query).all())

    def _read(self, rows: Iterable[Sequence[Any]]) -> list[OrderView]:
        """Return orders from rows of both tables."""
        width = len(self._order_columns)
        found = []
        for row in rows:
            values = decode_row(self._both_columns, row)
            order = dict(zip((column.name for column in self._order_columns), values[:width], strict=True))
            terms = dict(zip((column.name for column in self._term_columns), values[width:], strict=True))
            is_open = order["status"] == OPEN
            symbols, market_id = self._symbols, order["market_id"]
            symbol = symbols.of(market_id) if is_open else symbols.at(market_id, order["last_seq"])
            if symbol is not None:
                found.append(view_of(symbol, order, terms))
        return found


def view_of(symbol: Symbol, order: dict[str, int], terms: dict[str, Any]) -> OrderView:
    """Return an order from its rows."""
    return OrderView(
        symbol=symbol,
        order_id=order["order_id"],
        list_id=terms["list_id"],
        client_id=text_of(terms["name"]) or f"#{order['client_order_id']}",
        order_type=order["order_type"],
        side=order["side"],
        time_in_force=order["time_in_force"],
        prevention=terms["self_trade_prevention"],
        price_ticks=order["price_ticks"],
        trigger_price_ticks=order["trigger_price_ticks"],
        quantity_lots=0 if order["is_cash_order"] else order["quantity_lots"],
        display_lots=terms["display_lots"],
        cash_order_quantity_minor=terms["cash_order_quantity_minor"],
        trailing_bp=terms["trailing_bp"],
        accepted_ns=order["accepted_ns"],
        last_ns=order["last_ns"],
        working_ns=terms["working_ns"],
        is_waiting=bool(terms["is_waiting"]),
        is_pending=bool(terms["is_pending"]),
        filled_lots=order["filled_lots"],
        filled_minor=order["filled_minor"],
        status=order["status"],
        cancel_reason=order["cancel_reason"],
    )


def stored(projection: Any, table: Table) -> tuple[sa.Table, tuple[Column, ...]]:
    """Return a table as SQL has it, and its columns."""
    return sql_table(projection, table), table.all_columns
