"""Delist an asset in steps, each at its date: announced, cancel only, closed, window for withdrawals over.

The steps fall due by the clock, in order and once. Cancel only: the asset is suspended, its markets halt, orders can be
canceled. Closed: orders are canceled, markets close, the asset is removed, deposits wait unattributed. Window over:
clients no longer ask for withdrawals; what they have stays theirs, and officers may declare it unclaimed, holding by
holding. Source: published delisting notices of OKX (deposits end, pairs close with their orders canceled, withdrawals
end two to three months later, balances stay visible); docs/concepts/delisting.md
"""

from __future__ import annotations

from tarazy.domain.arithmetic import saturate_u64
from tarazy.domain.records import (
    AssetStatus,
    CancelDelisting,
    CancelReason,
    DelistingCanceled,
    DelistingScheduled,
    DelistingStage,
    DelistingStepped,
    ScheduleDelisting,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.assets import halt, retire
from tarazy.spec.ledger import Kind
from tarazy.spec.lookup import find_asset
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.state import DELISTING_DUE, State
from tarazy.spec.state_parts import Delisting

WINDOW_MIN_NS = 30 * 86_400 * 10**9


def check_dates(now_ns: int, cancel_only_ns: int, close_ns: int, withdraw_until_ns: int) -> None:
    """Refuse steps in the past or out of order, and too short a window for withdrawals."""
    earliest = (now_ns + 1, cancel_only_ns, saturate_u64(close_ns + WINDOW_MIN_NS))
    for least, found in zip(earliest, (cancel_only_ns, close_ns, withdraw_until_ns), strict=True):
        if found < least:
            raise Refusal(RejectCode.delisting_dates_invalid, least, found)


def schedule_delisting(state: State, command: ScheduleDelisting) -> None:
    """Announce an asset's delisting."""
    # GATE
    asset = find_asset(state, command.asset_id)
    if command.asset_id in state.delistings:
        raise Refusal(RejectCode.delisting_under_way, 0, state.delistings[command.asset_id].stage)
    if asset.asset_status not in (AssetStatus.admitted, AssetStatus.suspended):
        raise Refusal(RejectCode.asset_status_not_reachable, AssetStatus.admitted, asset.asset_status)
    dates = (command.cancel_only_ns, command.close_ns, command.withdraw_until_ns)
    check_dates(command.ts_ns, *dates)
    require_hash(command.decision_hash, RejectCode.decision_missing)
    # POST
    keep_delisting(state, Delisting(command.asset_id, *dates, command.decision_hash))
    # EMIT
    state.emit(
        DelistingScheduled(
            seq=state.seq,
            asset_id=command.asset_id,
            cancel_only_ns=command.cancel_only_ns,
            close_ns=command.close_ns,
            withdraw_until_ns=command.withdraw_until_ns,
            decision_hash=command.decision_hash,
        )
    )


def cancel_delisting(state: State, command: CancelDelisting) -> None:
    """Give a delisting up before the asset is closed."""
    # GATE
    find_asset(state, command.asset_id)
    delisting = state.delistings.get(command.asset_id)
    if delisting is None:
        raise Refusal(RejectCode.delisting_unknown, DelistingStage.cancel_only, 0)
    if delisting.stage > DelistingStage.cancel_only:
        raise Refusal(RejectCode.delisting_unknown, DelistingStage.cancel_only, delisting.stage)
    require_hash(command.decision_hash, RejectCode.decision_missing)
    # POST
    state.drop_timer(delisting.due_ns(), DELISTING_DUE, command.asset_id, 0)
    del state.delistings[command.asset_id]
    # EMIT
    state.emit(
        DelistingCanceled(
            delisting_stage=delisting.stage,
            seq=state.seq,
            asset_id=command.asset_id,
            decision_hash=command.decision_hash,
        )
    )


def keep_delisting(state: State, delisting: Delisting) -> None:
    """Keep a delisting, with the timer of its next step."""
    state.delistings[delisting.asset_id] = delisting
    if delisting.due_ns():
        state.add_timer(delisting.due_ns(), DELISTING_DUE, delisting.asset_id, 0)


def step_delisting(state: State, asset_id: int) -> None:
    """Take the step of a delisting that is due."""
    delisting, asset = state.delistings[asset_id], state.assets[asset_id - 1]
    # POST EMIT
    state.drop_timer(delisting.due_ns(), DELISTING_DUE, asset_id, 0)
    delisting.stage += 1
    keep_delisting(state, delisting)
    totals = state.ledger.asset(asset_id).totals
    state.emit(
        DelistingStepped(
            delisting_stage=delisting.stage,
            seq=state.seq,
            asset_id=asset_id,
            next_step_ns=delisting.due_ns(),
            amount_minor=totals[Kind.available] + totals[Kind.held],
            decision_hash=delisting.decision_hash,
        )
    )
    if delisting.stage == DelistingStage.cancel_only and asset.asset_status == AssetStatus.admitted:
        halt(state, asset, delisting.decision_hash)
    elif delisting.stage == DelistingStage.closed:
        retire(state, asset, CancelReason.delisted, delisting.decision_hash)
