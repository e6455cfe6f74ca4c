"""An account's whole life from the read models: its lines, and what it owned at any time. Called in a thread."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa

from tarazy.facility.gateway.account_reads import U64, stored
from tarazy.facility.gateway.native.lines import (
    START,
    LedgerLine,
    LineCursor,
    trade_lines,
    transfer_line,
)
from tarazy.facility.gateway.read_models import ReadModels
from tarazy.facility.projections.sql_tables import decode_row, encode_value
from tarazy.facility.projections.table import text_of


class Period(NamedTuple):
    """A span of time, UTC nanoseconds; `until_ns` is the first that is not in it."""

    from_ns: int
    until_ns: int


class Sums(NamedTuple):
    """What came, what went, and the fees within that, of one asset in a period."""

    credits_minor: int = 0
    debits_minor: int = 0
    fees_minor: int = 0

    def plus(self, line: LedgerLine) -> Sums:
        """Return the sums with a line."""
        came, went = max(line.change_minor, 0), max(-line.change_minor, 0)
        fee = line.trade.fee_minor if line.trade else 0
        return Sums(self.credits_minor + came, self.debits_minor + went, self.fees_minor + fee)


class AccountPeriod(NamedTuple):
    """What an account owned when a period began and ended, by asset, the sums of its lines, and the first of these;
    `reached_seq` is the last command that this takes in."""

    opening_minor: dict[int, int]
    closing_minor: dict[int, int]
    sums: dict[int, Sums]
    lines: list[LedgerLine]
    left_out: int
    reached_seq: int


class WithdrawalRow(NamedTuple):
    """One withdrawal."""

    withdrawal_id: int
    account_id: int
    asset_id: int
    withdrawal_state: int
    withdrawal_reason: int
    location: int
    changed_ns: int
    evidence_hash: str
    requested_ns: int
    amount_minor: int
    client_request_id: int
    destination_hash: str


class HistoryReads:
    """Questions about one account's history; every question names the account."""

    def __init__(self, models: ReadModels) -> None:
        self._models, self._database = models, models.reading
        self._trades, self._trade_columns = stored(models.trades, models.trades.trades)
        self._transfers, self._transfer_columns = stored(models.transfers, models.transfers.transfers)
        self._withdrawals, self._withdrawal_columns = stored(models.withdrawals, models.withdrawals.withdrawals)
        self._accounts, _ = stored(models.balances, models.balances.accounts)

    def lines(self, account_id: int, after: LineCursor, limit: int, period: Period | None = None) -> list[LedgerLine]:
        """Return lines behind a cursor, in the order of the record."""
        with self._database.reading() as connection:
            return list(islice(self._lines(connection, account_id, after, period), limit))

    def in_period(self, account_id: int, period: Period, lines_max: int) -> AccountPeriod:
        """Return a period with what the account owned at its ends, all of it from one state of the database."""
        with self._database.reading() as connection:
            reached = self._models.reached_seq
            closing = self._owned(connection, account_id)
            for line in self._lines(connection, account_id, START, Period(period.until_ns, 1 << 63)):
                closing[line.asset_id] -= line.change_minor
            opening, sums, kept, left_out = closing.copy(), dict[int, Sums](), list[LedgerLine](), 0
            for line in self._lines(connection, account_id, START, period):
                opening[line.asset_id] -= line.change_minor
                sums[line.asset_id] = sums.get(line.asset_id, Sums()).plus(line)
                if len(kept) < lines_max:
                    kept.append(line)
                else:
                    left_out += 1
        return AccountPeriod(dict(opening), dict(closing), sums, kept, left_out, reached)

    def trades_of_order(self, account_id: int, order_id: int) -> list[LedgerLine]:
        """Return the lines of an order's trades."""
        return self._trades_where(account_id, lambda role: self._trades.c[f"{role}_order_id"] == order_id)

    def trade(self, account_id: int, market_id: int, trade_number: int) -> list[LedgerLine]:
        """Return the lines of one trade."""
        c = self._trades.c
        return self._trades_where(
            account_id, lambda role: sa.and_(c.market_id == market_id, c.trade_number == trade_number)
        )

    def withdrawals(self, account_id: int, after: int, limit: int) -> list[WithdrawalRow]:
        """Return withdrawals behind a number, oldest first."""
        c = self._withdrawals.c
        query = sa.select(self._withdrawals).where(c.account_id == account_id, c.withdrawal_id > after)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(c.withdrawal_id).limit(limit)).all()
        return [self._withdrawal(row) for row in rows]

    def newest_withdrawals(self, account_id: int, limit: int) -> list[WithdrawalRow]:
        """Return the newest withdrawals, the newest first."""
        c = self._withdrawals.c
        query = sa.select(self._withdrawals).where(c.account_id == account_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(c.withdrawal_id.desc()).limit(limit)).all()
        return [self._withdrawal(row) for row in rows]

    def withdrawal(
        self, account_id: int, withdrawal_id: int | None = None, client_request_id: int | None = None
    ) -> WithdrawalRow | None:
        """Return a withdrawal by its number or by the client's, of that the newest."""
        c = self._withdrawals.c
        query = sa.select(self._withdrawals).where(c.account_id == account_id)
        if withdrawal_id is not None:
            query = query.where(c.withdrawal_id == withdrawal_id)
        if client_request_id is not None:
            query = query.where(c.client_request_id == encode_value(U64, client_request_id))
        with self._database.reading() as connection:
            row = connection.execute(query.order_by(c.withdrawal_id.desc()).limit(1)).first()
        return self._withdrawal(row) if row is not None else None

    # ------------------------------------------------------------ inside

    def _owned(self, connection: sa.Connection, account_id: int) -> defaultdict[int, int]:
        """Return what an account owns now, available and held together, by asset."""
        query = sa.select(self._accounts).where(self._accounts.c.account_id == account_id)
        found: defaultdict[int, int] = defaultdict(int)
        for row in connection.execute(query):
            found[row.asset_id] = int(row.available_minor) + int(row.held_minor)
        return found

    def _lines(
        self, connection: sa.Connection, account_id: int, after: LineCursor, period: Period | None
    ) -> Iterator[LedgerLine]:
        """Iterate over lines behind a cursor and within a period, merged from three ordered questions."""
        sources = [self._trade_lines(connection, account_id, role, after, period) for role in ("maker", "taker")]
        sources.append(self._transfer_lines(connection, account_id, after, period))
        for line in heapq.merge(*sources, key=lambda each: each.cursor):
            if line.cursor > after:
                yield line

    def _trade_lines(
        self, connection: sa.Connection, account_id: int, role: str, after: LineCursor, period: Period | None
    ) -> Iterator[LedgerLine]:
        c = self._trades.c
        query = sa.select(self._trades).where(c[f"{role}_account_id"] == account_id, c.seq >= after.seq)
        query = within(query, c.ts_ns, period).order_by(c.seq, c.number)
        names = [column.name for column in self._trade_columns]
        for row in connection.execute(query):
            plain = dict(zip(names, decode_row(self._trade_columns, row), strict=True))
            yield from trade_lines(self._models.venue, plain, account_id)

    def _transfer_lines(
        self, connection: sa.Connection, account_id: int, after: LineCursor, period: Period | None
    ) -> Iterator[LedgerLine]:
        c = self._transfers.c
        query = sa.select(self._transfers).where(c.account_id == account_id, c.seq >= after.seq)
        query = within(query, c.ts_ns, period).order_by(c.seq, c.place)
        names = [column.name for column in self._transfer_columns]
        for row in connection.execute(query):
            plain = dict(zip(names, decode_row(self._transfer_columns, row), strict=True))
            yield transfer_line({**plain, "paper_hash": text_of(str(plain["paper_hash"]))})

    def _trades_where(self, account_id: int, condition: Any) -> list[LedgerLine]:
        """Return the lines of an account's trades that meet a condition, which is given the account's role."""
        c, found = self._trades.c, list[LedgerLine]()
        names = [column.name for column in self._trade_columns]
        with self._database.reading() as connection:
            for role in ("maker", "taker"):
                query = sa.select(self._trades).where(c[f"{role}_account_id"] == account_id, condition(role))
                for row in connection.execute(query):
                    plain = dict(zip(names, decode_row(self._trade_columns, row), strict=True))
                    found += trade_lines(self._models.venue, plain, account_id)
        return sorted(found, key=lambda line: line.cursor)

    def _withdrawal(self, row: Any) -> WithdrawalRow:
        values = decode_row(self._withdrawal_columns, row)
        plain = dict(zip((column.name for column in self._withdrawal_columns), values, strict=True))
        for name in ("evidence_hash", "destination_hash"):
            plain[name] = text_of(str(plain[name]))
        return WithdrawalRow(**plain)


def within(query: sa.Select[Any], time: sa.ColumnElement[Any], period: Period | None) -> sa.Select[Any]:
    """Return a question with the bounds of a period."""
    if period is None:
        return query
    return query.where(time >= encode_value(U64, period.from_ns), time < encode_value(U64, period.until_ns))
