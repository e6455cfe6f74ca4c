//! The house's own assets: swept fees, funds and draws, and what it gives to a client.

use crate::arithmetic::AMOUNT_MAX;
use crate::custody::{check_amount, check_custody, check_inflow, check_location, check_no_shortfall, find_client};
use crate::evidence::{check_new_evidence, keep_other};
use crate::ledger::{
    LedgerAccount, COMPENSATE_ASSETS, COMPENSATE_CLAIM, DRAW_HOUSE, FEE_BACK, FUND_HOUSE, SWEEP_ASSETS, SWEEP_CLAIM,
};
use crate::lookup::find_asset;
use crate::records::{
    ClientCompensated, CompensateClient, DrawHouse, Estate, FeeRefunded, FeesSwept, FundHouse, HouseDrawn, HouseFunded,
    RefundFee, RejectCode, SweepFees,
};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::state::State;

/// Refuse more than the fees earned and not yet swept.
fn check_fees(state: &State, asset_id: u32, amount_minor: u128) -> Result<(), Refusal> {
    let fees = state.ledger.asset(asset_id).fees_earned;
    if fees < amount_minor {
        return refuse(RejectCode::InsufficientFees, amount_minor, fees);
    }
    Ok(())
}

/// Move earned fees, and the assets behind them, to the house's estate.
pub fn sweep_fees(state: &mut State, command: SweepFees) -> Result<(), Refusal> {
    let SweepFees { from_location, to_location, asset_id, amount_minor, evidence_hash, .. } = command;
    // GATE
    check_location(state, asset_id, from_location)?;
    check_location(state, asset_id, to_location)?;
    check_inflow(state, Estate::HOUSE, asset_id, amount_minor)?;
    check_new_evidence(state, &evidence_hash, command.evidence_ns)?;
    check_no_shortfall(state, asset_id)?;
    check_fees(state, asset_id, amount_minor)?;
    check_custody(state, Estate::CLIENT, from_location, asset_id, amount_minor)?;
    // POST
    let (source, target) = (state.custody(Estate::CLIENT, from_location), state.custody(Estate::HOUSE, to_location));
    let fees_earned = state.ledger.asset(asset_id).fees_earned;
    state.ledger.permit_exit(asset_id, amount_minor.min(fees_earned));
    state.post(SWEEP_CLAIM, asset_id, amount_minor, LedgerAccount::FeesEarned, LedgerAccount::HouseEquity);
    state.post(SWEEP_ASSETS, asset_id, amount_minor, target, source);
    keep_other(state, evidence_hash);
    // EMIT
    FeesSwept { from_location, to_location, seq: state.seq, asset_id, amount_minor, evidence_hash }
        .write(&mut state.out);
    Ok(())
}

/// Record the house's own assets arriving.
pub fn fund_house(state: &mut State, command: FundHouse) -> Result<(), Refusal> {
    let FundHouse { location, asset_id, amount_minor, evidence_hash, .. } = command;
    // GATE
    check_location(state, asset_id, location)?;
    check_inflow(state, Estate::HOUSE, asset_id, amount_minor)?;
    check_new_evidence(state, &evidence_hash, command.evidence_ns)?;
    // POST
    let custody = state.custody(Estate::HOUSE, location);
    state.post(FUND_HOUSE, asset_id, amount_minor, custody, LedgerAccount::HouseEquity);
    keep_other(state, evidence_hash);
    // EMIT
    HouseFunded { location, seq: state.seq, asset_id, amount_minor, evidence_hash }.write(&mut state.out);
    Ok(())
}

/// Record the house's own assets leaving.
pub fn draw_house(state: &mut State, command: DrawHouse) -> Result<(), Refusal> {
    let DrawHouse { location, asset_id, amount_minor, evidence_hash, .. } = command;
    // GATE
    check_location(state, asset_id, location)?;
    check_amount(amount_minor, AMOUNT_MAX)?;
    check_new_evidence(state, &evidence_hash, command.evidence_ns)?;
    check_no_shortfall(state, asset_id)?;
    check_custody(state, Estate::HOUSE, location, asset_id, amount_minor)?;
    // POST
    let custody = state.custody(Estate::HOUSE, location);
    state.post(DRAW_HOUSE, asset_id, amount_minor, LedgerAccount::HouseEquity, custody);
    keep_other(state, evidence_hash);
    // EMIT
    HouseDrawn { location, seq: state.seq, asset_id, amount_minor, evidence_hash }.write(&mut state.out);
    Ok(())
}

/// Give the house's own assets to one client.
pub fn compensate_client(state: &mut State, command: CompensateClient) -> Result<(), Refusal> {
    let CompensateClient { from_location, to_location, account_id, asset_id, amount_minor, evidence_hash, .. } =
        command;
    // GATE
    find_client(state, account_id)?;
    check_location(state, asset_id, from_location)?;
    check_location(state, asset_id, to_location)?;
    check_inflow(state, Estate::CLIENT, asset_id, amount_minor)?;
    check_new_evidence(state, &evidence_hash, command.evidence_ns)?;
    check_custody(state, Estate::HOUSE, from_location, asset_id, amount_minor)?;
    // POST
    let (source, target) = (state.custody(Estate::HOUSE, from_location), state.custody(Estate::CLIENT, to_location));
    let available = state.available(account_id, asset_id);
    state.post(COMPENSATE_ASSETS, asset_id, amount_minor, target, source);
    state.post(COMPENSATE_CLAIM, asset_id, amount_minor, LedgerAccount::HouseEquity, available);
    keep_other(state, evidence_hash);
    // EMIT
    ClientCompensated { from_location, to_location, seq: state.seq, account_id, asset_id, amount_minor, evidence_hash }
        .write(&mut state.out);
    Ok(())
}

/// Give fees earned back to a client.
pub fn refund_fee(state: &mut State, command: RefundFee) -> Result<(), Refusal> {
    let RefundFee { account_id, asset_id, amount_minor, decision_hash, .. } = command;
    // GATE
    find_client(state, account_id)?;
    find_asset(state, asset_id)?;
    check_amount(amount_minor, AMOUNT_MAX)?;
    require_hash(&decision_hash, RejectCode::DecisionMissing)?;
    check_fees(state, asset_id, amount_minor)?;
    // POST
    let available = state.available(account_id, asset_id);
    state.post(FEE_BACK, asset_id, amount_minor, LedgerAccount::FeesEarned, available);
    // EMIT
    FeeRefunded { seq: state.seq, account_id, asset_id, amount_minor, decision_hash }.write(&mut state.out);
    Ok(())
}
