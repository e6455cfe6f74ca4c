"""Withdrawals and payments as the store keeps them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from tarazy.facility.custody.store import CustodyStore

OPEN = ("asked", "requested", "approved", "hot_short", "drafted", "dispatched", "signed", "sent", "settled", "failed")
COLUMNS = (
    "request, withdrawal_id, account_id, asset_id, amount_minor, chain, contract, address, receipt_id, state, hold,"
    " digest, settlement, asked_at, changed_at"
)
PAYMENT_COLUMNS = (
    "digest, purpose, request, chain, wallet, draft, signed, transaction_id, nonce, fee_minor, amount_minor, asset_id,"
    " state, sent_height, at, mined_height, mined_fee_minor, has_failed, spends"
)


class WithdrawalCase(NamedTuple):
    """One withdrawal (or return of a receipt) on its way.

    `state`: asked (not in the record yet), requested, approved, hot_short (approved, and the hot wallet has too
    little), drafted, dispatched, signed, sent, settled (mined deep enough, the fee still to be journaled), done;
    refused, rejected, failed (the chain took the transaction and undid its effect). `hold` says what it waits for.
    """

    request: int
    withdrawal_id: int
    account_id: int
    asset_id: int
    amount_minor: int
    chain: str
    contract: str
    address: str
    receipt_id: int
    state: str
    hold: str
    digest: str
    settlement: str
    asked_at: str
    changed_at: str

    def plain(self) -> dict[str, Any]:
        """Return it for programs; the amount as text."""
        return self._asdict() | {"amount_minor": str(self.amount_minor)}


class PaymentRow(NamedTuple):
    """One transaction that was drafted. `purpose`: withdrawal, sweep, gather or gas.

    `mined_height` (-1 before), `mined_fee_minor` (None before) and `has_failed` are noted when its fee is journaled.
    """

    digest: str
    purpose: str
    request: int
    chain: str
    wallet: str
    draft: bytes
    signed: bytes
    transaction_id: str
    nonce: int
    fee_minor: int
    amount_minor: int
    asset_id: int
    state: str
    sent_height: int
    at: str
    mined_height: int
    mined_fee_minor: int | None
    has_failed: bool
    spends: tuple[tuple[str, int], ...]


def _row(values: tuple[Any, ...]) -> WithdrawalCase:
    return WithdrawalCase._make((*values[:4], int(values[4]), *values[5:]))


def find_withdrawal(store: CustodyStore, request: int) -> WithdrawalCase:
    """Return a withdrawal. Raises: UnknownInCustodyError."""
    return _row(store.one("withdrawal request", f"SELECT {COLUMNS} FROM withdrawals WHERE request = ?", request))


def withdrawals(store: CustodyStore, *states: str, chain: str = "") -> list[WithdrawalCase]:
    """Return withdrawals in some states, all for none, the oldest first."""
    where, values = [], list(states)
    if states:
        where.append(f"state IN ({', '.join('?' * len(states))})")
    if chain:
        where.append("chain = ?")
        values.append(chain)
    clause = f" WHERE {' AND '.join(where)}" if where else ""
    return [_row(row) for row in store.all(f"SELECT {COLUMNS} FROM withdrawals{clause} ORDER BY request", *values)]


def change(store: CustodyStore, request: int, **fields: Any) -> WithdrawalCase:
    """Change fields of a withdrawal; `changed_at` is now."""
    fields["changed_at"] = store.moment
    names = ", ".join(f"{name} = ?" for name in fields)
    with store.changing():
        store.do(f"UPDATE withdrawals SET {names} WHERE request = ?", *fields.values(), request)
    return find_withdrawal(store, request)


def find_payment(store: CustodyStore, digest: str) -> PaymentRow:
    """Return a payment. Raises: UnknownInCustodyError."""
    return _payment(store.one("payment", f"SELECT {PAYMENT_COLUMNS} FROM payments WHERE digest = ?", digest))


def payments(store: CustodyStore, where: str, *values: Any) -> list[PaymentRow]:
    """Return payments, the oldest first."""
    rows = store.all(f"SELECT {PAYMENT_COLUMNS} FROM payments WHERE {where} ORDER BY at, rowid", *values)
    return [_payment(row) for row in rows]


def _payment(row: tuple[Any, ...]) -> PaymentRow:
    drafts = (bytes(row[5]), bytes(row[6]))
    mined = (row[15], int(row[16]) if row[16] else None, bool(row[17]))
    spends = tuple((each[0], each[1]) for each in json.loads(row[18]))
    return PaymentRow._make((*row[:5], *drafts, *row[7:9], int(row[9]), int(row[10]), *row[11:15], *mined, spends))
