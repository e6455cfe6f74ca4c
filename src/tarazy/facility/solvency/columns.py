"""The balances of a state as the columns that the trees are made of: salts and amounts by account."""

from __future__ import annotations

from collections.abc import Iterator

from tarazy.oversight.solvency.levels import NUMBER_BYTES
from tarazy.spec.state import State


def salt_column(state: State) -> bytes:
    """Return the salts of all accounts, 16 bytes each, position 0 being 0."""
    return bytes(NUMBER_BYTES) + b"".join(each.leaf_salt.to_bytes(NUMBER_BYTES, "little") for each in state.accounts)


def amount_columns(state: State) -> Iterator[bytes]:
    """Iterate over the assets' amounts by account, available and held together, 16 bytes each."""
    by_asset: list[list[tuple[int, int]]] = [[] for _ in state.assets]
    for key, balance in state.ledger.balances.items():
        amount_minor = balance.available.minor + balance.held.minor
        if amount_minor:
            by_asset[(key & 0xFFFFFFFF) - 1].append((key >> 32, amount_minor))
    for rows in by_asset:
        column = bytearray((len(state.accounts) + 1) * NUMBER_BYTES)
        for account_id, amount_minor in rows:
            at = account_id * NUMBER_BYTES
            column[at : at + NUMBER_BYTES] = amount_minor.to_bytes(NUMBER_BYTES, "little")
        yield bytes(column)
