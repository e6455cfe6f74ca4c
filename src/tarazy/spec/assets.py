"""Reference commands on assets: register, admit, suspend, remove."""

from __future__ import annotations

from tarazy.domain.records import (
    AdmitAsset,
    AssetRegistered,
    AssetStatus,
    AssetStatusChanged,
    CancelReason,
    DelistingStage,
    MarketReason,
    MarketState,
    RegisterAsset,
    RemoveAsset,
    SuspendAsset,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.cancel import cancel_open_orders
from tarazy.spec.ledger import AssetLedger
from tarazy.spec.lookup import find_asset
from tarazy.spec.market_states import change_state
from tarazy.spec.numbers import ASSET, note_assigned
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.session_orders import end_session
from tarazy.spec.state import Asset, Market, State

SCALE_MAX = 24
CODE_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def code_fault(code: bytes) -> int | None:
    """Return the offset of the first byte that makes the code wrong, or None."""
    stripped = code.rstrip(b"\0")
    if not stripped:
        return 0
    return next((i for i, byte in enumerate(stripped) if byte not in CODE_BYTES), None)


def register_asset(state: State, command: RegisterAsset) -> None:
    """Add an asset that is registered and not yet admitted."""
    # GATE
    fault = code_fault(command.asset_code)
    if fault is not None:
        raise Refusal(RejectCode.asset_code_invalid, 0, fault + 1)
    for other in state.assets:
        if other.asset_code == command.asset_code:
            raise Refusal(RejectCode.asset_code_taken, 0, other.asset_id)
    if command.scale > SCALE_MAX:
        raise Refusal(RejectCode.asset_scale_too_large, SCALE_MAX, command.scale)
    # POST
    asset = Asset(len(state.assets) + 1)
    asset.asset_kind = command.asset_kind
    asset.asset_status = AssetStatus.registered
    asset.scale = command.scale
    asset.asset_code = command.asset_code
    asset.dti = command.dti
    state.assets.append(asset)
    note_assigned(state, ASSET)
    state.ledger.assets.append(AssetLedger())
    # EMIT
    state.out.append(
        AssetRegistered(
            asset_kind=asset.asset_kind,
            scale=asset.scale,
            seq=state.seq,
            asset_id=asset.asset_id,
            asset_code=asset.asset_code,
            dti=asset.dti,
        ).pack()
    )


def admit_asset(state: State, command: AdmitAsset) -> None:
    """Admit a registered or suspended asset. Its markets stay as they are: an auction reopens them."""
    # GATE
    asset = find_asset(state, command.asset_id)
    if asset.asset_status not in (AssetStatus.registered, AssetStatus.suspended):
        raise Refusal(RejectCode.asset_status_not_reachable, AssetStatus.suspended, asset.asset_status)
    require_hash(command.decision_hash, RejectCode.decision_missing)
    delisting = state.delistings.get(asset.asset_id)
    if delisting and delisting.stage >= DelistingStage.cancel_only:
        raise Refusal(RejectCode.delisting_under_way, 0, delisting.stage)
    # POST EMIT
    set_status(state, asset, AssetStatus.admitted, command.decision_hash)


def suspend_asset(state: State, command: SuspendAsset) -> None:
    """Suspend an admitted asset and halt its markets."""
    # GATE
    asset = find_asset(state, command.asset_id)
    if asset.asset_status != AssetStatus.admitted:
        raise Refusal(RejectCode.asset_status_not_reachable, AssetStatus.admitted, asset.asset_status)
    require_hash(command.decision_hash, RejectCode.decision_missing)
    # POST EMIT
    halt(state, asset, command.decision_hash)


def remove_asset(state: State, command: RemoveAsset) -> None:
    """Remove an asset: cancel the open orders of its markets and close them."""
    # GATE
    asset = find_asset(state, command.asset_id)
    if asset.asset_status == AssetStatus.removed:
        raise Refusal(RejectCode.asset_status_not_reachable, AssetStatus.admitted, asset.asset_status)
    require_hash(command.decision_hash, RejectCode.decision_missing)
    if command.asset_id in state.delistings:
        raise Refusal(RejectCode.delisting_under_way, 0, state.delistings[command.asset_id].stage)
    # POST EMIT
    retire(state, asset, CancelReason.asset_status, command.decision_hash)


def halt(state: State, asset: Asset, decision_hash: bytes) -> None:
    """Suspend an asset and halt its markets, where they are not halted or closed."""
    set_status(state, asset, AssetStatus.suspended, decision_hash)
    for market in markets_of(state, asset):
        if market.market_state not in (MarketState.closed, MarketState.halted):
            change_state(state, market, MarketState.halted, MarketReason.asset_status)
            end_session(state, market)


def retire(state: State, asset: Asset, reason: int, decision_hash: bytes) -> None:
    """Remove an asset, cancel the open orders of its markets and close them."""
    set_status(state, asset, AssetStatus.removed, decision_hash)
    for market in markets_of(state, asset):
        orders = {**market.book.resting, **market.book.untriggered}
        cancel_open_orders(state, market, list(orders.values()), reason)
        if market.market_state != MarketState.closed:
            change_state(state, market, MarketState.closed, MarketReason.asset_status)


def set_status(state: State, asset: Asset, status: int, decision_hash: bytes) -> None:
    """Set the status and say so."""
    asset.asset_status = status
    state.out.append(
        AssetStatusChanged(
            asset_status=status, seq=state.seq, asset_id=asset.asset_id, decision_hash=decision_hash
        ).pack()
    )


def markets_of(state: State, asset: Asset) -> list[Market]:
    """Return the markets that trade or quote the asset, in order."""
    return [m for m in state.markets if asset.asset_id in (m.base_asset_id, m.quote_asset_id)]
