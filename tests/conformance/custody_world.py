"""What the generator knows of custody: only what the events have told it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tarazy.domain.records import (
    EVENTS,
    AssetRegistered,
    BalanceReported,
    CustodyMoved,
    DepositCredited,
    DepositUndone,
    EventKind,
    LossRecorded,
    ReceiptHeld,
    TradeExecuted,
    WithdrawalApproved,
    WithdrawalDispatched,
    WithdrawalRejected,
    WithdrawalRequested,
    WithdrawalSettled,
    WithdrawalUndone,
)

from ..property.ledger import BOOKED, EventLedger

KINDS = {
    int(kind)
    for kind in EventKind
    if 30 <= kind < 50 or 60 <= kind < 80 or kind in (EventKind.asset_registered, EventKind.trade_executed)
}
KEPT = 200


class KnownCustody:
    """Withdrawals by their state, evidence that may be undone or was, recent trades, and the ledger's custody."""

    def __init__(self) -> None:
        self.kinds: list[int] = []
        self.scales: list[int] = []
        self.withdrawals: dict[int, list[int]] = {1: [], 2: [], 3: []}
        self.requests: dict[int, WithdrawalRequested] = {}
        self.settled: list[bytes] = []
        self.credits: list[tuple[str, Any]] = []
        self.undone: list[tuple[str, Any]] = []
        self.trades: list[TradeExecuted] = []
        self.breaks: list[BalanceReported] = []
        self.receipts: dict[int, ReceiptHeld] = {}
        self.leaving: list[bytes] = []
        self.leaver = self.left = self.leaver_asset = 0
        self.ledger = EventLedger()

    def learn(self, events: bytes, at: int, seen: Counter[str]) -> None:
        """Learn from one event."""
        if events[at] not in KINDS:
            return
        event = EVENTS[events[at]].unpack(events, at)
        if isinstance(event, TradeExecuted):
            self.trades.append(event)
            del self.trades[:-KEPT]
            return
        name = type(event).__name__
        if name in BOOKED and name != "DepositCredited":
            BOOKED[name](self.ledger, event)
        self.count(event, seen)
        self.remember(event)

    def remember(self, event: Any) -> None:
        """Remember what later commands can name."""
        if isinstance(event, AssetRegistered):
            self.kinds.append(event.asset_kind)
            self.scales.append(event.scale)
        elif isinstance(event, DepositCredited):
            self.ledger.custody[1, event.location, event.asset_id] += event.amount_minor
        elif isinstance(event, ReceiptHeld):
            self.receipts[event.receipt_id] = event
        elif isinstance(event, BalanceReported):
            if not event.balance_matches:
                self.breaks.append(event)
        elif isinstance(event, WithdrawalSettled):
            self.move(event.withdrawal_id, 3, 0)
            self.settled.append(event.evidence_hash)
        elif isinstance(event, WithdrawalRequested):
            self.withdrawals[1].append(event.withdrawal_id)
            self.requests[event.withdrawal_id] = event
            if event.account_id == self.leaver:
                self.left = event.withdrawal_id
        elif isinstance(event, WithdrawalApproved):
            self.move(event.withdrawal_id, 1, 2)
        elif isinstance(event, WithdrawalDispatched):
            self.move(event.withdrawal_id, 2, 3)
        elif isinstance(event, WithdrawalUndone):
            self.withdrawals[3].append(event.withdrawal_id)
        elif isinstance(event, WithdrawalRejected):
            self.move(event.withdrawal_id, 1, 0)
            self.move(event.withdrawal_id, 2, 0)

    def move(self, number: int, before: int, after: int) -> None:
        """Take a withdrawal from one state to another; 0 = to none."""
        if number in self.withdrawals[before]:
            self.withdrawals[before].remove(number)
            if after:
                self.withdrawals[after].append(number)

    def count(self, event: Any, seen: Counter[str]) -> None:
        """Count what was reached."""
        if isinstance(event, DepositCredited):
            seen[f"deposit to {event.location}"] += 1
            seen[f"credit reason {event.credit_reason}"] += 1
        elif isinstance(event, ReceiptHeld):
            seen[f"receipt reason {event.receipt_reason}"] += 1
        elif isinstance(event, WithdrawalRequested):
            seen[f"withdrawal kind {event.withdrawal_kind}"] += 1
        elif isinstance(event, WithdrawalSettled):
            seen[f"settled kind {event.withdrawal_kind}"] += 1
        elif isinstance(event, WithdrawalUndone):
            where = "unattributed" if event.receipt_id else "held"
            seen[f"undone kind {event.withdrawal_kind} {where}"] += 1
        elif isinstance(event, WithdrawalRejected):
            seen[f"withdrawal reason {event.withdrawal_reason}"] += 1
        elif isinstance(event, CustodyMoved):
            seen[f"move in estate {event.estate} to {event.to_location}"] += 1
        elif isinstance(event, LossRecorded):
            seen[f"loss reason {event.loss_reason}"] += 1
        elif isinstance(event, BalanceReported):
            seen[f"balance matches {event.balance_matches}"] += 1
        elif isinstance(event, DepositUndone):
            for part in ("taken", "unattributed", "lost"):
                seen[f"undone {part}"] += bool(getattr(event, f"{part}_minor"))
