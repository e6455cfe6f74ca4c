"""Read an engine's excerpt: a readable state that holds what was asked for, and of the rest only how much there is."""

from __future__ import annotations

from typing import cast

from tarazy.domain.records import EDITION
from tarazy.spec.excerpt import ACCOUNT_COUNTS, MAGIC
from tarazy.spec.ledger import Kind
from tarazy.spec.snapshot import AMOUNT, HEADER, decode_account, decode_asset, decode_balance, decode_market
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


def decode_excerpt(data: bytes) -> State:
    """Return the state of an excerpt. Nothing can be applied to it.

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
    if reader.at != len(data):
        raise SnapshotError(f"expected the end at byte {reader.at}, found {len(data) - reader.at} more bytes")
    return state
