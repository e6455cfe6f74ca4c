//! Losses and network fees, and how the house and what comes back make up for them.

use crate::arithmetic::AMOUNT_MAX;
use crate::custody::{check_amount, check_custody, check_inflow, check_location};
use crate::deposits::post_recovery;
use crate::evidence::{check_new_evidence, keep_other};
use crate::ledger::{
    LedgerAccount, FLOAT_ASSETS, FLOAT_CLAIM, LOSS, NETWORK_FEE, NETWORK_FEE_FROM_FEES, TOP_UP_ASSETS, TOP_UP_CLAIM,
    TOP_UP_FROM_FEES, TOP_UP_FROM_FLOAT,
};
use crate::lookup::find_asset;
use crate::receipts::{receive_at, Waiting};
use crate::records::{
    Estate, FloatLent, LendFloat, LossRecorded, NetworkFeePaid, ReceiptReason, RecordLoss, RecordNetworkFee,
    RecordRecovery, RejectCode, ShortfallToppedUp, ShortfallToppedUpFromFees, TopUpFromFees, TopUpShortfall,
};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::state::State;
use crate::undo::take_out;

/// Record client assets that are gone.
pub fn record_loss(state: &mut State, command: RecordLoss) -> Result<(), Refusal> {
    let (asset_id, amount_minor, location) = (command.asset_id, command.amount_minor, command.location);
    // GATE
    check_location(state, asset_id, location)?;
    check_amount(amount_minor, AMOUNT_MAX)?;
    check_new_evidence(state, &command.evidence_hash, command.evidence_ns)?;
    check_custody(state, Estate::CLIENT, location, asset_id, amount_minor)?;
    // POST
    let custody = state.custody(Estate::CLIENT, location);
    take_out(state, LOSS, asset_id, amount_minor, LedgerAccount::Shortfall, custody);
    keep_other(state, command.evidence_hash);
    // EMIT
    let (loss_reason, seq, evidence_hash) = (command.loss_reason, state.seq, command.evidence_hash);
    LossRecorded { loss_reason, location, seq, asset_id, amount_minor, evidence_hash }.write(&mut state.out);
    Ok(())
}

/// Record lost assets that came back; what exceeds the shortfall waits unattributed.
pub fn record_recovery(state: &mut State, command: RecordRecovery) -> Result<(), Refusal> {
    let (asset_id, amount_minor, location) = (command.asset_id, command.amount_minor, command.location);
    let evidence_hash = command.evidence_hash;
    // GATE
    check_location(state, asset_id, location)?;
    check_inflow(state, Estate::CLIENT, asset_id, amount_minor)?;
    check_new_evidence(state, &evidence_hash, command.evidence_ns)?;
    // POST EMIT
    let covered = amount_minor.min(state.ledger.asset(asset_id).shortfall);
    post_recovery(state, location, asset_id, covered, evidence_hash);
    let rest = amount_minor - covered;
    if rest != 0 {
        let reason = ReceiptReason::RECOVERED;
        receive_at(state, Waiting { reason, location, account_id: 0, asset_id, amount_minor: rest, evidence_hash });
    }
    keep_other(state, evidence_hash);
    Ok(())
}

/// Record what a network took: from the float, then from the fees earned, the rest is lost.
pub fn record_network_fee(state: &mut State, command: RecordNetworkFee) -> Result<(), Refusal> {
    let (asset_id, amount_minor, location) = (command.asset_id, command.amount_minor, command.location);
    // GATE
    check_location(state, asset_id, location)?;
    check_amount(amount_minor, AMOUNT_MAX)?;
    check_new_evidence(state, &command.evidence_hash, command.evidence_ns)?;
    check_custody(state, Estate::CLIENT, location, asset_id, amount_minor)?;
    // POST
    let (custody, asset) = (state.custody(Estate::CLIENT, location), state.ledger.asset(asset_id));
    let float_minor = amount_minor.min(asset.network_float);
    let fees_minor = (amount_minor - float_minor).min(asset.fees_earned);
    let lost_minor = amount_minor - float_minor - fees_minor;
    take_out(state, NETWORK_FEE, asset_id, float_minor, LedgerAccount::NetworkFloat, custody);
    take_out(state, NETWORK_FEE_FROM_FEES, asset_id, fees_minor, LedgerAccount::FeesEarned, custody);
    take_out(state, LOSS, asset_id, lost_minor, LedgerAccount::Shortfall, custody);
    keep_other(state, command.evidence_hash);
    // EMIT
    NetworkFeePaid { location, seq: state.seq, asset_id, float_minor, fees_minor, lost_minor }.write(&mut state.out);
    Ok(())
}

/// Refuse assets that cannot go from the house's estate to the clients' as the command says.
fn check_house_gives(state: &State, command: &LendFloat) -> Result<(), Refusal> {
    let (asset_id, amount_minor) = (command.asset_id, command.amount_minor);
    check_location(state, asset_id, command.from_location)?;
    check_location(state, asset_id, command.to_location)?;
    check_inflow(state, Estate::CLIENT, asset_id, amount_minor)?;
    check_new_evidence(state, &command.evidence_hash, command.evidence_ns)?;
    check_custody(state, Estate::HOUSE, command.from_location, asset_id, amount_minor)
}

/// Lend the house's own assets for network fees.
pub fn lend_float(state: &mut State, command: LendFloat) -> Result<(), Refusal> {
    let LendFloat { from_location, to_location, asset_id, amount_minor, evidence_hash, .. } = command;
    // GATE
    check_house_gives(state, &command)?;
    // POST
    let (source, target) = (state.custody(Estate::HOUSE, from_location), state.custody(Estate::CLIENT, to_location));
    state.post(FLOAT_ASSETS, asset_id, amount_minor, target, source);
    state.post(FLOAT_CLAIM, asset_id, amount_minor, LedgerAccount::HouseEquity, LedgerAccount::NetworkFloat);
    keep_other(state, evidence_hash);
    // EMIT
    FloatLent { from_location, to_location, seq: state.seq, asset_id, amount_minor, evidence_hash }
        .write(&mut state.out);
    Ok(())
}

/// Refuse to top up more than is missing.
fn check_top_up(state: &State, asset_id: u32, amount_minor: u128) -> Result<(), Refusal> {
    let shortfall = state.ledger.asset(asset_id).shortfall;
    if shortfall < amount_minor {
        return refuse(RejectCode::InsufficientShortfall, shortfall, amount_minor);
    }
    Ok(())
}

/// Close a shortfall with the house's own assets.
pub fn top_up_shortfall(state: &mut State, command: TopUpShortfall) -> Result<(), Refusal> {
    let TopUpShortfall { from_location, to_location, ts_ns, asset_id, evidence_ns, amount_minor, evidence_hash } =
        command;
    // GATE
    check_location(state, asset_id, from_location)?;
    check_amount(amount_minor, AMOUNT_MAX)?;
    check_top_up(state, asset_id, amount_minor)?;
    let given = LendFloat { from_location, to_location, ts_ns, asset_id, evidence_ns, amount_minor, evidence_hash };
    check_house_gives(state, &given)?;
    // POST
    let (source, target) = (state.custody(Estate::HOUSE, from_location), state.custody(Estate::CLIENT, to_location));
    state.post(TOP_UP_ASSETS, asset_id, amount_minor, target, source);
    state.post(TOP_UP_CLAIM, asset_id, amount_minor, LedgerAccount::HouseEquity, LedgerAccount::Shortfall);
    keep_other(state, evidence_hash);
    // EMIT
    ShortfallToppedUp { from_location, to_location, seq: state.seq, asset_id, amount_minor, evidence_hash }
        .write(&mut state.out);
    Ok(())
}

/// Close a shortfall with fees earned, then with the network float.
pub fn top_up_from_fees(state: &mut State, command: TopUpFromFees) -> Result<(), Refusal> {
    let (asset_id, amount_minor, decision_hash) = (command.asset_id, command.amount_minor, command.decision_hash);
    // GATE
    find_asset(state, asset_id)?;
    check_amount(amount_minor, AMOUNT_MAX)?;
    require_hash(&decision_hash, RejectCode::DecisionMissing)?;
    check_top_up(state, asset_id, amount_minor)?;
    let asset = state.ledger.asset(asset_id);
    let found = asset.fees_earned + asset.network_float;
    if found < amount_minor {
        return refuse(RejectCode::InsufficientFees, amount_minor, found);
    }
    // POST
    let fees_minor = amount_minor.min(asset.fees_earned);
    let float_minor = amount_minor - fees_minor;
    state.post(TOP_UP_FROM_FEES, asset_id, fees_minor, LedgerAccount::FeesEarned, LedgerAccount::Shortfall);
    state.post(TOP_UP_FROM_FLOAT, asset_id, float_minor, LedgerAccount::NetworkFloat, LedgerAccount::Shortfall);
    // EMIT
    ShortfallToppedUpFromFees { seq: state.seq, asset_id, fees_minor, float_minor, decision_hash }
        .write(&mut state.out);
    Ok(())
}
