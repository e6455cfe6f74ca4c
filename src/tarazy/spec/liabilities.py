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
Placed = tuple[int, Entry]
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
    """Return the parent of two entries, of which one at least is not the zero leaf."""
    data = left[0] + left[1].to_bytes(16, "little") + right[0] + right[1].to_bytes(16, "little")
    return sha256(b"\1" + data).digest(), left[1] + right[1]


def width(positions: int) -> int:
    """Return the smallest power of two that holds these positions."""
    return 1 << max(positions - 1, 0).bit_length()


def tree(entries: list[Placed], positions: int) -> Entry:
    """Return the top of a tree over entries by rising position; all other positions are zero leaves.

    Cost: what is not zero, times the height of the tree at most.
    """
    size = width(positions)
    while size > 1:
        entries, size = parents(entries), size // 2
    return entries[0][1] if entries else ZERO


def parents(entries: list[Placed]) -> list[Placed]:
    """Return the next level of a tree."""
    level: list[Placed] = []
    at = 0
    while at < len(entries):
        position, entry = entries[at]
        at += 1
        if position % 2:
            parent = node(ZERO, entry)
        elif at < len(entries) and entries[at][0] == position + 1:
            parent = node(entry, entries[at][1])
            at += 1
        else:
            parent = node(entry, ZERO)
        level.append((position // 2, parent))
    return level


def account_leaves(state: State) -> list[list[Placed]]:
    """Return the accounts' leaves of every asset that are not zero; position n is account n."""
    leaves: list[list[Placed]] = [[] for _ in state.assets]
    for key, balance in sorted(state.ledger.balances.items()):
        account_id, asset_id = key >> 32, key & 0xFFFFFFFF
        amount = balance.available.minor + balance.held.minor
        if amount:
            salt = state.accounts[account_id - 1].leaf_salt
            leaves[asset_id - 1].append((account_id, leaf(asset_id, account_id, salt, amount)))
    return leaves


def receipt_leaves(state: State) -> list[list[Placed]]:
    """Return the receipts' leaves of every asset, by receipt number from position 0."""
    leaves: list[list[Placed]] = [[] for _ in state.assets]
    for _, receipt in sorted(state.receipts.items()):
        amount = receipt.amount_minor + receipt.returning_minor
        entry = receipt_leaf(receipt.asset_id, receipt.receipt_id, amount, receipt.evidence_hash)
        of_asset = leaves[receipt.asset_id - 1]
        of_asset.append((len(of_asset), entry))
    return leaves


def liabilities_root(state: State) -> bytes:
    """Return the root over all assets; 32 bytes."""
    data = len(state.assets).to_bytes(4, "little")
    trees = zip(account_leaves(state), receipt_leaves(state), strict=True)
    for asset_id, (accounts, receipts) in enumerate(trees, 1):
        data += asset_id.to_bytes(4, "little")
        for entries, positions in ((accounts, len(state.accounts) + 1), (receipts, len(receipts))):
            top_hash, amount = tree(entries, positions)
            data += width(positions).to_bytes(8, "little") + amount.to_bytes(16, "little") + top_hash
    return sha256(b"\2" + data).digest()
