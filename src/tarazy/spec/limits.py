"""Limits on what a client may bring in."""

from __future__ import annotations

from tarazy.spec.state import Account, State


def admit_deposit(state: State, account: Account, asset_id: int, amount_minor: int) -> int:
    """Return how much of a deposit the account may take now; the rest waits unattributed."""
    return amount_minor
