"""Read an engine's excerpt: a readable state that holds what was asked for, and of the rest only how much there is."""

from __future__ import annotations

from typing import NamedTuple, cast

from tarazy.domain.records import EDITION
from tarazy.spec.excerpt import ACCOUNT_COUNTS, MAGIC, ORDER_COUNTS
from tarazy.spec.ledger import Kind
from tarazy.spec.snapshot import (
    AMOUNT,
    HEADER,
    decode_account,
    decode_asset,
    decode_balance,
    decode_market,
    decode_order,
)
from tarazy.spec.snapshot_authority import decode_authority
from tarazy.spec.snapshot_bytes import COUNT32, Reader, SnapshotError, join
from tarazy.spec.state import Account, State


class SomeAccounts:
    """The accounts of an excerpt: as many as there are, those that were not asked for without any content."""

    def __init__(self) -> None:
        self.count = 0
        self.known: dict[int, Account] = {}

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, place: int) -> Account:
        return self.known.setdefault(place + 1, Account(place + 1))

    def append(self, account: Account) -> None:
        """Take in an account that was asked for."""
        self.known[account.account_id] = account


class OrderCounts(NamedTuple):
    """How many open orders a market has."""

    resting: int
    untriggered: int


class Excerpt(NamedTuple):
    """A readable state that holds what was asked for, and of each market asked for how many orders it has.

    The books of the state hold the orders at the best prices and those asked for, as resting ones.
    """

    state: State
    orders: dict[int, OrderCounts]


def decode_excerpt(data: bytes) -> Excerpt:
    """Return an excerpt. Nothing can be applied to its state.

    Raises: SnapshotError when the bytes are not a whole excerpt of this edition.
    """
    reader, state, accounts = Reader(data), State(), SomeAccounts()
    state.accounts = cast("list[Account]", accounts)
    magic, edition, state.next_seq, state.last_ts_ns = cast("tuple[bytes, int, int, int]", reader.take(HEADER))
    if magic != MAGIC or edition != EDITION:
        raise SnapshotError(f"expected an excerpt of edition {EDITION}, found {magic!r} edition {edition}")
    decode_authority(reader, state)
    totals = []
    for number in reader.count(COUNT32):
        decode_asset(reader, state, number + 1)
        totals.append([join(*reader.take(AMOUNT)) for _ in range(2)])
    accounts.count, asked = reader.take(ACCOUNT_COUNTS)
    for _ in range(asked):
        decode_account(reader, state, reader.take(COUNT32)[0])
        for _ in reader.count(COUNT32):
            decode_balance(reader, state)
    for asset, pair in zip(state.ledger.assets, totals, strict=True):
        asset.totals[Kind.available], asset.totals[Kind.held] = pair
    for number in reader.count(COUNT32):
        decode_market(reader, state, number + 1)
    orders = dict(decode_orders(reader, state) for _ in reader.count(COUNT32))
    if reader.at != len(data):
        raise SnapshotError(f"expected the end at byte {reader.at}, found {len(data) - reader.at} more bytes")
    return Excerpt(state, orders)


def decode_orders(reader: Reader, state: State) -> tuple[int, OrderCounts]:
    """Read the orders of one market; return its number and how many there are."""
    market_id, *counts = reader.take(ORDER_COUNTS)
    if not 1 <= market_id <= len(state.markets):
        raise SnapshotError(f"expected orders of a market from 1 to {len(state.markets)}, found market {market_id}")
    book = state.markets[market_id - 1].book
    for _ in range(2):
        for _ in reader.count(COUNT32):
            order = decode_order(reader, state)
            if book.find(order.order_id) is None:
                book.restore(order)
    return market_id, OrderCounts(*counts)
