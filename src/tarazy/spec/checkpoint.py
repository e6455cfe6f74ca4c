"""A checkpoint: mark a point of the journal, and audit a whole state from the ground up."""

from __future__ import annotations

from tarazy.domain.records import CheckpointMarked, TakeCheckpoint, WithdrawalKind
from tarazy.spec.ledger import Kind
from tarazy.spec.settlement import held_by, paying_asset
from tarazy.spec.snapshot import ledger_accounts
from tarazy.spec.state import State


def take_checkpoint(state: State, command: TakeCheckpoint) -> None:
    """Mark the state after this command; audit, digest and root of it are made beside the writer."""
    # EMIT
    state.emit(CheckpointMarked(seq=state.seq))


def audit(state: State) -> None:
    """Add everything up again: totals from single accounts, holds from open orders and withdrawals, receipts.

    Raises: InvariantBroken: CONSERVE when a total is not the sum of its accounts, COVER when holds and orders or
    receipts and the unattributed differ, SEGREGATE when a client pool and its shortfall are not what is owed.
    """
    sums = [[0] * len(Kind) for _ in state.assets]
    for ledger, row in zip(state.ledger.assets, sums, strict=True):
        for account in ledger_accounts(ledger):
            row[account.kind] += account.minor
    for key, balance in state.ledger.balances.items():
        row = sums[(key & 0xFFFFFFFF) - 1]
        row[Kind.available] += balance.available.minor
        row[Kind.held] += balance.held.minor
    for asset_id, (ledger, row) in enumerate(zip(state.ledger.assets, sums, strict=True), 1):
        if ledger.totals != row:
            state.invariants.broken("CONSERVE", f"asset {asset_id}: totals {ledger.totals}, accounts add up to {row}")
        pool, owed = row[Kind.client_custody] + row[Kind.shortfall], sum(row[Kind.available : Kind.house_equity])
        if pool != owed or row[Kind.house_custody] != row[Kind.house_equity]:
            state.invariants.broken("SEGREGATE", f"asset {asset_id}: client pool and shortfall {pool}, owed {owed}")
    audit_receipts(state)
    holds = order_holds(state)
    held = {key: balance.held.minor for key, balance in state.ledger.balances.items()}
    for key in held | holds:
        found, orders = held.get(key, 0), holds.get(key, 0)
        if found != orders:
            detail = f"account {key >> 32}, asset {key & 0xFFFFFFFF}: held {found}, orders {orders}"
            state.invariants.broken("COVER", detail)


def audit_receipts(state: State) -> None:
    """Check that open receipts add up to the unattributed, and returns under way to what receipts set aside."""
    returning = dict.fromkeys(state.receipts, 0)
    for withdrawal in state.withdrawals.values():
        if withdrawal.receipt_id:
            returning[withdrawal.receipt_id] += withdrawal.amount_minor
    sums = [0] * len(state.assets)
    for receipt in state.receipts.values():
        sums[receipt.asset_id - 1] += receipt.amount_minor + receipt.returning_minor
        if receipt.returning_minor != returning[receipt.receipt_id]:
            under_way = returning[receipt.receipt_id]
            detail = f"receipt {receipt.receipt_id}: {receipt.returning_minor} set aside, {under_way} on the way"
            state.invariants.broken("COVER", detail)
    for asset_id, (ledger, total) in enumerate(zip(state.ledger.assets, sums, strict=True), 1):
        if ledger.unattributed.minor != total:
            detail = f"asset {asset_id}: unattributed {ledger.unattributed.minor}, receipts {total}"
            state.invariants.broken("COVER", detail)


def order_holds(state: State) -> dict[int, int]:
    """Return what open orders and withdrawals hold, by account_id << 32 | asset_id."""
    holds: dict[int, int] = {}
    for market in state.markets:
        for orders in (market.book.resting, market.book.untriggered):
            for order in orders.values():
                key = order.account_id << 32 | paying_asset(market, order.side)
                holds[key] = holds.get(key, 0) + held_by(market, order)
    for withdrawal in state.withdrawals.values():
        if withdrawal.kind != WithdrawalKind.withdrawal:
            continue
        key = withdrawal.account_id << 32 | withdrawal.asset_id
        holds[key] = holds.get(key, 0) + withdrawal.amount_minor
    return holds
