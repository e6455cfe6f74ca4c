"""The house's own assets: swept fees, funds and draws, and what it gives to a client."""

from __future__ import annotations

from tarazy.domain.records import (
    ClientCompensated,
    CompensateClient,
    DrawHouse,
    Estate,
    FeeRefunded,
    FeesSwept,
    FundHouse,
    HouseDrawn,
    HouseFunded,
    RefundFee,
    SweepFees,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.custody import (
    check_amount,
    check_custody,
    check_inflow,
    check_location,
    check_no_shortfall,
    find_client,
)
from tarazy.spec.evidence import check_new_evidence, keep_evidence
from tarazy.spec.ledger import (
    COMPENSATE_ASSETS,
    COMPENSATE_CLAIM,
    DRAW_HOUSE,
    FEE_BACK,
    FUND_HOUSE,
    SWEEP_ASSETS,
    SWEEP_CLAIM,
)
from tarazy.spec.lookup import find_asset
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.state import State


def check_fees(state: State, asset_id: int, amount_minor: int) -> None:
    """Refuse more than the fees earned and not yet swept."""
    fees = state.ledger.asset(asset_id).fees_earned.minor
    if fees < amount_minor:
        raise Refusal(RejectCode.insufficient_fees, amount_minor, fees)


def sweep_fees(state: State, command: SweepFees) -> None:
    """Move earned fees, and the assets behind them, to the house's estate."""
    asset_id, amount_minor = command.asset_id, command.amount_minor
    # GATE
    check_location(state, asset_id, command.from_location)
    check_location(state, asset_id, command.to_location)
    check_inflow(state, Estate.house, asset_id, amount_minor)
    check_new_evidence(state, command.evidence_hash, command.evidence_ns)
    check_no_shortfall(state, asset_id)
    check_fees(state, asset_id, amount_minor)
    source = state.ledger.custody(Estate.client, command.from_location, asset_id)
    check_custody(source, amount_minor)
    # POST
    ledger, asset = state.ledger, state.ledger.asset(asset_id)
    target = ledger.custody(Estate.house, command.to_location, asset_id)
    ledger.permit_exit(asset_id, min(amount_minor, asset.fees_earned.minor))
    ledger.post(SWEEP_CLAIM, asset_id, amount_minor, asset.fees_earned, asset.house_equity)
    ledger.post(SWEEP_ASSETS, asset_id, amount_minor, target, source)
    keep_evidence(state, command.evidence_hash)
    # EMIT
    state.emit(
        FeesSwept(
            from_location=command.from_location,
            to_location=command.to_location,
            seq=state.seq,
            asset_id=asset_id,
            amount_minor=amount_minor,
            evidence_hash=command.evidence_hash,
        )
    )


def fund_house(state: State, command: FundHouse) -> None:
    """Record the house's own assets arriving."""
    asset_id, amount_minor, location = command.asset_id, command.amount_minor, command.location
    # GATE
    check_location(state, asset_id, location)
    check_inflow(state, Estate.house, asset_id, amount_minor)
    check_new_evidence(state, command.evidence_hash, command.evidence_ns)
    # POST
    custody = state.ledger.custody(Estate.house, location, asset_id)
    state.ledger.post(FUND_HOUSE, asset_id, amount_minor, custody, state.ledger.asset(asset_id).house_equity)
    keep_evidence(state, command.evidence_hash)
    # EMIT
    evidence_hash = command.evidence_hash
    state.emit(HouseFunded(location, state.seq, asset_id, amount_minor, evidence_hash))


def draw_house(state: State, command: DrawHouse) -> None:
    """Record the house's own assets leaving."""
    asset_id, amount_minor, location = command.asset_id, command.amount_minor, command.location
    # GATE
    check_location(state, asset_id, location)
    check_amount(amount_minor)
    check_new_evidence(state, command.evidence_hash, command.evidence_ns)
    check_no_shortfall(state, asset_id)
    custody = state.ledger.custody(Estate.house, location, asset_id)
    check_custody(custody, amount_minor)
    # POST
    state.ledger.post(DRAW_HOUSE, asset_id, amount_minor, state.ledger.asset(asset_id).house_equity, custody)
    keep_evidence(state, command.evidence_hash)
    # EMIT
    evidence_hash = command.evidence_hash
    state.emit(HouseDrawn(location, state.seq, asset_id, amount_minor, evidence_hash))


def compensate_client(state: State, command: CompensateClient) -> None:
    """Give the house's own assets to one client."""
    account_id, asset_id, amount_minor = command.account_id, command.asset_id, command.amount_minor
    # GATE
    find_client(state, account_id)
    check_location(state, asset_id, command.from_location)
    check_location(state, asset_id, command.to_location)
    check_inflow(state, Estate.client, asset_id, amount_minor)
    check_new_evidence(state, command.evidence_hash, command.evidence_ns)
    source = state.ledger.custody(Estate.house, command.from_location, asset_id)
    check_custody(source, amount_minor)
    # POST
    ledger = state.ledger
    target = ledger.custody(Estate.client, command.to_location, asset_id)
    available = ledger.balance(account_id, asset_id).available
    ledger.post(COMPENSATE_ASSETS, asset_id, amount_minor, target, source)
    ledger.post(COMPENSATE_CLAIM, asset_id, amount_minor, ledger.asset(asset_id).house_equity, available)
    keep_evidence(state, command.evidence_hash)
    # EMIT
    state.emit(
        ClientCompensated(
            from_location=command.from_location,
            to_location=command.to_location,
            seq=state.seq,
            account_id=account_id,
            asset_id=asset_id,
            amount_minor=amount_minor,
            evidence_hash=command.evidence_hash,
        )
    )


def refund_fee(state: State, command: RefundFee) -> None:
    """Give fees earned back to a client."""
    account_id, asset_id, amount_minor = command.account_id, command.asset_id, command.amount_minor
    # GATE
    find_client(state, account_id)
    find_asset(state, asset_id)
    check_amount(amount_minor)
    require_hash(command.decision_hash, RejectCode.decision_missing)
    check_fees(state, asset_id, amount_minor)
    # POST
    available = state.ledger.balance(account_id, asset_id).available
    state.ledger.post(FEE_BACK, asset_id, amount_minor, state.ledger.asset(asset_id).fees_earned, available)
    # EMIT
    decision_hash = command.decision_hash
    state.emit(FeeRefunded(state.seq, account_id, asset_id, amount_minor, decision_hash))
