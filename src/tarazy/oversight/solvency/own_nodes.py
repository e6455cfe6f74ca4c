"""What a reader's own nodes say of the blocks and balances in a report: nobody's word but theirs is taken.

Bitcoin proves no balance under a block's hash, so the reader's node is read block by block: what these addresses got
and spent. Known limit: that takes as long as the chain is; `from_height` begins behind blocks that
cannot concern them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tarazy.chains.adapter import NATIVE, ChainAdapter


class OwnNodes:
    """The reader's adapters by chain, and the addresses that the report names on each."""

    def __init__(
        self,
        adapters: Mapping[str, ChainAdapter],
        addresses: Mapping[str, Collection[str]],
        from_height: int = 0,
    ) -> None:
        self.adapters, self.addresses, self.from_height = adapters, addresses, from_height
        self._unspent: dict[tuple[str, int], dict[str, int]] = {}

    def known_block(self, chain: str, height: int) -> bytes | None:
        """Return the hash of a block, None where there is no such one. Raises: NodeError."""
        adapter = self.adapters.get(chain)
        if adapter is None or height > adapter.height():
            return None
        return bytes.fromhex(adapter.block(height).block_hash.removeprefix("0x"))

    def known_balance(self, chain: str, address: str, height: int) -> int:
        """Return what an address had unspent after a block; 0 on a chain that is not read. Raises: NodeError."""
        adapter = self.adapters.get(chain)
        if adapter is None or height > adapter.height():
            return 0
        if (chain, height) not in self._unspent:
            self._unspent[chain, height] = self._read(adapter, height)
        return self._unspent[chain, height].get(adapter.canonical(address), 0)

    def _read(self, adapter: ChainAdapter, height: int) -> dict[str, int]:
        """Return what each address has unspent after a block, from every block up to it."""
        wanted = frozenset(adapter.canonical(each) for each in self.addresses.get(adapter.chain, ()))
        held: dict[tuple[str, int], tuple[str, int]] = {}
        for at in range(self.from_height, height + 1):
            block = adapter.block(at)
            found = adapter.changes(block, wanted, frozenset({NATIVE}), frozenset(held))
            held |= {(each.transaction, each.output): (each.address, each.amount_minor) for each in found.arrivals}
            inside = frozenset((each.transaction, each.output) for each in found.arrivals)
            spent = found.spent + adapter.changes(block, frozenset(), frozenset({NATIVE}), inside).spent
            for where, _ in spent:
                held.pop(where, None)
        sums: dict[str, int] = {}
        for address, minor in held.values():
            sums[address] = sums.get(address, 0) + minor
        return sums
