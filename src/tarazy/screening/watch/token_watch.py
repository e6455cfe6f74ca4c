"""One token from one block to the next: read it, compare, screen it anew where something happened, word the alerts."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tarazy.chains.errors import NodeError, ReorganisedError
from tarazy.chains.evm.blocks import Block
from tarazy.chains.evm.contract import Reading
from tarazy.chains.evm.markets import markets_of
from tarazy.chains.evm.pools import PoolReader
from tarazy.chains.evm.state import ChainState, StateQuestion
from tarazy.screening.watch import alerts, rescreen
from tarazy.screening.watch.calls import AdminCall, NamedAccount, admin_calls, named_accounts
from tarazy.screening.watch.compare import worse
from tarazy.screening.watch.comparison import Change, SnapshotComparison
from tarazy.screening.watch.options import ListedToken, WatchOptions
from tarazy.screening.watch.privileges import Privileges, read_privileges
from tarazy.screening.watch.snapshot import PrivilegesByCode, Read, TokenSnapshot, take
from tarazy.screening.watch.store import WatchStore

POOLS_EVERY_BLOCKS = 300
POOLS_MAX = 8
BLIND_BLOCKS_MAX = 256  # so many blocks are searched for calls once the token is seen again

Pair = tuple[dict[str, Any], dict[str, Any]]


@dataclass
class WatchOutcome:
    """What one block brought for one token. `alerts` with the key and level by which repeats are known."""

    address: str
    snapshot: TokenSnapshot | None
    alerts: list[tuple[Change, dict[str, Any]]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    noticed: list[dict[str, Any]] = field(default_factory=list)
    stale: str = ""  # why what is cached about the token no longer holds


class TokenWatch:
    """Follows one token. Holds nothing that a restart would need."""

    def __init__(self, token: ListedToken, chain_id: int, options: WatchOptions, known: PrivilegesByCode) -> None:
        self.token = token
        self.chain_id = chain_id
        self.options = options
        self.known = known
        self._questions: tuple[StateQuestion, ...] = ()
        self._privileges: Privileges | None = None
        self._pools: tuple[str, ...] = ()
        self._pools_asked: int | None = None
        self._screen_until = 0.0

    def look(self, store: WatchStore, block: Block, patient: bool, screen_until: float) -> WatchOutcome:
        """Return what a block brought. `patient`: an answer that cannot be used may be better the next time.

        Units: `screen_until` on the monotonic clock.
        Raises: NodeError where the block should be tried again.
        """
        address = self.token.address
        recent = store.recent(address, block.number - self.options.thresholds.drain_blocks)
        first = store.first(address)
        if not recent and first is not None:
            recent = [first]
        before = recent[-1] if recent else None
        try:
            self._screen_until = screen_until
            read = self.read(block)
            return self.begin(block, read) if before is None else self.compare(block, recent, first, read)
        except ReorganisedError:
            raise
        except NodeError as error:
            if patient:
                raise
            return self.blind(block, before, str(error))

    def state(self, block: Block) -> ChainState:
        """Return the token's state at a block."""
        return ChainState(self.options.node, self.token.address, block, self.options.witness, self.chain_id)

    def read(self, block: Block) -> Read:
        """Read the token at a block."""
        state = self.state(block)
        state.ask_ahead(self._questions)
        read = take(state, self.with_pools(state), self.known, self.options.lock_readers)
        self._questions = read.questions
        return read

    def with_pools(self, state: ChainState) -> ListedToken:
        """Return the token with its pools; where none was given, the known markets are asked every so often."""
        if self.token.pools:
            return self.token
        if self._pools_asked is None or state.block.number - self._pools_asked >= POOLS_EVERY_BLOCKS:
            markets = self.options.markets or markets_of(state.chain_id)
            found = PoolReader(state, markets, state.block.number).find(with_logs=False)
            self._pools = tuple(each.address for each in found)[:POOLS_MAX]
            self._pools_asked = state.block.number
        return dataclasses.replace(self.token, pools=self._pools)

    def begin(self, block: Block, read: Read) -> WatchOutcome:
        """Take the first snapshot of a token."""
        self._privileges = read.privileges
        due = self.options.screen is not None and self.is_late()
        screening = None if due else self.screen(block)
        snapshot = dataclasses.replace(read.snapshot, screening=screening, screening_due=due)
        found = WatchOutcome(self.token.address, snapshot)
        if not read.code:
            text = "There is no code at the address, so there is nothing to follow."
            found.notices.append(self.notice("no_code", "The listed token has no code", text, block))
        elif read.snapshot.unknown:
            text = "; ".join(read.snapshot.unknown)
            found.notices.append(self.notice("unknown", "Part of the token cannot be watched", text, block))
        return found

    def compare(
        self, block: Block, recent: Sequence[TokenSnapshot], first: TokenSnapshot | None, read: Read
    ) -> WatchOutcome:
        """Say what changed since the token was last read."""
        before = recent[-1]
        privileges = self._privileges or read.privileges
        since = block.number if before.blind_since is None else max(before.blind_since, block.number - BLIND_BLOCKS_MAX)
        blocks = [self.options.node.block(number, transactions=True) for number in range(since, block.number)]
        blocks.append(block)
        calls = tuple(
            call
            for each in blocks
            for call in admin_calls(self.options.node, each, self.token.address, privileges, before)
        )
        reading = Reading()
        named = reading.attempt("what the calls did to accounts", lambda: self.named(since, block, calls, read)) or ()
        after = dataclasses.replace(read.snapshot, unknown=(*read.snapshot.unknown, *reading.unknown))
        thresholds = self.options.thresholds
        senders = frozenset(transaction.sender for each in blocks for transaction in each.transactions)
        comparison = SnapshotComparison(
            before, after, privileges, thresholds, calls, named, recent[:-1], first, senders
        )
        changes = worse(comparison)
        found = WatchOutcome(self.token.address, after)
        if changes or comparison.touched():
            found.stale = changes[0].title if changes else "an act of an administrator"
        self.settle(block, comparison, changes, found)
        self._privileges = read.privileges
        self.report_unknown(block, comparison, found)
        return found

    def named(self, since: int, block: Block, calls: Sequence[AdminCall], read: Read) -> tuple[NamedAccount, ...]:
        """Return what the accounts that calls name could do and had, before the calls and now."""
        if not any(call.named for call in calls) or since == 0:
            return ()
        earlier, later = self.state(self.options.node.block(since - 1)), self.state(block)
        privileges = self._privileges or read.privileges, read.privileges
        found = named_accounts(earlier, later, privileges, calls, read.snapshot.total_supply)
        return tuple(each for each in found if not own_doing(each, block, later, calls))

    def settle(self, block: Block, comparison: SnapshotComparison, changes: list[Change], found: WatchOutcome) -> None:
        """Screen anew where something happened, and word what got worse."""
        before = comparison.before.screening
        after: Mapping[str, Any] | None = before
        fell: Pair = ({}, {})
        unknown = comparison.after.unknown
        due = self.options.screen is not None and bool(found.stale or comparison.before.screening_due)
        screened = due and not self.is_late()
        if screened:
            after = self.screen(block)
            if after is not None and "reason" in after:
                unknown = (*unknown, f"the new screening failed: {after['reason']}")
                after = before
            elif before is not None and after is not None and "reason" not in before:
                fell = rescreen.worse(before, after, self.options.thresholds.tax_ppm)
        found.snapshot = dataclasses.replace(
            comparison.after, screening=after, screening_due=due and not screened, unknown=unknown
        )
        if not changes and fell[1]:
            changes = [screening_change(fell)]
        for change in changes:
            content = alerts.alert(self.chain_id, self.token, block, change, comparison, fell)
            content["report_id"] = after.get("report_id") if after and screened else None
            found.alerts.append((change, content))
        if found.stale and not changes:
            found.noticed.append(
                {
                    "what": "changed, not for the worse",
                    "calls": [dataclasses.asdict(call) for call in comparison.calls],
                    "slots": [hex(slot) for slot in comparison.changed_slots()],
                }
            )

    def report_unknown(self, block: Block, comparison: SnapshotComparison, found: WatchOutcome) -> None:
        """Say what could be read or tried before and cannot now."""
        if found.snapshot is None:
            return
        reasons = [each for each in found.snapshot.unknown if each not in comparison.before.unknown]
        for key, (before, after) in comparison.pairs():
            if before.moved is not None and after.moved is None and after.held != 0:
                reasons.append(f"{key.split(' ')[0]} cannot be tried any more: {after.reason}")
        if reasons:
            text = "; ".join(dict.fromkeys(reasons))[:2_000]
            found.notices.append(self.notice("became_unknown", "Something can no longer be seen", text, block))
        if comparison.before.blind:
            text = "The token is read again; the next alert may cover all blocks since it was last read."
            found.notices.append(self.notice("sight_returned", "The token is seen again", text, block))

    def blind(self, block: Block, before: TokenSnapshot | None, reason: str) -> WatchOutcome:
        """Go on with what was last known, and say that nothing was seen."""
        snapshot = None
        if before is not None:
            since = block.number if before.blind_since is None else before.blind_since
            snapshot = dataclasses.replace(before, blind=reason, blind_since=since)
        found = WatchOutcome(self.token.address, snapshot)
        if before is None or not before.blind:
            found.notices.append(self.notice("blind", "The token cannot be read", reason, block))
        return found

    def notice(self, kind: str, title: str, text: str, block: Block) -> dict[str, Any]:
        """Return a notice about this token."""
        return alerts.notice(kind, title, text, self.chain_id, self.token, block)

    def is_late(self) -> bool:
        """Return whether there is no time left to begin a screening at this block."""
        return time.monotonic() >= self._screen_until

    def screen(self, block: Block) -> dict[str, Any] | None:
        """Screen the token at a block, where the watch was given a screening."""
        if self.options.screen is None:
            return None
        try:
            return rescreen.summary(self.options.screen(self.token, block))
        except Exception as error:  # whatever ends a screening, the watch goes on and says so
            return rescreen.failed(f"{type(error).__name__}: {error}")


def own_doing(named: NamedAccount, block: Block, state: ChainState, calls: Sequence[AdminCall]) -> bool:
    """Return whether an account's balance may have changed by its own transactions of the block, or by trades."""
    own = [each for each in block.transactions if each.sender == named.account]
    if len(own) > sum(call.sender == named.account for call in calls):
        return True
    return len(block.transactions) > len(calls) and bool(state.code(named.account))


def screening_change(fell: Pair) -> Change:
    """Return the change that only the new screening shows."""
    names = ", ".join(fell[1])
    return Change(
        "screening_worse",
        names,
        "The screening is worse than before",
        f"An administrator acted, and a new screening says otherwise about: {names}.",
        {},
        {},
        len(fell[1]),
    )


def new_privileges() -> PrivilegesByCode:
    """Return an empty table of privileges."""
    return PrivilegesByCode(read_privileges)
