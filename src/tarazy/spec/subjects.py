"""What a command is about that only names a number: asset and amount of its withdrawal, receipt, credit or trade."""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import SUBJECT_OFFSETS, CommandKind
from tarazy.spec.busts import find_trade
from tarazy.spec.refusal import Refusal
from tarazy.spec.state import State

BY_WITHDRAWAL = (
    CommandKind.dispatch_withdrawal,
    CommandKind.settle_withdrawal,
    CommandKind.reject_withdrawal,
)
BY_RECEIPT = (CommandKind.attribute_receipt, CommandKind.request_return)
BY_EVIDENCE = (CommandKind.undo_withdrawal, CommandKind.undo_deposit)
NAMED = (*BY_WITHDRAWAL, *BY_RECEIPT, *BY_EVIDENCE, CommandKind.bust_trade)


def has_asset(kind: int) -> bool:
    """Return whether a kind of command is about an asset."""
    return SUBJECT_OFFSETS.get(kind, (0, 0))[0] != 0 or kind in NAMED


def has_amount(kind: int) -> bool:
    """Return whether a kind of command is about an amount of an asset, which a mandate bounds."""
    return all(SUBJECT_OFFSETS.get(kind, (0, 0))) or kind in NAMED


def subject(state: State, kind: int, command: Any) -> tuple[int, int]:
    """Return (asset_id, amount_minor) of a command that states neither or one of them; zeros where nothing is named.

    Commands with fields of both names speak for themselves. A busted trade counts by its quote asset.
    """
    if kind in BY_WITHDRAWAL and command.withdrawal_id in state.withdrawals:
        withdrawal = state.withdrawals[command.withdrawal_id]
        return withdrawal.asset_id, withdrawal.amount_minor
    if kind in BY_RECEIPT and command.receipt_id in state.receipts:
        return state.receipts[command.receipt_id].asset_id, command.amount_minor
    if kind in BY_EVIDENCE and command.evidence_hash in state.evidence:
        entry = state.evidence[command.evidence_hash]
        return entry.asset_id, entry.amount_minor
    if kind == CommandKind.bust_trade:
        return busted_subject(state, command.trade_seq, command.trade_index)
    return 0, 0


def busted_subject(state: State, trade_seq: int, trade_index: int) -> tuple[int, int]:
    """Return the quote asset and the value of a trade that can be busted."""
    try:
        trade = state.trades[find_trade(state, trade_seq, trade_index)]
    except Refusal:
        return 0, 0
    return state.markets[trade.market_id - 1].quote_asset_id, trade.cost_minor
