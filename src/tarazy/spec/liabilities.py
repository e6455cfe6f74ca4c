"""Root of the liabilities tree: what the facility owes to every account, asset by asset, under one hash.

Per asset there are two trees. Accounts: the leaf of account n lies at position n, sha256(0x00, asset, account, salt,
amount); where nothing is owed (and at position 0) lies the zero leaf, 32 zero bytes with amount 0. Receipts: the
unattributed ones by number from position 0, sha256(0x03, asset, receipt, amount, evidence). Both are padded with zero
leaves to a power of two. The parent of two entries is sha256(0x01, left hash, left amount, right hash, right amount)
with the sum of their amounts; the parent of two zero leaves is the zero leaf again. The root is sha256(0x02, asset
count, then for each asset: its number, positions, amount and hash of the accounts' tree, positions, amount and hash of
the receipts' tree). Numbers are little-endian: asset and account 4 bytes, receipt and positions 8, salt and amounts 16.
docs/concepts/liabilities.md shows how a client checks its leaf.
"""

from __future__ import annotations

from hashlib import sha256

from tarazy.domain.records import ZERO32
from tarazy.spec.state import State

Entry = tuple[bytes, int]
ZERO: Entry = (ZERO32, 0)


def leaf(asset_id: int, account_id: int, leaf_salt: int, amount_minor: int) -> Entry:
    """Return the leaf of one balance."""
    data = asset_id.to_bytes(4, "little") + account_id.to_bytes(4, "little")
    data += leaf_salt.to_bytes(16, "little") + amount_minor.to_bytes(16, "little")
    return sha256(b"\0" + data).digest(), amount_minor


def receipt_leaf(asset_id: int, receipt_id: int, amount_minor: int, evidence_hash: bytes) -> Entry:
    """Return the leaf of one unattributed receipt."""
    data = asset_id.to_bytes(4, "little") + receipt_id.to_bytes(8, "little")
    data += amount_minor.to_bytes(16, "little") + evidence_hash
    return sha256(b"\3" + data).digest(), amount_minor


def node(left: Entry, right: Entry) -> Entry:
    """Return the parent of two entries."""
    if left == ZERO and right == ZERO:
        return ZERO
    data = left[0] + left[1].to_bytes(16, "little") + right[0] + right[1].to_bytes(16, "little")
    return sha256(b"\1" + data).digest(), left[1] + right[1]


def width(positions: int) -> int:
    """Return the smallest power of two that holds these positions."""
    return 1 << max(positions - 1, 0).bit_length()


def tree(entries: list[Entry]) -> Entry:
    """Return the top of a tree over entries in order, padded with zero leaves."""
    entries = entries + [ZERO] * (width(len(entries)) - len(entries))
    while len(entries) > 1:
        entries = [node(entries[i], entries[i + 1]) for i in range(0, len(entries), 2)]
    return entries[0]


def account_leaves(state: State) -> list[list[Entry]]:
    """Return the accounts' leaves of every asset; position n is account n."""
    leaves = [[ZERO] * (len(state.accounts) + 1) for _ in state.assets]
    for key, balance in state.ledger.balances.items():
        account_id, asset_id = key >> 32, key & 0xFFFFFFFF
        amount = balance.available.minor + balance.held.minor
        if amount:
            salt = state.accounts[account_id - 1].leaf_salt
            leaves[asset_id - 1][account_id] = leaf(asset_id, account_id, salt, amount)
    return leaves


def receipt_leaves(state: State) -> list[list[Entry]]:
    """Return the receipts' leaves of every asset, by receipt number."""
    leaves: list[list[Entry]] = [[] for _ in state.assets]
    for _, receipt in sorted(state.receipts.items()):
        amount = receipt.amount_minor + receipt.returning_minor
        entry = receipt_leaf(receipt.asset_id, receipt.receipt_id, amount, receipt.evidence_hash)
        leaves[receipt.asset_id - 1].append(entry)
    return leaves


def liabilities_root(state: State) -> bytes:
    """Return the root over all assets; 32 bytes."""
    data = len(state.assets).to_bytes(4, "little")
    trees = zip(account_leaves(state), receipt_leaves(state), strict=True)
    for asset_id, both in enumerate(trees, 1):
        data += asset_id.to_bytes(4, "little")
        for entries in both:
            top_hash, amount = tree(entries)
            data += width(len(entries)).to_bytes(8, "little") + amount.to_bytes(16, "little") + top_hash
    return sha256(b"\2" + data).digest()
