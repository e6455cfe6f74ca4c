"""What the record says that custody needs: withdrawals, credits, receipts, pools, rates; from frames and events.

Whoever feeds it frames with their events sees the same: custody's desk from the events file, the signer from an engine
of its own. Nothing is stored: it is read from the record at every start.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from tarazy.domain.arithmetic import scale_ceil
from tarazy.domain.records import EVENTS, RECORD_SIZE, CommandKind, EventKind, UndoDeposit, WithdrawalKind
from tarazy.facility.projections.base import Handler, Projection
from tarazy.facility.projections.effects import EFFECTS, Pool, Side
from tarazy.facility.projections.table import Table

REQUESTED, APPROVED, DISPATCHED, SETTLED, REJECTED = "requested", "approved", "dispatched", "settled", "rejected"
CREDITED, WAITING, UNDONE = "credited", "waiting", "undone"
ZERO = bytes(32)
KINDS = {event: kind for kind, event in EVENTS.items()}


class LedgerWithdrawal(NamedTuple):
    """A withdrawal, return or seizure as the record has it. `dispatched_hash` names the newest transaction."""

    withdrawal_id: int
    kind: int
    account_id: int
    asset_id: int
    receipt_id: int
    amount_minor: int
    destination_hash: bytes
    client_request_id: int
    state: str = REQUESTED
    dispatched_hash: bytes = ZERO
    location: int = 0
    settlement_hash: bytes = ZERO


class LedgerCredit(NamedTuple):
    """What became of an arrival: credited, waiting unattributed, or undone. `receipt_id` is 0 where nothing waits."""

    evidence_hash: bytes
    state: str
    account_id: int
    receipt_id: int
    seq: int


class LedgerReceipt(NamedTuple):
    """What waits unattributed, and why."""

    receipt_id: int
    reason: int
    account_id: int
    asset_id: int
    amount_minor: int
    evidence_hash: bytes


class RecordView(Projection):
    """The record as custody sees it, after the last frame that was applied."""

    name = "custody-view"
    summary = "withdrawals, credits, receipts, pools and rates, in memory alone"

    def make_tables(self) -> tuple[Table, ...]:
        """Return no tables, and begin with nothing."""
        self.withdrawals: dict[int, LedgerWithdrawal] = {}
        self.by_request: dict[tuple[int, int], int] = {}
        self.by_settlement: dict[bytes, int] = {}
        self.credits: dict[bytes, LedgerCredit] = {}
        self.receipts: dict[int, LedgerReceipt] = {}
        self.pools: dict[tuple[int, int, int], int] = defaultdict(int)
        self.rates: dict[int, tuple[int, int]] = {}
        self.scales: dict[int, tuple[str, int]] = {}
        self.owners: dict[int, int] = {}
        self.breaks: set[tuple[int, int, int]] = set()
        self._undoing: dict[int, bytes] = {}
        return ()

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        handlers: dict[Any, Handler] = dict.fromkeys(EFFECTS, self._effect_alone)
        return handlers | {
            EventKind.withdrawal_requested: self._requested,
            EventKind.withdrawal_approved: self._approved,
            EventKind.withdrawal_dispatched: self._dispatched,
            EventKind.withdrawal_settled: self._settled,
            EventKind.withdrawal_rejected: self._rejected,
            EventKind.withdrawal_undone: self._withdrawal_undone,
            EventKind.deposit_credited: self._credited,
            EventKind.receipt_held: self._held,
            EventKind.receipt_attributed: self._attributed,
            EventKind.deposit_undone: self._deposit_undone,
            EventKind.rate_set: self._rate,
            EventKind.asset_registered: self._asset,
            EventKind.account_opened: self._account,
            EventKind.balance_reported: self._balance,
        }

    def apply_batch(self, batch: Any) -> None:
        """Apply one frame; what undoes a deposit is named by its command alone."""
        frame = batch.frame
        self._undoing = {}
        if frame.header.command_count:
            low = frame.commands[::RECORD_SIZE]
            at = low.find(int(CommandKind.undo_deposit))
            while at >= 0:
                record = frame.commands[at * RECORD_SIZE : (at + 1) * RECORD_SIZE]
                if int.from_bytes(record[:2], "little") == CommandKind.undo_deposit:
                    self._undoing[frame.header.first_seq + at] = UndoDeposit.unpack(record).evidence_hash
                at = low.find(int(CommandKind.undo_deposit), at + 1)
        super().apply_batch(batch)

    # ------------------------------------------------------------ pools

    def _effect(self, event: Any, kind: EventKind) -> None:
        for leg in EFFECTS.get(kind, ()):
            if isinstance(leg.target, Side) or (leg.when is not None and not leg.when(event)):
                continue
            location = getattr(event, leg.location) if leg.location else 0
            key = (getattr(event, leg.asset), int(leg.target), location)
            self.pools[key] += leg.sign * getattr(event, leg.amount)

    def _effect_alone(self, event: Any) -> None:
        self._effect(event, EventKind(KINDS[type(event)]))

    def custody_minor(self, asset_id: int, location: int, pool: Pool = Pool.client_custody) -> int:
        """Return what lies at a custody location of an estate."""
        return self.pools[asset_id, int(pool), int(location)]

    def pool_minor(self, asset_id: int, pool: Pool) -> int:
        """Return another pool of an asset, such as its shortfall."""
        return self.pools[asset_id, int(pool), 0]

    # ------------------------------------------------------------ withdrawals

    def _requested(self, event: Any) -> None:
        self._effect(event, EventKind.withdrawal_requested)
        terms = (event.account_id, event.asset_id, event.receipt_id, event.amount_minor, event.destination_hash)
        found = LedgerWithdrawal(event.withdrawal_id, event.withdrawal_kind, *terms, event.client_request_id)
        self.withdrawals[found.withdrawal_id] = found
        if found.client_request_id:
            self.by_request[found.account_id, found.client_request_id] = found.withdrawal_id

    def _change(self, withdrawal_id: int, **fields: Any) -> None:
        self.withdrawals[withdrawal_id] = self.withdrawals[withdrawal_id]._replace(**fields)

    def _approved(self, event: Any) -> None:
        self._change(event.withdrawal_id, state=APPROVED)

    def _dispatched(self, event: Any) -> None:
        self._change(
            event.withdrawal_id, state=DISPATCHED, dispatched_hash=event.evidence_hash, location=event.location
        )

    def _settled(self, event: Any) -> None:
        self._effect(event, EventKind.withdrawal_settled)
        self.by_settlement[event.evidence_hash] = event.withdrawal_id
        self._change(event.withdrawal_id, state=SETTLED, settlement_hash=event.evidence_hash)

    def _rejected(self, event: Any) -> None:
        self._effect(event, EventKind.withdrawal_rejected)
        self._change(event.withdrawal_id, state=REJECTED)

    def _withdrawal_undone(self, event: Any) -> None:
        self._effect(event, EventKind.withdrawal_undone)
        is_over = bool(event.receipt_id) and event.withdrawal_kind == WithdrawalKind.withdrawal
        self._change(event.withdrawal_id, state=REJECTED if is_over else DISPATCHED, settlement_hash=ZERO)

    # ------------------------------------------------------------ arrivals

    def _credited(self, event: Any) -> None:
        self._effect(event, EventKind.deposit_credited)
        old = self.credits.get(event.evidence_hash)
        receipt_id = old.receipt_id if old and old.seq == event.seq else 0
        self.credits[event.evidence_hash] = LedgerCredit(
            event.evidence_hash, CREDITED, event.account_id, receipt_id, event.seq
        )

    def _held(self, event: Any) -> None:
        self._effect(event, EventKind.receipt_held)
        receipt = LedgerReceipt(
            event.receipt_id,
            event.receipt_reason,
            event.account_id,
            event.asset_id,
            event.amount_minor,
            event.evidence_hash,
        )
        self.receipts[receipt.receipt_id] = receipt
        if event.location:
            old = self.credits.get(event.evidence_hash)
            state = CREDITED if old and old.seq == event.seq else WAITING
            self.credits[event.evidence_hash] = LedgerCredit(
                event.evidence_hash, state, event.account_id, event.receipt_id, event.seq
            )

    def _attributed(self, event: Any) -> None:
        self._effect(event, EventKind.receipt_attributed)
        receipt = self.receipts.get(event.receipt_id)
        if receipt is None:
            return
        left = receipt.amount_minor - event.amount_minor
        self.receipts[event.receipt_id] = receipt._replace(amount_minor=left)
        credit = self.credits.get(receipt.evidence_hash)
        if credit is not None and credit.receipt_id == event.receipt_id:
            self.credits[receipt.evidence_hash] = credit._replace(state=CREDITED, account_id=event.account_id)

    def _deposit_undone(self, event: Any) -> None:
        self._effect(event, EventKind.deposit_undone)
        evidence = self._undoing[event.seq]
        old = self.credits[evidence]
        self.credits[evidence] = old._replace(state=UNDONE, seq=event.seq)

    # ------------------------------------------------------------ the rest

    def _rate(self, event: Any) -> None:
        self.rates[event.asset_id] = (event.rate_value_minor, event.rate_amount_minor)

    def _asset(self, event: Any) -> None:
        self.scales[event.asset_id] = (event.asset_code.rstrip(b"\0").decode("ascii", "replace"), event.scale)

    def _account(self, event: Any) -> None:
        self.owners[event.account_id] = event.owner_id

    def _balance(self, event: Any) -> None:
        key = (event.asset_id, event.estate, event.location)
        self.breaks.discard(key) if event.balance_matches else self.breaks.add(key)

    def value_minor(self, asset_id: int, amount_minor: int) -> int | None:
        """Return what an amount is worth in the reference currency, rounded up; None where no rate was stated."""
        rate = self.rates.get(asset_id)
        return None if rate is None else scale_ceil(amount_minor, *rate)
