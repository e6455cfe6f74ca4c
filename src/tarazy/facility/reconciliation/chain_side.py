"""The other side from chains: what every address of the client estate holds at one height, asked of custody's nodes.

An Ethereum-like chain tells a balance at any height. Bitcoin keeps none: each output that custody knows as unspent is
asked of the nodes' set of unspent ones (an own node's `gettxout`), which is that of the newest block alone, so that
the watcher must have read that block too. An output that custody has never seen is not found this way.

A chain has no statement: the evidence of a balance is the SHA-256 of the line that says which address held how much at
which block, which anybody with a node can write again.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

from tarazy.chains.adapter import BlockReference, ChainAdapter
from tarazy.chains.bitcoin.chain import BitcoinChain
from tarazy.facility.custody.inventory import AddressRow, CustodyAsset, WalletRow, addresses, assets_on, wallets
from tarazy.facility.custody.outputs import outputs
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.reconciliation.errors import ReconciliationError
from tarazy.facility.reconciliation.inputs import KnownBalance, LocatedAccount

NS_PER_S = 1_000_000_000
CLIENT = "client"
BEHIND_S = 30.0
PAUSE_S = 0.2


class HeldThere(NamedTuple):
    """One address of the client estate and one asset that may lie at it."""

    asset: CustodyAsset
    wallet: WalletRow
    row: AddressRow

    @property
    def key(self) -> LocatedAccount:
        """Return the account under which it is compared."""
        return LocatedAccount(self.asset.asset_id, self.wallet.location, self.row.address)


class ChainMoment(NamedTuple):
    """What one chain says at one block: balances by account."""

    block: BlockReference
    balances: dict[LocatedAccount, KnownBalance]


def held_there(store: CustodyStore, chain: str) -> Iterator[HeldThere]:
    """Iterate over the client estate's addresses on a chain with every asset of that chain."""
    for wallet in wallets(store):
        if (wallet.estate, wallet.chain) == (CLIENT, chain):
            for row in addresses(store, wallet=wallet.wallet):
                for asset in assets_on(store, chain):
                    yield HeldThere(asset, wallet, row)


def chain_moment(store: CustodyStore, adapter: ChainAdapter, behind_s: float = BEHIND_S) -> ChainMoment:
    """Return balances at the newest block that nodes and watcher both have.

    Raises: NodeError; ReconciliationError where the watcher does not come up to the nodes in time.
    """
    deadline = time.monotonic() + behind_s
    while True:
        block = _common_block(store, adapter)
        if block is not None:
            held = _unspent(store, adapter) if isinstance(adapter, BitcoinChain) else None
            balances = {each.key: _balance(adapter, block, each, held) for each in held_there(store, adapter.chain)}
            if held is None or _common_block(store, adapter) == block:
                return ChainMoment(block, balances)
        if time.monotonic() > deadline:
            raise ReconciliationError(
                expected=f"custody's watcher at the newest block of {adapter.chain}",
                found="another block, again and again",
                action="Run tarazy custody run, or look why its watcher is behind.",
            )
        time.sleep(PAUSE_S)


def _common_block(store: CustodyStore, adapter: ChainAdapter) -> BlockReference | None:
    """Return the watcher's last block where it is the chain's; on Bitcoin it must be the newest one."""
    query = "SELECT height, block_hash FROM blocks WHERE chain = ? ORDER BY height DESC LIMIT 1"
    last = store.maybe(query, adapter.chain)
    tip = adapter.height()
    if last is None or last[0] > tip or (isinstance(adapter, BitcoinChain) and last[0] != tip):
        return None
    block = adapter.block(int(last[0]))
    return block if block.block_hash == last[1] else None


def _unspent(store: CustodyStore, adapter: BitcoinChain) -> dict[str, int]:
    """Return what lies at each address by the nodes' sets of unspent outputs. Units: satoshi."""
    held: dict[str, int] = defaultdict(int)
    for row in outputs(store, "chain = ? AND height IS NOT NULL AND spent_height IS NULL", adapter.chain):
        if adapter.is_unspent(row.transaction, row.output, row.amount_minor):
            held[row.address] += row.amount_minor
    return held


def _balance(
    adapter: ChainAdapter, block: BlockReference, each: HeldThere, held: dict[str, int] | None
) -> KnownBalance:
    if held is None:
        minor = adapter.balance(each.asset.contract, each.row.address, block.height)
    else:
        minor = held.get(each.row.address, 0)
    evidence = sha256(evidence_line(adapter.chain, block, each, minor)).digest()
    return KnownBalance(minor, block.time_s * NS_PER_S, evidence)


def evidence_line(chain: str, block: BlockReference, each: HeldThere, minor: int) -> bytes:
    """Return the line whose hash is the evidence of a balance."""
    words = (chain, str(block.height), block.block_hash, each.asset.contract, each.row.address, str(minor))
    return ("tarazy balance 1\n" + "\n".join(words) + "\n").encode()
