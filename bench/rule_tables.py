"""A facility's quarter as fact tables, made up: every table that a record fills, in integers; its counts are known."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from tarazy.domain.records import AccountRole
from tarazy.oversight.facts.chunks import FactChunk
from tarazy.oversight.facts.parquet import FactWriter
from tarazy.oversight.facts.tables import TABLES

CHUNK = 1 << 18
START_NS, QUARTER_NS = 1_790_000_000 * 10**9, 91 * 86_400 * 10**9
DAYS = 91
REFUSED = 300
HOUSE = 10  # orders of the house that were accepted: a breach that has to be found


class MadeQuarter(NamedTuple):
    """What the tables hold, counted while they were made."""

    rows: dict[str, int]
    sides_suspended: int
    house_orders: int
    hidden_min_minor: int


def chunk(table: str, count: int, **columns: object) -> FactChunk:
    """Return rows of a table; columns that are not named are 0, hashes are 32 zeros."""
    hashes = TABLES[table].hashes()
    rows: FactChunk = {}
    for name in TABLES[table].wide_columns():
        if name in hashes:
            rows[name] = np.zeros(count, "V32")
        else:
            rows[name] = np.broadcast_to(np.asarray(columns.get(name, 0), np.uint64), count).copy()
    return rows


def make_tables(folder: Path, clients: int, trades: int) -> MadeQuarter:
    """Write the tables of a quarter: two orders a trade, of which one in ten is refused, and everything beside."""
    writer = FactWriter(folder, "made up")
    numbers = np.arange(1, clients + 1)
    writer.add("accounts", chunk("accounts", clients, seq=numbers, account_id=numbers, owner_id=numbers,
                                 client_class=1, account_role=1))  # fmt: skip
    house = clients + 1
    writer.add("accounts", chunk("accounts", 1, seq=house, account_id=house, owner_id=house, client_class=2,
                                 account_role=int(AccountRole.house)))  # fmt: skip
    base = clients + 3
    first, last = trades // 2, trades // 2 + trades // 100
    for seq, asset, status in ((1, 1, 2), (1, 2, 2), (base + 3 * first, 1, 3), (base + 3 * last, 1, 2)):
        writer.add("asset_changes", chunk("asset_changes", 1, seq=seq, asset_id=asset, asset_status=status))
    terms = {"seq": 2, "market_id": 1, "base_asset_id": 1, "quote_asset_id": 2, "tick_value_minor": 3}
    writer.add("market_terms", chunk("market_terms", 1, **terms))
    smallest = _flow(writer, clients, trades, base)
    _beside(writer, clients, base)
    orders = {"seq": base, "ts_ns": START_NS, "account_id": house, "market_id": 1, "price_ticks": 1, "quantity_lots": 1}
    writer.add("orders", chunk("orders", HOUSE, **orders))
    return MadeQuarter(writer.close(), last - first, HOUSE, smallest)


def _flow(writer: FactWriter, clients: int, trades: int, base: int) -> int:
    """Write orders and trades; return the smallest hidden order in the quote asset."""
    random, smallest = np.random.default_rng(7), 1 << 62
    for at in range(0, trades, CHUNK):
        rows = np.arange(at, min(at + CHUNK, trades))
        seq, count = base + 3 * rows, len(rows)
        when = START_NS + rows * (QUARTER_NS // trades)
        accounts = random.integers(1, clients + 1, count)
        for side in (0, 1):
            refused = np.where((rows + side) % 10 == 0, REFUSED, 0)
            hidden = np.where((rows + side) % 97 == 0, 1, 0)
            prices = 100 + rows % 50
            writer.add("orders", chunk("orders", count, seq=seq + side, ts_ns=when, account_id=accounts, market_id=1,
                                       order_id=seq, side=side + 1, price_ticks=prices, quantity_lots=5,
                                       display_lots=hidden, reject_code=refused))  # fmt: skip
            shown = prices[(hidden == 1) & (refused == 0)]
            smallest = min(smallest, int(shown.min()) * 5 * 3) if len(shown) else smallest
        writer.add("trades", chunk("trades", count, seq=seq + 2, ts_ns=when, market_id=1, trade_index=1, side=1,
                                   maker_account_id=accounts, taker_account_id=accounts[::-1], price_ticks=100,
                                   quantity_lots=5, maker_fee_minor=1, taker_fee_minor=2))  # fmt: skip
    return smallest


def _beside(writer: FactWriter, clients: int, base: int) -> None:
    """Write what a quarter has beside its flow: money in and out, custody, officers, rules, balances, statements."""
    numbers, days = np.arange(1, clients + 1), np.arange(DAYS)
    when = START_NS + (numbers % DAYS) * 86_400 * 10**9
    for table in ("deposits", "withdrawals"):
        writer.add(table, chunk(table, clients, seq=base + numbers, ts_ns=when, account_id=numbers, asset_id=2,
                                amount_minor_low=1_000 + numbers))  # fmt: skip
    writer.add("client_statuses", chunk("client_statuses", clients, seq=numbers, owner_id=numbers, client_class=1))
    writer.add("balances", chunk("balances", clients, seq=base, account_id=numbers, asset_id=2,
                                 available_minor_low=numbers))  # fmt: skip
    writer.add("custody_reports", chunk("custody_reports", DAYS, seq=base + days, estate=1, asset_id=1, location=1,
                                        ts_ns=START_NS + days * 86_400 * 10**9, balance_matches=1))  # fmt: skip
    few = {"officers": {"officer_id": 1}, "custody": {"estate": 1, "location": 1}, "instructions": {"officer_id": 1}}
    for table in (*few, "rules_in_force", "statements"):
        writer.add(table, chunk(table, 4, seq=base, ts_ns=START_NS, **few.get(table, {})))
