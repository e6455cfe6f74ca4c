"""Root of the liabilities tree: what the facility owes to every account, asset by asset, under one hash.

Per asset, one leaf for each account with a balance, by account number: sha256(0x00, asset, account, salt, amount).
A node binds both children's hashes and both children's amounts: sha256(0x01, left hash, left amount, right hash, right
amount), and its amount is their sum; an odd last entry moves up as it is. The root binds every asset's number, leaf
count, total and tree: sha256(0x02, asset count, then for each asset its number, leaf count, amount, hash). Numbers are
little-endian: asset and account 4 bytes, counts 8, salt and amounts 16.
"""

from __future__ import annotations

from hashlib import sha256

from tarazy.domain.records import ZERO32
from tarazy.spec.state import State

Entry = tuple[bytes, int]


def leaf(asset_id: int, account_id: int, leaf_salt: int, amount_minor: int) -> Entry:
    """Return the leaf of one balance."""
    data = asset_id.to_bytes(4, "little") + account_id.to_bytes(4, "little")
    data += leaf_salt.to_bytes(16, "little") + amount_minor.to_bytes(16, "little")
    return sha256(b"\0" + data).digest(), amount_minor


def node(left: Entry, right: Entry) -> Entry:
    """Return the parent of two entries."""
    data = left[0] + left[1].to_bytes(16, "little") + right[0] + right[1].to_bytes(16, "little")
    return sha256(b"\1" + data).digest(), left[1] + right[1]


def tree(entries: list[Entry]) -> Entry:
    """Return the top of a tree over entries in order; (zeros, 0) for none."""
    if not entries:
        return ZERO32, 0
    while len(entries) > 1:
        parents = [node(entries[i], entries[i + 1]) for i in range(0, len(entries) - 1, 2)]
        if len(entries) % 2:
            parents.append(entries[-1])
        entries = parents
    return entries[0]


def liabilities_root(state: State) -> bytes:
    """Return the root over all assets; 32 bytes."""
    leaves: list[list[Entry]] = [[] for _ in state.assets]
    for key in sorted(state.ledger.balances):
        balance = state.ledger.balances[key]
        account_id, asset_id = key >> 32, key & 0xFFFFFFFF
        amount = balance.available.minor + balance.held.minor
        if amount:
            salt = state.accounts[account_id - 1].leaf_salt
            leaves[asset_id - 1].append(leaf(asset_id, account_id, salt, amount))
    data = len(state.assets).to_bytes(4, "little")
    for asset_id, entries in enumerate(leaves, 1):
        top_hash, amount = tree(entries)
        data += asset_id.to_bytes(4, "little") + len(entries).to_bytes(8, "little")
        data += amount.to_bytes(16, "little") + top_hash
    return sha256(b"\2" + data).digest()
