//! Commands on client assets and on the house's own: deposits, withdrawals, moves, sweeps.

use crate::arithmetic::AMOUNT_MAX;
use crate::cancel::require_canceling;
use crate::ledger::{
    Kind, LedgerAccount, DEPOSIT, DRAW_HOUSE, FUND_HOUSE, HOLD, MOVE_CLIENT, MOVE_HOUSE, RELEASE, SWEEP_ASSETS,
    SWEEP_CLAIM, WITHDRAW,
};
use crate::lookup::{find_account, find_asset};
use crate::records::{
    AccountRole, AccountState, CreditDeposit, CustodyMoved, DepositCredited, DrawHouse, Estate, FeesSwept, FundHouse,
    HouseDrawn, HouseFunded, MoveCustody, ParameterTable, RejectCode, RejectWithdrawal, RequestWithdrawal,
    SettleWithdrawal, SweepFees, WithdrawalRejected, WithdrawalRequested, WithdrawalSettled,
};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::state::{State, Withdrawal};

/// Refuse no amount, and more than a limit.
fn check_amount(amount_minor: u128, limit_minor: u128) -> Result<(), Refusal> {
    if amount_minor == 0 {
        return refuse(RejectCode::AmountZero, 1, 0);
    }
    if amount_minor > limit_minor {
        return refuse(RejectCode::AmountTooLarge, limit_minor, amount_minor);
    }
    Ok(())
}

/// Refuse an inflow that would take an estate's total of an asset over the limit.
fn check_inflow(state: &State, asset_id: u32, kind: Kind, amount_minor: u128) -> Result<(), Refusal> {
    check_amount(amount_minor, AMOUNT_MAX)?;
    let total = state.ledger.asset(asset_id).totals[kind as usize] + amount_minor;
    if total > AMOUNT_MAX {
        return refuse(RejectCode::AmountTooLarge, AMOUNT_MAX, total);
    }
    Ok(())
}

/// Refuse missing evidence, and evidence that has already counted.
fn check_evidence(state: &State, evidence_hash: &[u8; 32]) -> Result<(), Refusal> {
    require_hash(evidence_hash, RejectCode::EvidenceMissing)?;
    if state.evidence.contains(evidence_hash) {
        return refuse(RejectCode::EvidenceAlreadyUsed, 0, 1);
    }
    Ok(())
}

fn place_account(estate: u8, place: u8) -> LedgerAccount {
    let kind = if estate == Estate::CLIENT { Kind::ClientCustody } else { Kind::HouseCustody };
    LedgerAccount::Custody(kind, place)
}

/// Refuse to take from a place more than it holds.
fn check_place(state: &State, asset_id: u32, estate: u8, place: u8, amount_minor: u128) -> Result<(), Refusal> {
    let found = state.ledger.asset(asset_id).custody[estate as usize - 1][place as usize - 1];
    if found < amount_minor {
        return refuse(RejectCode::InsufficientCustody, amount_minor, found);
    }
    Ok(())
}

/// Credit assets that have arrived for a client.
pub fn credit_deposit(state: &mut State, command: CreditDeposit) -> Result<(), Refusal> {
    let (account_id, asset_id) = (command.account_id, command.asset_id);
    // GATE
    find_account(state, account_id)?;
    let account = state.account(account_id);
    if account.account_role == AccountRole::HOUSE {
        return refuse(RejectCode::HouseAssetsInClientEstate, 0, account_id as u128);
    }
    if account.account_state == AccountState::CLOSED {
        let account_state = account.account_state as u128;
        return refuse(RejectCode::AccountNotActive, AccountState::ACTIVE as u128, account_state);
    }
    find_asset(state, asset_id)?;
    check_inflow(state, asset_id, Kind::ClientCustody, command.amount_minor)?;
    check_evidence(state, &command.evidence_hash)?;
    // POST
    let balance = state.balance(account_id, asset_id);
    let (place, to) = (place_account(Estate::CLIENT, command.place), LedgerAccount::Available(balance));
    state.ledger.post(&mut state.invariants, DEPOSIT, asset_id, command.amount_minor, place, to);
    state.evidence.insert(command.evidence_hash);
    // EMIT
    let event = DepositCredited {
        place: command.place,
        seq: state.seq,
        account_id,
        asset_id,
        amount_minor: command.amount_minor,
        available_minor: state.ledger.available(balance),
        evidence_hash: command.evidence_hash,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Hold an amount that a client asks for.
pub fn request_withdrawal(state: &mut State, command: RequestWithdrawal) -> Result<(), Refusal> {
    let (account_id, asset_id, amount_minor) = (command.account_id, command.asset_id, command.amount_minor);
    // GATE
    find_account(state, account_id)?;
    require_canceling(state, account_id)?;
    find_asset(state, asset_id)?;
    let limit = state.parameter(ParameterTable::WITHDRAWAL_MAX_MINOR, asset_id as u64);
    check_amount(amount_minor, if limit != 0 { limit } else { AMOUNT_MAX })?;
    require_hash(&command.destination_hash, RejectCode::DestinationMissing)?;
    // HOLD
    let balance = state.balance(account_id, asset_id);
    let available = state.ledger.available(balance);
    if available < amount_minor {
        return refuse(RejectCode::InsufficientBalance, amount_minor, available);
    }
    let (from, to) = (LedgerAccount::Available(balance), LedgerAccount::Held(balance));
    state.ledger.post(&mut state.invariants, HOLD, asset_id, amount_minor, from, to);
    // POST
    let (withdrawal_id, destination_hash) = (state.seq, command.destination_hash);
    let withdrawal = Withdrawal { withdrawal_id, account_id, asset_id, amount_minor, destination_hash };
    state.withdrawals.insert(withdrawal_id, withdrawal);
    // EMIT
    let event =
        WithdrawalRequested { seq: state.seq, account_id, asset_id, withdrawal_id, amount_minor, destination_hash };
    event.write(&mut state.out);
    Ok(())
}

/// Return a requested withdrawal; refuse an unknown number.
fn find_withdrawal(state: &State, withdrawal_id: u64) -> Result<Withdrawal, Refusal> {
    match state.withdrawals.get(&withdrawal_id) {
        Some(withdrawal) => Ok(*withdrawal),
        None => refuse(RejectCode::WithdrawalUnknown, 0, withdrawal_id as u128),
    }
}

/// Record that a withdrawal left.
pub fn settle_withdrawal(state: &mut State, command: SettleWithdrawal) -> Result<(), Refusal> {
    // GATE
    let withdrawal = find_withdrawal(state, command.withdrawal_id)?;
    let (account_id, asset_id, amount_minor) = (withdrawal.account_id, withdrawal.asset_id, withdrawal.amount_minor);
    require_canceling(state, account_id)?;
    check_evidence(state, &command.evidence_hash)?;
    check_place(state, asset_id, Estate::CLIENT, command.place, amount_minor)?;
    // POST
    let balance = state.balance(account_id, asset_id);
    state.permitted_exit = Some((asset_id, amount_minor));
    let (from, place) = (LedgerAccount::Held(balance), place_account(Estate::CLIENT, command.place));
    state.ledger.post(&mut state.invariants, WITHDRAW, asset_id, amount_minor, from, place);
    state.evidence.insert(command.evidence_hash);
    state.withdrawals.remove(&command.withdrawal_id);
    // EMIT
    let event = WithdrawalSettled {
        place: command.place,
        seq: state.seq,
        account_id,
        asset_id,
        withdrawal_id: command.withdrawal_id,
        amount_minor,
        evidence_hash: command.evidence_hash,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Give a requested withdrawal back.
pub fn reject_withdrawal(state: &mut State, command: RejectWithdrawal) -> Result<(), Refusal> {
    // GATE
    let withdrawal = find_withdrawal(state, command.withdrawal_id)?;
    let (account_id, asset_id, amount_minor) = (withdrawal.account_id, withdrawal.asset_id, withdrawal.amount_minor);
    // POST
    let balance = state.balance(account_id, asset_id);
    let (from, to) = (LedgerAccount::Held(balance), LedgerAccount::Available(balance));
    state.ledger.post(&mut state.invariants, RELEASE, asset_id, amount_minor, from, to);
    state.withdrawals.remove(&command.withdrawal_id);
    // EMIT
    let event = WithdrawalRejected {
        withdrawal_reason: command.withdrawal_reason,
        seq: state.seq,
        account_id,
        asset_id,
        withdrawal_id: command.withdrawal_id,
        amount_minor,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Move assets between two places of one estate.
pub fn move_custody(state: &mut State, command: MoveCustody) -> Result<(), Refusal> {
    let (asset_id, amount_minor, estate) = (command.asset_id, command.amount_minor, command.estate);
    // GATE
    find_asset(state, asset_id)?;
    check_amount(amount_minor, AMOUNT_MAX)?;
    if command.from_place == command.to_place {
        return refuse(RejectCode::PlacesEqual, command.from_place as u128, command.to_place as u128);
    }
    check_evidence(state, &command.evidence_hash)?;
    check_place(state, asset_id, estate, command.from_place, amount_minor)?;
    // POST
    let movement = if estate == Estate::CLIENT { MOVE_CLIENT } else { MOVE_HOUSE };
    let (target, source) = (place_account(estate, command.to_place), place_account(estate, command.from_place));
    state.ledger.post(&mut state.invariants, movement, asset_id, amount_minor, target, source);
    state.evidence.insert(command.evidence_hash);
    // EMIT
    let event = CustodyMoved {
        estate,
        from_place: command.from_place,
        to_place: command.to_place,
        seq: state.seq,
        asset_id,
        amount_minor,
        evidence_hash: command.evidence_hash,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Move earned fees, and the assets behind them, to the house's estate.
pub fn sweep_fees(state: &mut State, command: SweepFees) -> Result<(), Refusal> {
    let (asset_id, amount_minor) = (command.asset_id, command.amount_minor);
    // GATE
    find_asset(state, asset_id)?;
    check_inflow(state, asset_id, Kind::HouseCustody, amount_minor)?;
    check_evidence(state, &command.evidence_hash)?;
    let fees_earned = state.ledger.asset(asset_id).fees_earned;
    if fees_earned < amount_minor {
        return refuse(RejectCode::InsufficientFees, amount_minor, fees_earned);
    }
    check_place(state, asset_id, Estate::CLIENT, command.from_place, amount_minor)?;
    // POST
    state.permitted_exit = Some((asset_id, amount_minor.min(fees_earned)));
    let (fees, equity) = (LedgerAccount::FeesEarned, LedgerAccount::HouseEquity);
    state.ledger.post(&mut state.invariants, SWEEP_CLAIM, asset_id, amount_minor, fees, equity);
    let target = place_account(Estate::HOUSE, command.to_place);
    let source = place_account(Estate::CLIENT, command.from_place);
    state.ledger.post(&mut state.invariants, SWEEP_ASSETS, asset_id, amount_minor, target, source);
    state.evidence.insert(command.evidence_hash);
    // EMIT
    let event = FeesSwept {
        from_place: command.from_place,
        to_place: command.to_place,
        seq: state.seq,
        asset_id,
        amount_minor,
        evidence_hash: command.evidence_hash,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Record the house's own assets arriving.
pub fn fund_house(state: &mut State, command: FundHouse) -> Result<(), Refusal> {
    let (asset_id, amount_minor) = (command.asset_id, command.amount_minor);
    // GATE
    find_asset(state, asset_id)?;
    check_inflow(state, asset_id, Kind::HouseCustody, amount_minor)?;
    check_evidence(state, &command.evidence_hash)?;
    // POST
    let place = place_account(Estate::HOUSE, command.place);
    state.ledger.post(&mut state.invariants, FUND_HOUSE, asset_id, amount_minor, place, LedgerAccount::HouseEquity);
    state.evidence.insert(command.evidence_hash);
    // EMIT
    let (place, evidence_hash) = (command.place, command.evidence_hash);
    HouseFunded { place, seq: state.seq, asset_id, amount_minor, evidence_hash }.write(&mut state.out);
    Ok(())
}

/// Record the house's own assets leaving.
pub fn draw_house(state: &mut State, command: DrawHouse) -> Result<(), Refusal> {
    let (asset_id, amount_minor) = (command.asset_id, command.amount_minor);
    // GATE
    find_asset(state, asset_id)?;
    check_amount(amount_minor, AMOUNT_MAX)?;
    check_evidence(state, &command.evidence_hash)?;
    check_place(state, asset_id, Estate::HOUSE, command.place, amount_minor)?;
    // POST
    let place = place_account(Estate::HOUSE, command.place);
    state.ledger.post(&mut state.invariants, DRAW_HOUSE, asset_id, amount_minor, LedgerAccount::HouseEquity, place);
    state.evidence.insert(command.evidence_hash);
    // EMIT
    let (place, evidence_hash) = (command.place, command.evidence_hash);
    HouseDrawn { place, seq: state.seq, asset_id, amount_minor, evidence_hash }.write(&mut state.out);
    Ok(())
}
