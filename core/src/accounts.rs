//! Account commands: open, change state, change fee tier.

use crate::cancel::cancel_open_orders;
use crate::limit_settings::{derive_limits, KINDS};
use crate::lookup::find_account;
use crate::numbers::note_assigned;
use crate::records::{
    AccountOpened, AccountRole, AccountState, AccountStateChanged, AccountTierSet, CancelReason, NumberSpace,
    OpenAccount, RejectCode, SetAccountState, SetAccountTier,
};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::state::{Account, State, TIER_COUNT};

/// Add an active account.
pub fn open_account(state: &mut State, command: OpenAccount) -> Result<(), Refusal> {
    // GATE
    if command.owner_id == 0 {
        return refuse(RejectCode::OwnerMissing, 1, 0);
    }
    let is_affiliate = command.account_role == AccountRole::AFFILIATE;
    if is_affiliate != (command.approval_id != 0) {
        return refuse(RejectCode::ApprovalMismatch, is_affiliate as u128, command.approval_id as u128);
    }
    check_tier(command.fee_tier)?;
    // POST
    let account = Account {
        owner_id: command.owner_id,
        approval_id: command.approval_id,
        account_role: command.account_role,
        account_state: AccountState::ACTIVE,
        fee_tier: command.fee_tier,
        ..Account::default()
    };
    state.add_account(account, command.client_class, command.leaf_salt);
    note_assigned(state, NumberSpace::ACCOUNT);
    state.learn_owner(command.owner_id, command.account_role);
    // EMIT
    let event = AccountOpened {
        client_class: command.client_class,
        account_role: command.account_role,
        fee_tier: command.fee_tier,
        seq: state.seq,
        account_id: state.accounts.len() as u32,
        owner_id: command.owner_id,
        approval_id: command.approval_id,
    };
    event.write(&mut state.out);
    cancel_barred_orders(state, command.owner_id);
    if !state.limits.is_empty() {
        let account_ids = state.accounts_of(command.owner_id);
        derive_limits(state, account_ids, &KINDS);
    }
    Ok(())
}

/// Return a state that an account can go to, 0 where there is none.
fn other_state(before: u8) -> u8 {
    match before {
        AccountState::CLOSED => 0,
        AccountState::ACTIVE => AccountState::RESTRICTED,
        _ => AccountState::ACTIVE,
    }
}

/// Change what an account may do. Any state but active cancels its open orders.
pub fn set_account_state(state: &mut State, command: SetAccountState) -> Result<(), Refusal> {
    // GATE
    find_account(state, command.account_id)?;
    let before = state.account(command.account_id).account_state;
    if before == command.account_state || before == AccountState::CLOSED {
        return refuse(
            RejectCode::AccountStateNotReachable,
            other_state(before) as u128,
            command.account_state as u128,
        );
    }
    require_hash(&command.decision_hash, RejectCode::DecisionMissing)?;
    if command.account_state == AccountState::CLOSED {
        let holdings = state.count_holdings(command.account_id);
        if holdings != 0 {
            return refuse(RejectCode::AccountNotEmpty, 0, holdings);
        }
    }
    // POST
    state.account(command.account_id).account_state = command.account_state;
    // EMIT
    let event = AccountStateChanged {
        account_state: command.account_state,
        from_account_state: before,
        seq: state.seq,
        account_id: command.account_id,
        decision_hash: command.decision_hash,
    };
    event.write(&mut state.out);
    if command.account_state != AccountState::ACTIVE {
        cancel_orders_of(state, command.account_id);
    }
    Ok(())
}

/// Change an account's fee tier.
pub fn set_account_tier(state: &mut State, command: SetAccountTier) -> Result<(), Refusal> {
    // GATE
    find_account(state, command.account_id)?;
    check_tier(command.fee_tier)?;
    // POST
    state.account(command.account_id).fee_tier = command.fee_tier;
    // EMIT
    let event = AccountTierSet { fee_tier: command.fee_tier, seq: state.seq, account_id: command.account_id };
    event.write(&mut state.out);
    Ok(())
}

/// Cancel the open orders of an owner's accounts that may not trade any more.
fn cancel_barred_orders(state: &mut State, owner_id: u64) {
    if !state.insiders.contains_key(&owner_id) {
        return;
    }
    for account_id in state.accounts_of(owner_id) {
        let account = *state.account(account_id);
        if !state.may_trade(&account) {
            cancel_orders_of(state, account_id);
        }
    }
}

/// Cancel the open orders of an account, market by market.
fn cancel_orders_of(state: &mut State, account_id: u32) {
    for market_id in 1..=state.markets.len() as u32 {
        let slots = state.market(market_id).book.orders_of(account_id);
        cancel_open_orders(state, market_id, slots, CancelReason::ACCOUNT_STATE);
    }
}

/// Refuse a fee tier that does not exist.
fn check_tier(fee_tier: u8) -> Result<(), Refusal> {
    if fee_tier as usize >= TIER_COUNT {
        return refuse(RejectCode::FeeTierUnknown, TIER_COUNT as u128 - 1, fee_tier as u128);
    }
    Ok(())
}
