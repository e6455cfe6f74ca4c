"""Withdrawals: each client's, with its state, for ever; returns and seizures of receipts are not among them."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from tarazy.domain.records import EventKind, WithdrawalKind
from tarazy.facility.projections.base import Handler, Projection
from tarazy.facility.projections.table import Column, Table, Width, word

CLIENTS = int(WithdrawalKind.withdrawal)
# Columns that change.
STATE, REASON, LOCATION, CHANGED, EVIDENCE = range(2, 7)


class WithdrawalStep(IntEnum):
    """How far a withdrawal is. Undone to a receipt: the network undid it after its account was closed."""

    requested = 1
    approved = 2
    dispatched = 3
    settled = 4
    rejected = 5
    undone_to_receipt = 6


class Withdrawals(Projection):
    """Every withdrawal that a client asked for."""

    name = "withdrawals"
    summary = "every withdrawal that a client asked for, with its state"

    def make_tables(self) -> tuple[Table, ...]:
        """Return the table; a rejected one never changes again."""
        columns = (
            *map(Column, "account_id asset_id withdrawal_state withdrawal_reason location".split()),
            Column("changed_ns", Width.u64),
            Column("evidence_hash", Width.text),
            Column("requested_ns", Width.u64),
            Column("amount_minor", Width.u128),
            Column("client_request_id", Width.u64),
            Column("destination_hash", Width.text),
        )
        of_account = (("account_id", "withdrawal_id"),)
        rejected = int(WithdrawalStep.rejected)
        self.withdrawals = Table(
            "withdrawals",
            (Column("withdrawal_id"),),
            columns,
            open_where=f"withdrawal_state <> {rejected}",
            indexes=of_account,
        )
        return (self.withdrawals,)

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {
            EventKind.withdrawal_requested: self.withdrawal_requested,
            EventKind.withdrawal_approved: self.withdrawal_approved,
            EventKind.withdrawal_dispatched: self.withdrawal_dispatched,
            EventKind.withdrawal_settled: self.withdrawal_settled,
            EventKind.withdrawal_rejected: self.withdrawal_rejected,
            EventKind.withdrawal_undone: self.withdrawal_undone,
        }

    def withdrawal_requested(self, event: Any) -> None:
        """Take a withdrawal in."""
        if event.withdrawal_kind == CLIENTS:
            now_ns, nothing = self.ts_ns(event.seq), word("")
            state = (int(WithdrawalStep.requested), 0, 0, now_ns, nothing)
            terms = (now_ns, event.amount_minor, event.client_request_id, event.destination_hash.hex())
            self.withdrawals.put(event.withdrawal_id, (event.account_id, event.asset_id, *state, *terms))

    def withdrawal_approved(self, event: Any) -> None:
        """Note an approval."""
        self.change(event, WithdrawalStep.approved)

    def withdrawal_dispatched(self, event: Any) -> None:
        """Note by which transaction it leaves."""
        self.change(event, WithdrawalStep.dispatched, location=event.location, evidence=event.evidence_hash)

    def withdrawal_settled(self, event: Any) -> None:
        """Note that it has left."""
        self.change(event, WithdrawalStep.settled, location=event.location, evidence=event.evidence_hash)

    def withdrawal_rejected(self, event: Any) -> None:
        """Note why it was given back."""
        self.change(event, WithdrawalStep.rejected, reason=event.withdrawal_reason)
        if event.withdrawal_kind == CLIENTS:
            self.withdrawals.finish(event.withdrawal_id)

    def withdrawal_undone(self, event: Any) -> None:
        """Note that the network undid it: it waits for another transaction, or its amount is unattributed."""
        to = WithdrawalStep.undone_to_receipt if event.receipt_id else WithdrawalStep.dispatched
        self.change(event, to, location=event.location, evidence=event.evidence_hash)

    def change(
        self, event: Any, step: WithdrawalStep, *, reason: int = 0, location: int = 0, evidence: bytes = b""
    ) -> None:
        """Put a client's withdrawal into another state."""
        if event.withdrawal_kind != CLIENTS:
            return
        row = list(self.withdrawals.rows[event.withdrawal_id])
        row[STATE], row[REASON], row[CHANGED] = int(step), reason, self.ts_ns(event.seq)
        row[LOCATION], row[EVIDENCE] = location or row[LOCATION], evidence.hex() or row[EVIDENCE]
        self.withdrawals.put(event.withdrawal_id, tuple(row))
