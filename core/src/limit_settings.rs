//! Commands on the limit table and on what it knows of clients: set and remove a limit, state a client's status.
//!
//! After a change the marks of the accounts that it may touch are derived again. A limit binds every order, also those
//! that stood before it: open purchases of an account that a limit begins to touch are canceled, and so are those that,
//! with what was used, no longer fit. They can be placed again as far as the limit goes.

use crate::arithmetic::AMOUNT_MAX;
use crate::cancel::cancel_open_orders;
use crate::limits::{bounds, client_of, is_limited, room_minor};
use crate::lookup::{find_account, find_asset};
use crate::purchases::{close_purchase, is_purchase};
use crate::rates::VALUE_MAX;
use crate::records::{
    CancelReason, ClientStatusSet, LimitKind, LimitPeriod, LimitRemovalScheduled, LimitRemoved, LimitScheduled,
    LimitScope, LimitSet, RejectCode, RemoveLimit, SetClientStatus, SetLimit,
};
use crate::refusal::{refuse, require_hash, unknown, Refusal};
use crate::settings::{check_setting, keep_setting, setting};
use crate::state::State;
use crate::state_parts::{ClientStatus, Limit, LimitKey};

pub const KINDS: [u8; 5] = [
    LimitKind::DEPOSITS,
    LimitKind::PURCHASES,
    LimitKind::WITHDRAWALS,
    LimitKind::ORDER_QUANTITY,
    LimitKind::ORDER_VALUE,
];

/// The terms by which a limit is named.
#[derive(Clone, Copy)]
pub struct Terms {
    pub limit_kind: u8,
    pub limit_scope: u8,
    pub limit_period: u8,
    pub limit_class: u8,
    pub limit_residency: u8,
    pub limit_asset_id: u32,
    pub limit_subject: u64,
}

impl Terms {
    fn key(&self) -> LimitKey {
        let subject = (self.limit_kind, self.limit_scope, self.limit_subject);
        let row = (self.limit_period, self.limit_asset_id, self.limit_class, self.limit_residency);
        (subject.0, subject.1, subject.2, row.0, row.1, row.2, row.3)
    }
}

macro_rules! terms {
    ($command:expr) => {
        crate::limit_settings::Terms {
            limit_kind: $command.limit_kind,
            limit_scope: $command.limit_scope,
            limit_period: $command.limit_period,
            limit_class: $command.limit_class,
            limit_residency: $command.limit_residency,
            limit_asset_id: $command.limit_asset_id,
            limit_subject: $command.limit_subject,
        }
    };
}
pub(crate) use terms;

/// Refuse terms that name nobody, or somebody in two ways.
fn check_terms(state: &State, terms: &Terms) -> Result<(), Refusal> {
    if terms.limit_scope == LimitScope::EVERYBODY {
        if terms.limit_subject != 0 {
            return refuse(RejectCode::LimitInvalid, 0, terms.limit_subject as u128);
        }
    } else if terms.limit_class != 0 || terms.limit_residency != 0 {
        let found = if terms.limit_class != 0 { terms.limit_class } else { terms.limit_residency };
        return refuse(RejectCode::LimitInvalid, 0, found as u128);
    } else if terms.limit_scope == LimitScope::ACCOUNT {
        match u32::try_from(terms.limit_subject) {
            Ok(account_id) => find_account(state, account_id)?,
            Err(_) => {
                let (count, found) = (state.accounts.len() as u128, terms.limit_subject as u128);
                return refuse(RejectCode::AccountUnknown, count, found);
            }
        }
    } else {
        find_owner(state, terms.limit_subject)?;
    }
    check_period(terms)?;
    if terms.limit_asset_id != 0 {
        find_asset(state, terms.limit_asset_id)?;
    } else if terms.limit_kind == LimitKind::ORDER_QUANTITY {
        return refuse(RejectCode::LimitInvalid, 1, 0);
    }
    Ok(())
}

/// Refuse a period that the kind does not take: an order is judged by itself, deposits and purchases add up.
fn check_period(terms: &Terms) -> Result<(), Refusal> {
    let is_each = terms.limit_period == LimitPeriod::EACH;
    let expected = match terms.limit_kind {
        LimitKind::ORDER_QUANTITY | LimitKind::ORDER_VALUE if !is_each => LimitPeriod::EACH,
        LimitKind::DEPOSITS | LimitKind::PURCHASES if is_each => LimitPeriod::MONTH,
        _ => return Ok(()),
    };
    refuse(RejectCode::LimitInvalid, expected as u128, terms.limit_period as u128)
}

/// Refuse terms that do not fit, an amount out of range, and a change that no rulebook orders.
pub fn check_limit(
    state: &State,
    terms: &Terms,
    amount_max_minor: u128,
    rulebook_hash: &[u8; 32],
) -> Result<(), Refusal> {
    check_terms(state, terms)?;
    let amount_max = if terms.limit_asset_id != 0 { AMOUNT_MAX } else { VALUE_MAX - 1 };
    if amount_max_minor > amount_max {
        return refuse(RejectCode::LimitInvalid, amount_max, amount_max_minor);
    }
    require_hash(rulebook_hash, RejectCode::RulebookHashMissing)
}

/// Refuse an owner without an account.
fn find_owner(state: &State, owner_id: u64) -> Result<(), Refusal> {
    if state.accounts_of(owner_id).is_empty() {
        return unknown(RejectCode::OwnerUnknown, owner_id);
    }
    Ok(())
}

/// Set a limit, at once or later.
pub fn set_limit(state: &mut State, command: SetLimit) -> Result<(), Refusal> {
    // GATE
    check_limit(state, &terms!(command), command.amount_max_minor, &command.rulebook_hash)?;
    let setting = setting!(command);
    check_setting(state, &setting)?;
    // POST EMIT
    if keep_setting(state, &setting) {
        let event = LimitScheduled {
            limit_kind: command.limit_kind,
            limit_scope: command.limit_scope,
            limit_period: command.limit_period,
            limit_class: command.limit_class,
            limit_residency: command.limit_residency,
            exemptible: command.exemptible,
            seq: state.seq,
            limit_asset_id: command.limit_asset_id,
            limit_subject: command.limit_subject,
            effective_ns: command.effective_ns,
            amount_max_minor: command.amount_max_minor,
            rulebook_hash: command.rulebook_hash,
        };
        event.write(&mut state.out);
    } else {
        apply_limit(state, command, 0);
    }
    Ok(())
}

/// Let a limit bind.
pub fn apply_limit(state: &mut State, command: SetLimit, scheduled_seq: u64) {
    // POST
    let terms = terms!(command);
    let limit = Limit {
        amount_max_minor: command.amount_max_minor,
        exemptible: command.exemptible,
        rulebook_hash: command.rulebook_hash,
    };
    state.limits.insert(terms.key(), limit);
    // EMIT
    let event = LimitSet {
        limit_kind: command.limit_kind,
        limit_scope: command.limit_scope,
        limit_period: command.limit_period,
        limit_class: command.limit_class,
        limit_residency: command.limit_residency,
        exemptible: command.exemptible,
        seq: state.seq,
        limit_asset_id: command.limit_asset_id,
        limit_subject: command.limit_subject,
        scheduled_seq,
        amount_max_minor: command.amount_max_minor,
        rulebook_hash: command.rulebook_hash,
    };
    event.write(&mut state.out);
    derive_limits(state, touched_accounts(state, &terms), &[command.limit_kind]);
}

/// Remove a limit, at once or later.
pub fn remove_limit(state: &mut State, command: RemoveLimit) -> Result<(), Refusal> {
    // GATE
    let terms = terms!(command);
    check_limit(state, &terms, 0, &command.rulebook_hash)?;
    if !state.limits.contains_key(&terms.key()) {
        return refuse(RejectCode::LimitUnknown, 1, 0);
    }
    let setting = setting!(command);
    check_setting(state, &setting)?;
    // POST EMIT
    if keep_setting(state, &setting) {
        let event = LimitRemovalScheduled {
            limit_kind: command.limit_kind,
            limit_scope: command.limit_scope,
            limit_period: command.limit_period,
            limit_class: command.limit_class,
            limit_residency: command.limit_residency,
            seq: state.seq,
            limit_asset_id: command.limit_asset_id,
            limit_subject: command.limit_subject,
            effective_ns: command.effective_ns,
            rulebook_hash: command.rulebook_hash,
        };
        event.write(&mut state.out);
    } else {
        apply_removal(state, command, 0);
    }
    Ok(())
}

/// Let a limit bind no longer; one that is gone already stays gone.
pub fn apply_removal(state: &mut State, command: RemoveLimit, scheduled_seq: u64) {
    // POST
    let terms = terms!(command);
    state.limits.remove(&terms.key());
    // EMIT
    let event = LimitRemoved {
        limit_kind: command.limit_kind,
        limit_scope: command.limit_scope,
        limit_period: command.limit_period,
        limit_class: command.limit_class,
        limit_residency: command.limit_residency,
        seq: state.seq,
        limit_asset_id: command.limit_asset_id,
        limit_subject: command.limit_subject,
        scheduled_seq,
        rulebook_hash: command.rulebook_hash,
    };
    event.write(&mut state.out);
    derive_limits(state, touched_accounts(state, &terms), &[command.limit_kind]);
}

/// State an owner's class, residency and exemption.
pub fn set_client_status(state: &mut State, command: SetClientStatus) -> Result<(), Refusal> {
    // GATE
    find_owner(state, command.owner_id)?;
    require_hash(&command.decision_hash, RejectCode::DecisionMissing)?;
    // POST
    let account_ids = state.accounts_of(command.owner_id);
    state.set_owner_class(&account_ids, command.client_class);
    let status = ClientStatus { residency: command.residency, cap_exempt: command.cap_exempt };
    state.statuses.insert(command.owner_id, status);
    // EMIT
    let event = ClientStatusSet {
        client_class: command.client_class,
        residency: command.residency,
        cap_exempt: command.cap_exempt,
        seq: state.seq,
        owner_id: command.owner_id,
        decision_hash: command.decision_hash,
    };
    event.write(&mut state.out);
    derive_limits(state, account_ids, &KINDS);
    Ok(())
}

/// Return the accounts that a row of the limit table may touch, in order.
fn touched_accounts(state: &State, terms: &Terms) -> Vec<u32> {
    match terms.limit_scope {
        LimitScope::ACCOUNT => vec![terms.limit_subject as u32],
        LimitScope::OWNER => state.accounts_of(terms.limit_subject),
        _ => (1..=state.accounts.len() as u32).collect(),
    }
}

/// Return a bit for each kind of limit that touches the account; those of other kinds stay as they are.
pub fn touching_kinds(state: &State, account_id: u32, kinds: &[u8]) -> u8 {
    let (client, mut limited) = (client_of(state, account_id), state.accounts[account_id as usize - 1].limited);
    for &kind in kinds {
        limited &= !(1 << kind);
        limited |= ((!bounds(state, account_id, client, kind).is_empty()) as u8) << kind;
    }
    limited
}

/// Mark accounts with the kinds of limits that touch them, and cancel open purchases that do not fit.
pub fn derive_limits(state: &mut State, account_ids: Vec<u32>, kinds: &[u8]) {
    let (mut begun, mut freed) = (Vec::with_capacity(account_ids.len()), false);
    for &account_id in &account_ids {
        let was_limited = is_limited(state, account_id, LimitKind::PURCHASES);
        state.account(account_id).limited = touching_kinds(state, account_id, kinds);
        let is_now = is_limited(state, account_id, LimitKind::PURCHASES);
        begun.push(is_now && !was_limited);
        freed |= was_limited && !is_now;
    }
    if freed {
        let gone = |(&order_id, purchase): (&u64, &crate::state_parts::Purchase)| {
            (!is_limited(state, purchase.account_id, LimitKind::PURCHASES)).then_some(order_id)
        };
        let gone: Vec<u64> = state.purchases.iter().filter_map(gone).collect();
        gone.into_iter().for_each(|order_id| close_purchase(state, order_id));
    }
    if !kinds.contains(&LimitKind::PURCHASES) {
        return;
    }
    for (account_id, begun) in account_ids.into_iter().zip(begun) {
        let is_open = state.account(account_id).open_orders != 0;
        if is_open && is_limited(state, account_id, LimitKind::PURCHASES) && (begun || !fits(state, account_id)) {
            cancel_purchases(state, account_id);
        }
    }
}

/// Return whether open purchases fit in what the limits leave.
fn fits(state: &State, account_id: u32) -> bool {
    bounds(state, account_id, client_of(state, account_id), LimitKind::PURCHASES).iter().all(|bound| {
        let key = (bound.scope, bound.subject, bound.asset_id);
        let may_use = state.open_purchases.get(&key).copied().unwrap_or(0);
        bound.lifted || may_use <= room_minor(state, LimitKind::PURCHASES, bound)
    })
}

/// Cancel the open purchases of an account, market by market.
fn cancel_purchases(state: &mut State, account_id: u32) {
    for market_id in 1..=state.markets.len() as u32 {
        let market = &state.markets[market_id as usize - 1];
        let mut slots = market.book.orders_of(account_id);
        slots.retain(|&slot| is_purchase(state, market, market.book.cold[slot as usize].side));
        cancel_open_orders(state, market_id, slots, CancelReason::LIMIT);
    }
}
