"""Bitcoin as custody sees it: one adapter over one node or several that must agree."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from tarazy.chains.adapter import NATIVE, Arrival, BlockChanges, BlockReference, Mined, agreed
from tarazy.chains.bitcoin.addresses import CHAINS, canonical_text, network_of, script_of, senders_of
from tarazy.chains.bitcoin.blocks import BitcoinBlock
from tarazy.chains.bitcoin.node import BitcoinNode
from tarazy.chains.errors import NodeInconsistentError

BLOCKS_CACHED = 4


class BitcoinChain:
    """The adapter. `network` is one of `CHAINS`.

    Which block stands at a height is asked of every node; what a block holds follows from its hash and is asked of one.
    """

    def __init__(self, nodes: Sequence[BitcoinNode], network: str) -> None:
        network_of(network)
        self.nodes = tuple(nodes)
        self.network = network
        self.chain = CHAINS[network]
        self._scripts: dict[str, bytes] = {}
        self._blocks: OrderedDict[str, BitcoinBlock] = OrderedDict()

    def close(self) -> None:
        """Close the connections to the nodes."""
        for node in self.nodes:
            node.close()

    @property
    def wheres(self) -> list[str]:
        """Return the nodes by host and port."""
        return [node.where for node in self.nodes]

    def height(self) -> int:
        """Return the height that every node has reached."""
        return min(node.height() for node in self.nodes)

    def block(self, height: int) -> BlockReference:
        """Return the block of the best chain at a height."""
        block_hash = agreed(f"block {height}", self.wheres, lambda place: self.nodes[place].block_hash(height))
        found = self._block(block_hash)
        return BlockReference(height, block_hash, found.previous_hash, found.time_s)

    def changes(
        self,
        block: BlockReference,
        addresses: frozenset[str],
        assets: frozenset[str],
        outputs: frozenset[tuple[str, int]] = frozenset(),
    ) -> BlockChanges:
        """Return what a block paid to these addresses, and which of these outputs it spent."""
        by_script = {self._script(each): each for each in addresses} if NATIVE in assets else {}
        arrivals, spent = [], []
        for txid, transaction in self._block(block.block_hash).transactions:
            for place, output in enumerate(transaction.vout):
                address = by_script.get(output.script_pubkey.data)
                if address is not None and output.value > 0:
                    senders = senders_of(transaction, self.network)
                    arrivals.append(Arrival(txid, place, NATIVE, address, output.value, True, senders))
            for each in transaction.vin:
                outpoint = (each.txid.hex(), each.vout)
                if outpoint in outputs:
                    spent.append((outpoint, txid))
        return BlockChanges(tuple(arrivals), tuple(spent))

    def mined(self, transaction: str) -> Mined | None:
        """Return where a transaction was mined; its fee is known to whoever made it, and is 0 here."""
        block_hash = self.nodes[0].transaction_block(transaction)
        if not block_hash:
            return None
        found = self._block(block_hash)
        if all(txid != transaction for txid, _ in found.transactions):
            raise NodeInconsistentError(self.nodes[0].where, f"{transaction} in block {block_hash}", "a block without")
        height = self._height_of(block_hash)
        return None if height is None else Mined(height, block_hash, False, 0)

    def is_known(self, transaction: str) -> bool:
        """Say whether the transaction waits at the first node or was mined."""
        return self.nodes[0].transaction_block(transaction) is not None

    def broadcast(self, raw: bytes) -> None:
        """Hand a signed transaction to every node."""
        for node in self.nodes:
            node.send(raw)

    def balance(self, asset: str, address: str, height: int) -> int:
        """Bitcoin keeps no balances: the watcher adds up outputs, and asks the node of each whether it is unspent."""
        raise ValueError("expected an asset of a chain with balances, found Bitcoin: add the unspent outputs up")

    def is_unspent(self, transaction: str, output: int, amount_minor: int) -> bool:
        """Say whether every node has this output of this amount in its set of unspent ones."""
        what = f"output {output} of {transaction}"
        found = agreed(what, self.wheres, lambda place: self.nodes[place].unspent_minor(transaction, output))
        return found == amount_minor

    def canonical(self, address: str) -> str:
        """Return an address in its one spelling."""
        self._script(address)
        return canonical_text(address, self.network)

    def _script(self, address: str) -> bytes:
        found = self._scripts.get(address)
        if found is None:
            found = self._scripts[address] = script_of(address, self.network)
        return found

    def _block(self, block_hash: str) -> BitcoinBlock:
        found = self._blocks.get(block_hash)
        if found is None:
            found = self._blocks[block_hash] = self.nodes[0].block(block_hash)
            if len(self._blocks) > BLOCKS_CACHED:
                self._blocks.popitem(last=False)
        return found

    def _height_of(self, block_hash: str) -> int | None:
        """Return the height of a block of the best chain, None where it is no longer part of it."""
        told = self.nodes[0].call("getblockheader", block_hash, True)
        height = told.get("height") if isinstance(told, dict) else None
        if type(height) is not int or height < 0:
            raise NodeInconsistentError(self.nodes[0].where, f"the height of {block_hash}", str(height)[:40])
        if height > self.height():
            return None
        return height if self.block(height).block_hash == block_hash else None
