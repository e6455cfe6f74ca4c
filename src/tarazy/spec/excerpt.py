"""A part of the state in the snapshot's own encodings: what people are shown, without the rest.

Sections in order: header, authority, assets with their ledger accounts and the totals of what clients have available
and held, the number of accounts and those that were asked for, their balances, every market without its orders, and of
the markets asked for how many orders rest and wait for a trigger, those at the best prices, and those asked for.
"""

from __future__ import annotations

import struct
from collections.abc import Collection

from tarazy.domain.records import EDITION, Side
from tarazy.spec.ledger import Kind
from tarazy.spec.snapshot import (
    AMOUNT,
    BALANCE,
    HEADER,
    encode_account,
    encode_asset,
    encode_market,
    encode_order,
)
from tarazy.spec.snapshot_authority import encode_authority
from tarazy.spec.snapshot_bytes import COUNT32, COUNT64, split
from tarazy.spec.state import Market, State

MAGIC = b"TZEX"
BUY, SELL = int(Side.buy), int(Side.sell)
NO_ORDERS = 4 * COUNT64.pack(0)
ACCOUNT_COUNTS = struct.Struct("<II")
ORDER_COUNTS = struct.Struct("<IQQ")  # market, resting, untriggered


def encode_excerpt(
    state: State, account_ids: Collection[int], market_ids: Collection[int], depth: int, order_ids: Collection[int]
) -> bytes:
    """Return the part of the state that concerns these accounts and markets.

    Of a market's orders: those at the best `depth` prices of each side, and those with these numbers.
    """
    out = [HEADER.pack(MAGIC, EDITION, state.next_seq, state.last_ts_ns), encode_authority(state)]
    out.append(COUNT32.pack(len(state.assets)))
    for asset, ledger in zip(state.assets, state.ledger.assets, strict=True):
        out.append(encode_asset(asset, ledger))
        out += [AMOUNT.pack(*split(ledger.totals[kind])) for kind in (Kind.available, Kind.held)]
    out += [encode_holders(state, account_ids), COUNT32.pack(len(state.markets))]
    for market in state.markets:
        out += [encode_market(market), NO_ORDERS]
    asked = [market for market in state.markets if market.market_id in market_ids]
    out.append(COUNT32.pack(len(asked)))
    out += [encode_best(market, depth) + encode_named(market, order_ids) for market in asked]
    return b"".join(out)


def encode_holders(state: State, account_ids: Collection[int]) -> bytes:
    """Return the accounts that are there, each with its balances that are not zero."""
    there = [account_id for account_id in account_ids if 1 <= account_id <= len(state.accounts)]
    out = [ACCOUNT_COUNTS.pack(len(state.accounts), len(there))]
    for account_id in there:
        out += [COUNT32.pack(account_id), encode_account(state.accounts[account_id - 1])]
        found = ((n, state.ledger.balances.get(account_id << 32 | n)) for n in range(1, len(state.assets) + 1))
        held = [(n, b) for n, b in found if b is not None and (b.available.minor or b.held.minor)]
        out.append(COUNT32.pack(len(held)))
        out += [BALANCE.pack(account_id, n, *split(b.available.minor), *split(b.held.minor)) for n, b in held]
    return b"".join(out)


def encode_best(market: Market, depth: int) -> bytes:
    """Return how many orders a market has, and those at the best prices of each side, best first."""
    book = market.book
    best = (book.levels[side][key] for side in (BUY, SELL) for key in book.keys[side][::-1][:depth])
    orders = [order for level in best for order in level.values()]
    counts = ORDER_COUNTS.pack(market.market_id, len(book.resting), len(book.untriggered))
    return counts + COUNT32.pack(len(orders)) + b"".join(encode_order(order) for order in orders)


def encode_named(market: Market, order_ids: Collection[int]) -> bytes:
    """Return the orders with these numbers that the market has open."""
    there = [order for order_id in order_ids if (order := market.book.find(order_id)) is not None]
    return COUNT32.pack(len(there)) + b"".join(encode_order(order) for order in there)
