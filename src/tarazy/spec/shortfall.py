"""Losses and network fees, and how the house and what comes back make up for them."""

from __future__ import annotations

from tarazy.domain.arithmetic import AMOUNT_MAX
from tarazy.domain.records import (
    Estate,
    FloatLent,
    LendFloat,
    LossRecorded,
    NetworkFeePaid,
    ReceiptReason,
    RecordLoss,
    RecordNetworkFee,
    RecordRecovery,
    ShortfallToppedUp,
    ShortfallToppedUpFromFees,
    TopUpFromFees,
    TopUpShortfall,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.custody import check_amount, check_custody, check_inflow, check_location
from tarazy.spec.deposits import post_recovery
from tarazy.spec.evidence import check_new_evidence, keep_evidence
from tarazy.spec.ledger import (
    FLOAT_ASSETS,
    FLOAT_CLAIM,
    LOSS,
    NETWORK_FEE,
    NETWORK_FEE_FROM_FEES,
    TOP_UP_ASSETS,
    TOP_UP_CLAIM,
    TOP_UP_FROM_FEES,
    TOP_UP_FROM_FLOAT,
)
from tarazy.spec.lookup import find_asset
from tarazy.spec.receipts import receive_at
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.state import State
from tarazy.spec.undo import take_out


def record_loss(state: State, command: RecordLoss) -> None:
    """Record client assets that are gone."""
    asset_id, amount_minor, location = command.asset_id, command.amount_minor, command.location
    # GATE
    check_location(state, asset_id, location)
    check_amount(amount_minor)
    check_new_evidence(state, command.evidence_hash, command.evidence_ns)
    custody = state.ledger.custody(Estate.client, location, asset_id)
    check_custody(custody, amount_minor)
    # POST
    take_out(state, LOSS, asset_id, amount_minor, state.ledger.asset(asset_id).shortfall, custody)
    keep_evidence(state, command.evidence_hash)
    # EMIT
    state.emit(
        LossRecorded(
            loss_reason=command.loss_reason,
            location=location,
            seq=state.seq,
            asset_id=asset_id,
            amount_minor=amount_minor,
            evidence_hash=command.evidence_hash,
        )
    )


def record_recovery(state: State, command: RecordRecovery) -> None:
    """Record lost assets that came back; what exceeds the shortfall waits unattributed."""
    asset_id, amount_minor, location = command.asset_id, command.amount_minor, command.location
    # GATE
    check_location(state, asset_id, location)
    check_inflow(state, Estate.client, asset_id, amount_minor)
    check_new_evidence(state, command.evidence_hash, command.evidence_ns)
    # POST EMIT
    covered = min(amount_minor, state.ledger.asset(asset_id).shortfall.minor)
    post_recovery(state, location, asset_id, covered, command.evidence_hash)
    rest = amount_minor - covered
    if rest:
        receive_at(state, ReceiptReason.recovered, location, 0, asset_id, rest, command.evidence_hash)
    keep_evidence(state, command.evidence_hash)


def record_network_fee(state: State, command: RecordNetworkFee) -> None:
    """Record what a network took: from the float, then from the fees earned, the rest is lost."""
    asset_id, amount_minor, location = command.asset_id, command.amount_minor, command.location
    # GATE
    check_location(state, asset_id, location)
    check_amount(amount_minor)
    check_new_evidence(state, command.evidence_hash, command.evidence_ns)
    custody = state.ledger.custody(Estate.client, location, asset_id)
    check_custody(custody, amount_minor)
    # POST
    asset = state.ledger.asset(asset_id)
    from_float = min(amount_minor, asset.network_float.minor)
    from_fees = min(amount_minor - from_float, asset.fees_earned.minor)
    lost = amount_minor - from_float - from_fees
    take_out(state, NETWORK_FEE, asset_id, from_float, asset.network_float, custody)
    take_out(state, NETWORK_FEE_FROM_FEES, asset_id, from_fees, asset.fees_earned, custody)
    take_out(state, LOSS, asset_id, lost, asset.shortfall, custody)
    keep_evidence(state, command.evidence_hash)
    # EMIT
    state.emit(
        NetworkFeePaid(
            location=location,
            seq=state.seq,
            asset_id=asset_id,
            float_minor=from_float,
            fees_minor=from_fees,
            lost_minor=lost,
        )
    )


def check_house_gives(state: State, command: LendFloat | TopUpShortfall) -> None:
    """Refuse assets that cannot go from the house's estate to the clients' as the command says."""
    check_location(state, command.asset_id, command.from_location)
    check_location(state, command.asset_id, command.to_location)
    check_inflow(state, Estate.client, command.asset_id, command.amount_minor)
    check_new_evidence(state, command.evidence_hash, command.evidence_ns)
    source = state.ledger.custody(Estate.house, command.from_location, command.asset_id)
    check_custody(source, command.amount_minor)


def lend_float(state: State, command: LendFloat) -> None:
    """Lend the house's own assets for network fees."""
    asset_id, amount_minor = command.asset_id, command.amount_minor
    # GATE
    check_house_gives(state, command)
    # POST
    ledger, asset = state.ledger, state.ledger.asset(asset_id)
    source = ledger.custody(Estate.house, command.from_location, asset_id)
    target = ledger.custody(Estate.client, command.to_location, asset_id)
    ledger.post(FLOAT_ASSETS, asset_id, amount_minor, target, source)
    ledger.post(FLOAT_CLAIM, asset_id, amount_minor, asset.house_equity, asset.network_float)
    keep_evidence(state, command.evidence_hash)
    # EMIT
    state.emit(
        FloatLent(
            from_location=command.from_location,
            to_location=command.to_location,
            seq=state.seq,
            asset_id=asset_id,
            amount_minor=amount_minor,
            evidence_hash=command.evidence_hash,
        )
    )


def check_top_up(state: State, asset_id: int, amount_minor: int) -> None:
    """Refuse to top up more than is missing."""
    shortfall = state.ledger.asset(asset_id).shortfall.minor
    if shortfall < amount_minor:
        raise Refusal(RejectCode.insufficient_shortfall, shortfall, amount_minor)


def top_up_shortfall(state: State, command: TopUpShortfall) -> None:
    """Close a shortfall with the house's own assets."""
    asset_id, amount_minor = command.asset_id, command.amount_minor
    # GATE
    check_location(state, asset_id, command.from_location)
    check_amount(amount_minor)
    check_top_up(state, asset_id, amount_minor)
    check_house_gives(state, command)
    # POST
    ledger, asset = state.ledger, state.ledger.asset(asset_id)
    source = ledger.custody(Estate.house, command.from_location, asset_id)
    target = ledger.custody(Estate.client, command.to_location, asset_id)
    ledger.post(TOP_UP_ASSETS, asset_id, amount_minor, target, source)
    ledger.post(TOP_UP_CLAIM, asset_id, amount_minor, asset.house_equity, asset.shortfall)
    keep_evidence(state, command.evidence_hash)
    # EMIT
    state.emit(
        ShortfallToppedUp(
            from_location=command.from_location,
            to_location=command.to_location,
            seq=state.seq,
            asset_id=asset_id,
            amount_minor=amount_minor,
            evidence_hash=command.evidence_hash,
        )
    )


def top_up_from_fees(state: State, command: TopUpFromFees) -> None:
    """Close a shortfall with fees earned, then with the network float."""
    asset_id, amount_minor = command.asset_id, command.amount_minor
    # GATE
    find_asset(state, asset_id)
    check_amount(amount_minor, AMOUNT_MAX)
    require_hash(command.decision_hash, RejectCode.decision_missing)
    check_top_up(state, asset_id, amount_minor)
    asset = state.ledger.asset(asset_id)
    found = asset.fees_earned.minor + asset.network_float.minor
    if found < amount_minor:
        raise Refusal(RejectCode.insufficient_fees, amount_minor, found)
    # POST
    from_fees = min(amount_minor, asset.fees_earned.minor)
    from_float = amount_minor - from_fees
    state.ledger.post(TOP_UP_FROM_FEES, asset_id, from_fees, asset.fees_earned, asset.shortfall)
    state.ledger.post(TOP_UP_FROM_FLOAT, asset_id, from_float, asset.network_float, asset.shortfall)
    # EMIT
    state.emit(
        ShortfallToppedUpFromFees(
            seq=state.seq,
            asset_id=asset_id,
            fees_minor=from_fees,
            float_minor=from_float,
            decision_hash=command.decision_hash,
        )
    )
