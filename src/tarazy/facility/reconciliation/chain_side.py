"""The other side from chains: what every address of the client estate holds at one height, asked of custody's nodes.

An arrival that custody has seen and not journaled yet is an entry that is waited for, so it is a matter of time and no
break. A chain has no statement: the evidence of a balance is the SHA-256 of the line that says which address held how
much at which block, which anybody with a node can write again.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

from tarazy.chains.adapter import BlockReference, ChainAdapter
from tarazy.facility.custody.inventory import AddressRow, CustodyAsset, WalletRow, addresses, assets_on, wallets
from tarazy.facility.custody.outputs import outputs
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.reconciliation.inputs import BalanceEntry, KnownBalance, LocatedAccount, ReconciledSide

NS_PER_S = 1_000_000_000
CLIENT = "client"


class HeldThere(NamedTuple):
    """One address of the client estate and one asset that may lie at it."""

    asset: CustodyAsset
    wallet: WalletRow
    row: AddressRow

    @property
    def key(self) -> LocatedAccount:
        """Return the account under which it is compared."""
        return LocatedAccount(self.asset.asset_id, self.wallet.location, self.row.address)


def held_there(store: CustodyStore, chain: str) -> Iterator[HeldThere]:
    """Iterate over the client estate's addresses on a chain with every asset of that chain."""
    for wallet in wallets(store):
        if (wallet.estate, wallet.chain) == (CLIENT, chain):
            for row in addresses(store, wallet=wallet.wallet):
                for asset in assets_on(store, chain):
                    yield HeldThere(asset, wallet, row)


def add_chain(side: ReconciledSide, store: CustodyStore, adapter: ChainAdapter, height: int) -> set[str]:
    """Add balances at a height to a side; return the references of arrivals that are waited for. Raises: NodeError."""
    block = adapter.block(height)
    places = {}
    for each in held_there(store, adapter.chain):
        minor = adapter.balance(each.asset.contract, each.row.address, height)
        evidence = sha256(evidence_line(adapter.chain, block, each, minor)).digest()
        side.balances[each.key] = KnownBalance(minor, block.time_s * NS_PER_S, evidence)
        places[each.asset.asset_id, each.row.address] = each.key
    expected = set()
    for output in outputs(store, "chain = ? AND state = 'seen' AND height <= ?", adapter.chain, height):
        key = places.get((output.asset_id, output.address))
        if key is not None:
            reference = output.evidence.hex()
            side.entries.append(BalanceEntry(key, reference, output.amount_minor, output.time_s * NS_PER_S, "seen"))
            expected.add(reference)
    return expected


def evidence_line(chain: str, block: BlockReference, each: HeldThere, minor: int) -> bytes:
    """Return the line whose hash is the evidence of a balance."""
    words = (chain, str(block.height), block.block_hash, each.asset.contract, each.row.address, str(minor))
    return ("tarazy balance 1\n" + "\n".join(words) + "\n").encode()
