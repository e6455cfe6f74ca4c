"""What a delisting opens and closes for a client's holdings: deposits, withdrawals, declaring them unclaimed."""

from __future__ import annotations

from tarazy.domain.records import DelistingStage
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.refusal import Refusal
from tarazy.spec.state import State


def is_closed_to_deposits(state: State, asset_id: int) -> bool:
    """Return whether deposits of a delisted asset are no longer credited."""
    delisting = state.delistings.get(asset_id)
    return delisting is not None and delisting.stage >= DelistingStage.closed


def check_window_open(state: State, asset_id: int, now_ns: int) -> None:
    """Refuse a client's withdrawal after the window of a delisted asset."""
    delisting = state.delistings.get(asset_id)
    if delisting is not None and delisting.stage == DelistingStage.window_over:
        raise Refusal(RejectCode.withdrawal_window_over, delisting.withdraw_until_ns - 1, now_ns)


def check_window_over(state: State, asset_id: int, now_ns: int) -> None:
    """Refuse to declare a delisted asset unclaimed while clients may still withdraw it."""
    delisting = state.delistings.get(asset_id)
    if delisting is not None and delisting.stage != DelistingStage.window_over:
        raise Refusal(RejectCode.withdrawal_window_open, delisting.withdraw_until_ns, now_ns)
