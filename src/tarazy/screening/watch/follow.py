"""The walk along the chain: block after block, back to the common block when the chain reorganises, on after a restart.

Order of what happens to a block: everything is read; the block is asked for again and must be the same; caches are told
that they are stale; the block with all that it brought is stored in one transaction; records go to the file; others
are told. After a crash at any point the block is read again, or what was stored is carried on: records are never lost
and never written twice, and whoever is told may be told twice.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tarazy.chains.errors import ChainError, NodeInconsistentError, ReorganisedError
from tarazy.chains.evm.blocks import Block
from tarazy.screening.watch import alerts
from tarazy.screening.watch.draft_files import settle_draft
from tarazy.screening.watch.errors import WatchOptionsError
from tarazy.screening.watch.options import WatchOptions
from tarazy.screening.watch.record_file import append, seal
from tarazy.screening.watch.store import Kept, WatchStore
from tarazy.screening.watch.token_watch import TokenWatch, WatchOutcome, new_privileges

TRIES_MAX = 3
STATE_BLOCKS = 64  # nodes without an archive keep the state of about twice as many
RECORDS_NAME = "alerts.jsonl"
Notify = Callable[[str], None]


class Watcher:
    """One watch of one chain. `step` takes all blocks that are there; nothing happens between steps.

    Raises: WatchError, NodeError.
    """

    def __init__(self, options: WatchOptions, notify: Notify = lambda text: None) -> None:
        self.options = options
        self.notify = notify
        self.node = options.node
        self.chain_id = options.node.chain_id()
        if options.witness is not None and options.witness.chain_id() != self.chain_id:
            raise WatchOptionsError("witness", f"a node of chain {self.chain_id}", "one of another chain")
        self.store = WatchStore(options.folder)
        self.records_path = options.folder / RECORDS_NAME
        try:
            self.store.require_fact("chain_id", str(self.chain_id))
            public_key = options.signing_key.public_key.hex()
            self.store.require_fact("public_key", public_key)
        except WatchOptionsError:
            self.store.close()
            raise
        known = new_privileges()
        self.watches = [TokenWatch(each, self.chain_id, options, known) for each in options.tokens]
        self._tries: tuple[int, int] = (-1, 0)
        self.flush(look=True)

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        self.store.close()

    def step(self) -> int:
        """Take every block that is there and return how many were taken."""
        self.flush()
        head = self.node.block("latest")
        taken = 0
        if self.store.newest() is None:
            first = head.number if self.options.start_block is None else self.options.start_block
            self.take(self.node.block(first, transactions=True), head)
            self.notify(f"watching {len(self.watches)} tokens of chain {self.chain_id} from block {first} on")
            taken = 1
        while (newest := self.store.newest()) is not None and self.is_behind(newest, head):
            following = None
            if head.number > newest.number:
                following = self.node.block(newest.number + 1, transactions=True)
            if following is None or following.parent_hash != newest.hash:
                self.go_back(head)
            else:
                self.take(following, head)
                taken += 1
        return taken

    def is_behind(self, newest: Block, head: Block) -> bool:
        """Return whether there is a block to take, or one to take back.

        Raises: NodeInconsistentError where the node's chain is shorter than what is kept can judge.
        """
        if head.number > newest.number:
            return True
        ours = self.store.block(head.number)
        if ours is None:
            raise NodeInconsistentError(self.node.where, f"a chain up to block {newest.number}", f"block {head.number}")
        return ours.hash != head.hash

    def go_back(self, head: Block) -> None:
        """Take back what was seen on a branch that is gone, down to the last block that both branches share."""
        kept = self.store.blocks_down()
        shared = next((each for each in kept if each.number <= head.number and self.is_canonical(each)), None)
        deep = shared is None
        if shared is None:
            shared = self.node.block(max(0, min(kept[-1].number - 1, head.number)))
        gone = self.store.alerts_above(shared.number)
        with self.store.transaction():
            self.store.remove_above(shared.number - (1 if deep else 0))
            if deep:
                self.keep(alerts.deep_reorganisation(self.chain_id, shared), "", 0)
                self.store.add_block(shared)
            for each in gone:
                was = Block(each.block_number, each.block_hash, "", 0)
                title = json.loads(each.line)["title"]
                self.keep(alerts.retraction(each.id, each.address, self.chain_id, title, was, shared), "", 0)
            self.store.retract(each.number for each in gone)
        self.notify(f"reorganised: back to block {shared.number}, {len(gone)} alerts taken back")
        self.flush()

    def is_canonical(self, block: Block) -> bool:
        """Return whether the node still has a block under its number."""
        return self.node.block(block.number).hash == block.hash

    def take(self, block: Block, head: Block) -> None:
        """Take one block. Old state that a node no longer has is not waited for.

        Raises: NodeError where it should be tried again.
        """
        tries = self._tries[1] + 1 if self._tries[0] == block.number else 1
        self._tries = (block.number, tries)
        patient = tries < TRIES_MAX and head.number - block.number < STATE_BLOCKS
        screen_until = time.monotonic() + self.options.screen_s
        outcomes = [watch.look(self.store, block, patient, screen_until) for watch in self.watches]
        if not self.is_canonical(block):
            raise ReorganisedError(self.node.where, f"block {block.number} with hash {block.hash}", "another")
        for outcome in outcomes:
            if outcome.stale and self.options.invalidate is not None:
                self.options.invalidate(self.chain_id, outcome.address, outcome.stale)
        with self.store.transaction():
            self.store.add_block(Block(block.number, block.hash, block.parent_hash, block.timestamp_s))
            for outcome in outcomes:
                self.keep_outcome(block, outcome)
        self.flush()

    def keep_outcome(self, block: Block, outcome: WatchOutcome) -> None:
        """Keep what a block brought for one token; alerts that still stand are not repeated."""
        if outcome.snapshot is not None:
            self.store.add_snapshot(outcome.address, block.number, outcome.snapshot)
        for noticed in outcome.noticed:
            self.store.notice(block, outcome.address, noticed)
        for record in outcome.notices:
            self.keep(record, "", 0)
        quiet_since = block.number - self.options.thresholds.quiet_blocks
        for change, content in outcome.alerts:
            key = f"{change.kind} {change.subject}"
            standing = self.store.standing(outcome.address, key, quiet_since)
            if standing is not None and standing >= change.level:
                repeated = {"what": "repeated", "kind": change.kind, "title": change.title}
                self.store.notice(block, outcome.address, repeated)
            else:
                self.keep(content, key, change.level)

    def keep(self, content: dict[str, Any], key: str, level: int) -> None:
        """Seal a record and keep its line."""
        number, previous = self.store.next_number()
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = seal({**content, "at": at}, number, previous, self.options.signing_key)
        place = content["address"], key, level, content["block_number"], content["block_hash"]
        self.store.add_record(Kept(number, content["id"], *place, line))

    def flush(self, look: bool = False) -> None:
        """Bring records into the file, drafts into their folder, and tell others.

        `look` sees that the file is as it was left also where there is nothing to bring.
        """
        size, number, lines = self.store.unwritten()
        if lines or look:
            append(self.records_path, size, lines)
            self.store.set_written(number, size + len(lines))
        for number, line in self.store.untold():
            record = json.loads(line)
            settle_draft(self.options.folder, record)
            self.notify(f"block {record['block_number']}: {record['title']}")
            if self.options.on_record is not None:
                try:
                    self.options.on_record(record)
                except Exception as error:  # told again at the next step; the watch goes on
                    self.notify(f"record {number} could not be handed on: {type(error).__name__}: {error}")
                    return
            self.store.set_reported(number)

    def record_of_chain(self, kind: str, title: str, text: str) -> bool:
        """Record something about the node as a whole; False where no block was seen yet to place it."""
        newest = self.store.newest()
        if newest is None:
            return False
        with self.store.transaction():
            self.keep(alerts.notice(kind, title, text, self.chain_id, None, newest), "", 0)
        self.flush()
        return True


def follow(options: WatchOptions, stop: threading.Event, notify: Notify = lambda text: None) -> None:
    """Follow the chain until `stop` is set. A node that fails is asked again, ever later, and the silence is recorded.

    Raises: WatchError; NodeError where the node does not even answer at the start.
    """
    with Watcher(options, notify) as watcher:
        wait_s, lost_at, recorded = options.poll_s, time.monotonic(), False
        while not stop.is_set():
            try:
                watcher.step()
                if recorded:
                    watcher.record_of_chain("sight_returned", "The node answers again", "No block was left out.")
                wait_s, lost_at, recorded = options.poll_s, time.monotonic(), False
            except ReorganisedError as error:
                notify(str(error))
                wait_s = options.poll_s
            except ChainError as error:
                notify(str(error))
                if not recorded and time.monotonic() - lost_at >= options.blind_after_s:
                    recorded = watcher.record_of_chain("blind", "The node does not answer as it should", str(error))
                wait_s = min(options.back_off_max_s, max(options.poll_s, wait_s * 2))
            stop.wait(wait_s)
