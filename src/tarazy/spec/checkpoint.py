"""A checkpoint: the command only marks a point; the audit adds the whole state up again, beside the running writer."""

from __future__ import annotations

from tarazy.domain.records import CheckpointMarked, TakeCheckpoint
from tarazy.spec.ledger import Kind
from tarazy.spec.settlement import hold_minor, paying_asset
from tarazy.spec.snapshot import ledger_accounts
from tarazy.spec.state import State


def take_checkpoint(state: State, command: TakeCheckpoint) -> None:
    """Mark the state as it is after this command."""
    # EMIT
    state.out.append(CheckpointMarked(seq=state.seq).pack())


def audit(state: State) -> None:
    """Add everything up again: totals from single accounts, holds from open orders and withdrawals.

    Raises: InvariantBroken: CONSERVE when a total is not the sum of its accounts, COVER when holds and orders differ.
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
    holds = order_holds(state)
    for key, balance in state.ledger.balances.items():
        if balance.held.minor != holds.get(key, 0):
            detail = (
                f"account {key >> 32}, asset {key & 0xFFFFFFFF}: held {balance.held.minor}, orders {holds.get(key, 0)}"
            )
            state.invariants.broken("COVER", detail)


def order_holds(state: State) -> dict[int, int]:
    """Return what open orders and withdrawals hold, by account_id << 32 | asset_id."""
    holds: dict[int, int] = {}
    for market in state.markets:
        for orders in (market.book.resting, market.book.waiting):
            for order in orders.values():
                key = order.account_id << 32 | paying_asset(market, order.side)
                held = hold_minor(market, order.side, order.price_ticks, order.remaining_lots)
                holds[key] = holds.get(key, 0) + held
    for withdrawal in state.withdrawals.values():
        key = withdrawal.account_id << 32 | withdrawal.asset_id
        holds[key] = holds.get(key, 0) + withdrawal.amount_minor
    return holds
