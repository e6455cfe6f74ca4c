"""The watcher of one chain: every block once, every output once, and what a reorganisation took back.

A block and what it did to our addresses are one transaction of the store, so that a kill anywhere leaves the watcher at
the end of a whole block, where the next start goes on. The newest blocks stay known by hash: where the chain's block of
a height is another one, blocks are taken back until they agree, and what they held has no height any more.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from tarazy.chains.adapter import NATIVE, Arrival, BlockReference, ChainAdapter, evidence_hash
from tarazy.facility.custody.errors import DeepReorganisationError
from tarazy.facility.custody.inventory import CustodyAsset, assets_on
from tarazy.facility.custody.store import CustodyStore

BLOCKS_KEPT = 300
BLOCKS_AT_ONCE = 200


class WatchReport(NamedTuple):
    """What one poll did; `is_behind` where the chain has more blocks than were read."""

    height: int
    blocks: int
    arrivals: int
    taken_back: int
    is_behind: bool


class ChainWatcher:
    """Reads a chain into the store. `first_height` is where a new store begins."""

    def __init__(self, store: CustodyStore, adapter: ChainAdapter, first_height: int = 0) -> None:
        self.store = store
        self.adapter = adapter
        self.chain = adapter.chain
        self._first_height = first_height

    def poll(self, blocks_max: int = BLOCKS_AT_ONCE) -> WatchReport:
        """Read what is new, at most so many blocks.

        Raises: NodeError; DeepReorganisationError.
        """
        tip = self.adapter.height()
        taken_back = self._take_back(tip)
        blocks = arrivals = 0
        last = self.last()
        while blocks < blocks_max and (last[0] if last else self._first_height - 1) < tip:
            block = self.adapter.block(last[0] + 1 if last else self._first_height)
            if last and block.previous_hash != last[1]:  # reorganised since: begin again at the next poll
                return WatchReport(last[0], blocks, arrivals, taken_back, True)
            arrivals += self._read(block)
            blocks += 1
            last = (block.height, block.block_hash)
        height = last[0] if last else -1
        return WatchReport(height, blocks, arrivals, taken_back, height < tip)

    def last(self) -> tuple[int, str] | None:
        """Return height and hash of the last block that was read, None before the first."""
        query = "SELECT height, block_hash FROM blocks WHERE chain = ? ORDER BY height DESC LIMIT 1"
        row = self.store.maybe(query, self.chain)
        return None if row is None else (int(row[0]), str(row[1]))

    # ------------------------------------------------------------ forward

    def _read(self, block: BlockReference) -> int:
        """Read one block into the store and return how many arrivals are new."""
        assets = {asset.contract: asset for asset in assets_on(self.store, self.chain)}
        addresses = frozenset(
            row[0] for row in self.store.all("SELECT address FROM addresses WHERE chain = ?", self.chain)
        )
        unspent = (
            "SELECT transaction_id, output FROM outputs WHERE chain = ? AND height IS NOT NULL AND spent_height IS NULL"
        )
        ours = frozenset((str(row[0]), int(row[1])) for row in self.store.all(unspent, self.chain))
        changes = self.adapter.changes(block, addresses, frozenset(assets), ours)
        with self.store.changing():
            new = sum(self._keep(block, arrival, assets[arrival.asset]) for arrival in changes.arrivals)
            # An output may be spent in the block in which it arrived.
            inside = frozenset((each.transaction, each.output) for each in changes.arrivals)
            spent = changes.spent
            if inside:
                spent += self.adapter.changes(block, frozenset(), frozenset({NATIVE}), inside).spent
            for (transaction, output), spender in spent:
                where = "chain = ? AND transaction_id = ? AND output = ?"
                statement = f"UPDATE outputs SET spent_by = ?, spent_height = ? WHERE {where}"
                self.store.do(statement, spender, block.height, self.chain, transaction, output)
            values = (self.chain, block.height, block.block_hash, block.time_s)
            self.store.do("INSERT INTO blocks VALUES (?, ?, ?, ?)", *values)
            self.store.do("DELETE FROM blocks WHERE chain = ? AND height < ?", self.chain, block.height - BLOCKS_KEPT)
        return new

    def _keep(self, block: BlockReference, arrival: Arrival, asset: CustodyAsset) -> int:
        """Keep an arrival, or its new place where it was mined again; return 1 for a new one."""
        evidence = evidence_hash(self.chain, arrival).hex()
        known = "UPDATE outputs SET height = ?, time_s = ? WHERE evidence = ?"
        if self.store.do(known, block.height, block.time_s, evidence):
            return 0
        # The same output with another amount: a token that keeps a fee which changed between two forks.
        same = (
            "DELETE FROM outputs WHERE chain = ? AND transaction_id = ? AND output = ? AND height IS NULL"
            " AND state = 'seen'"
        )
        self.store.do(same, self.chain, arrival.transaction, arrival.output)
        name = (
            evidence,
            self.chain,
            arrival.transaction,
            arrival.output,
            arrival.asset,
            asset.asset_id,
            arrival.address,
        )
        what = (str(arrival.amount_minor), int(arrival.is_exact), json.dumps(arrival.senders))
        where = (block.height, block.time_s, "seen", 0, "", 0, "", None, self.store.moment)
        values = (*name, *what, *where)
        marks = ", ".join("?" * len(values))
        return self.store.do(f"INSERT INTO outputs VALUES ({marks})", *values)

    # ------------------------------------------------------------ backward

    def _take_back(self, tip: int) -> int:
        """Take blocks back until the last one is the chain's, and return how many."""
        count = 0
        while (last := self.last()) is not None:
            if last[0] <= tip and self.adapter.block(last[0]).block_hash == last[1]:
                return count
            query = "SELECT count(*) FROM blocks WHERE chain = ?"
            if self.store.one("block", query, self.chain)[0] == 1 and last[0] > self._first_height:
                action = "Compare the nodes; a person decides which chain is right and where to read on"
                expected = f"a reorganisation of at most {BLOCKS_KEPT} blocks"
                raise DeepReorganisationError(self.chain, expected=expected, found="a deeper one", action=action)
            self._forget(last[0])
            count += 1
        return count

    def _forget(self, height: int) -> None:
        """Take one block back."""
        with self.store.changing():
            self.store.do("UPDATE outputs SET height = NULL WHERE chain = ? AND height = ?", self.chain, height)
            statement = "UPDATE outputs SET spent_by = '', spent_height = NULL WHERE chain = ? AND spent_height = ?"
            self.store.do(statement, self.chain, height)
            self.store.do("DELETE FROM blocks WHERE chain = ? AND height = ?", self.chain, height)
