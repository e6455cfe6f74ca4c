//! Limits over time: one table of limits and one of what was used of them, by calendar day or month.
//!
//! A row of the limit table binds everybody of a class and residency, one owner or one account. A counter belongs to an
//! owner (for the first two: all accounts of the owner together) or to an account. Its key is (period, number of the
//! period, kind, scope of the subject, subject, asset), its value what was used: minor units of the asset or, for asset
//! 0, of the reference currency, each part valued by the rate at which it was counted. Limits that share a counter are
//! all checked, so that the strictest decides.
//!
//! What is not known binds: a client whose residency was never stated counts as resident and as non-resident, an owner
//! has the most protected class of its accounts, and what has no rate does not pass a limit in the reference currency.
//! An exempt client is counted all the same: when the exemption ends, the period goes on from there.
//!
//! Cost: an account that no limit touches pays one test of `limited`. Counters of periods that are over leave, two at a
//! time, when another of the same length is counted; the period before the present one stays, so that a time zone may
//! change at midnight.

use crate::periods::period_number;
use crate::rates::{amount_within, is_known, rate_of, value_minor};
use crate::records::{LimitKind, LimitPeriod, LimitScope, RejectCode};
use crate::refusal::{refuse, Refusal};
use crate::state::State;
use crate::state_parts::{ClientStatus, CounterKey};

const RETIRED_MAX: usize = 2;

/// What limits need to know of an owner.
#[derive(Clone, Copy)]
pub struct Client {
    pub client_class: u8,
    pub status: ClientStatus,
}

/// A limit that touches an account, and the subject whose counter it reads. `lifted`: counted and not checked.
#[derive(Clone, Copy)]
pub struct Bound {
    pub scope: u8,
    pub subject: u64,
    pub limit_period: u8,
    pub asset_id: u32,
    pub amount_max_minor: u128,
    pub lifted: bool,
}

/// What an act would use: an amount of an asset and what it is worth (None = its rate is not known).
#[derive(Clone, Copy)]
pub struct Asked {
    pub asset_id: u32,
    pub minor: u128,
    pub value: Option<u128>,
}

impl Asked {
    /// Return the part that a counter of this asset (0 = the reference currency) counts; None = not known.
    fn counted_in(&self, asset_id: u32) -> Option<u128> {
        match asset_id {
            0 => self.value,
            _ if asset_id == self.asset_id => Some(self.minor),
            _ => Some(0),
        }
    }
}

/// Return whether any limit of a kind touches the account.
#[inline(always)]
pub fn is_limited(state: &State, account_id: u32, kind: u8) -> bool {
    state.accounts[account_id as usize - 1].limited >> kind & 1 != 0
}

/// Return what is known of an account's owner: its most protected class (retail comes first) and its status.
pub fn client_of(state: &State, account_id: u32) -> Client {
    let owner_id = state.accounts[account_id as usize - 1].owner_id;
    let status = state.statuses.get(&owner_id).copied().unwrap_or_default();
    Client { client_class: state.owner_class(owner_id), status }
}

/// Return the limits of a kind that touch an account: of everybody, of its owner, its own.
pub fn bounds(state: &State, account_id: u32, client: Client, kind: u8) -> Vec<Bound> {
    let (owner_id, status) = (state.accounts[account_id as usize - 1].owner_id, client.status);
    let mut found = Vec::new();
    let scopes = [(LimitScope::EVERYBODY, 0), (LimitScope::OWNER, owner_id), (LimitScope::ACCOUNT, account_id as u64)];
    for (scope, subject) in scopes {
        let counted = if scope == LimitScope::ACCOUNT { account_id as u64 } else { owner_id };
        let (first, last) = ((kind, scope, subject, 0, 0, 0, 0), (kind, scope, subject, 255, u32::MAX, 255, 255));
        for (&(_, _, _, limit_period, asset_id, limit_class, limit_residency), limit) in
            state.limits.range(first..=last)
        {
            if limit_class != 0 && limit_class != client.client_class {
                continue;
            }
            if limit_residency != 0 && status.residency != 0 && status.residency != limit_residency {
                continue;
            }
            found.push(Bound {
                scope: scope.max(LimitScope::OWNER),
                subject: counted,
                limit_period,
                asset_id,
                amount_max_minor: limit.amount_max_minor,
                lifted: limit.exemptible == 1 && status.cap_exempt == 1,
            });
        }
    }
    found
}

/// Return the key of the counter that a limit reads in the present period.
fn counter_key(state: &State, kind: u8, bound: &Bound) -> CounterKey {
    let number = period_number(state, bound.limit_period);
    (bound.limit_period, number, kind, bound.scope, bound.subject, bound.asset_id)
}

/// Return what a limit leaves in the present period; of each act by itself, all of it.
pub fn room_minor(state: &State, kind: u8, bound: &Bound) -> u128 {
    if bound.limit_period == LimitPeriod::EACH {
        return bound.amount_max_minor;
    }
    let used = state.counters.get(&counter_key(state, kind, bound)).copied().unwrap_or(0);
    bound.amount_max_minor.saturating_sub(used)
}

/// Refuse what would go over a limit, with what open purchases may still use; `replaced` is no longer open.
pub fn check(state: &State, account_id: u32, kind: u8, asked: Asked, replaced: Option<Asked>) -> Result<(), Refusal> {
    for bound in bounds(state, account_id, client_of(state, account_id), kind) {
        let amount = asked.counted_in(bound.asset_id);
        if bound.lifted || amount == Some(0) {
            continue;
        }
        let Some(mut amount) = amount else { return refuse(RejectCode::RateMissing, asked.asset_id as u128, 0) };
        if kind == LimitKind::PURCHASES {
            let open = state.open_purchases.get(&(bound.scope, bound.subject, bound.asset_id)).copied().unwrap_or(0);
            amount += open - replaced.and_then(|gone| gone.counted_in(bound.asset_id)).unwrap_or(0);
        }
        let room = room_minor(state, kind, &bound);
        if amount > room {
            return refuse(RejectCode::LimitReached, room, amount);
        }
    }
    Ok(())
}

/// Add what was used to every counter of the account, once each.
pub fn count(state: &mut State, account_id: u32, kind: u8, used: Asked) {
    let mut counted: Vec<CounterKey> = Vec::new();
    for bound in bounds(state, account_id, client_of(state, account_id), kind) {
        if bound.limit_period == LimitPeriod::EACH {
            continue;
        }
        let key = counter_key(state, kind, &bound);
        let amount = used.counted_in(bound.asset_id).unwrap_or(0);
        if amount != 0 && !counted.contains(&key) {
            counted.push(key);
            let counter = state.counters.entry(key).or_insert(0);
            *counter = counter.saturating_add(amount);
            retire(state, bound.limit_period, key.1);
        }
    }
}

/// Drop counters of periods before the last one, a few at a time.
fn retire(state: &mut State, limit_period: u8, number: u32) {
    for _ in 0..RETIRED_MAX {
        let first = state.counters.range((limit_period, 0, 0, 0, 0, 0)..).next().map(|(&key, _)| key);
        match first {
            Some(key) if key.0 == limit_period && key.1 + 1 < number => state.counters.remove(&key),
            _ => return,
        };
    }
}

/// Count what the limits admit of a deposit, and return it. The rest waits: a fact is not refused.
pub fn admit_deposit(state: &mut State, account_id: u32, asset_id: u32, amount_minor: u128) -> u128 {
    if !is_limited(state, account_id, LimitKind::DEPOSITS) {
        return amount_minor;
    }
    let (mut admitted, rate) = (amount_minor, rate_of(state, asset_id));
    for bound in bounds(state, account_id, client_of(state, account_id), LimitKind::DEPOSITS) {
        if bound.lifted || (bound.asset_id != 0 && bound.asset_id != asset_id) {
            continue;
        }
        let room = room_minor(state, LimitKind::DEPOSITS, &bound);
        admitted = admitted.min(if bound.asset_id != 0 { room } else { amount_within(rate, room) });
    }
    let used = ask(state, asset_id, admitted);
    count(state, account_id, LimitKind::DEPOSITS, used);
    admitted
}

/// Refuse to credit more of what waits than the limits admit now.
pub fn check_deposit(state: &State, account_id: u32, asset_id: u32, amount_minor: u128) -> Result<(), Refusal> {
    if is_limited(state, account_id, LimitKind::DEPOSITS) {
        return check(state, account_id, LimitKind::DEPOSITS, ask(state, asset_id, amount_minor), None);
    }
    Ok(())
}

/// Count what is credited of what waited.
pub fn count_deposit(state: &mut State, account_id: u32, asset_id: u32, amount_minor: u128) {
    if is_limited(state, account_id, LimitKind::DEPOSITS) {
        let used = ask(state, asset_id, amount_minor);
        count(state, account_id, LimitKind::DEPOSITS, used);
    }
}

/// Return an amount with what it is worth at the present rate.
pub fn ask(state: &State, asset_id: u32, amount_minor: u128) -> Asked {
    let rate = rate_of(state, asset_id);
    let value = is_known(rate).then(|| value_minor(rate, amount_minor));
    Asked { asset_id, minor: amount_minor, value }
}

/// Refuse a request to withdraw that goes over a limit.
pub fn check_withdrawal(state: &State, account_id: u32, asset_id: u32, amount_minor: u128) -> Result<(), Refusal> {
    if is_limited(state, account_id, LimitKind::WITHDRAWALS) {
        return check(state, account_id, LimitKind::WITHDRAWALS, ask(state, asset_id, amount_minor), None);
    }
    Ok(())
}

/// Count a requested withdrawal. It stays counted when it is rejected later.
pub fn count_withdrawal(state: &mut State, account_id: u32, asset_id: u32, amount_minor: u128) {
    if is_limited(state, account_id, LimitKind::WITHDRAWALS) {
        let used = ask(state, asset_id, amount_minor);
        count(state, account_id, LimitKind::WITHDRAWALS, used);
    }
}

/// Refuse an order that is larger, by itself, than a limit of its account allows.
///
/// What has no price of its own counts at the market's reference price, and is too large where there is none.
#[cold]
pub fn check_order(
    state: &State,
    account_id: u32,
    market_id: u32,
    price_ticks: u64,
    quantity_lots: u64,
    cash_order_quantity_minor: u128,
) -> Result<(), Refusal> {
    let market = &state.markets[market_id as usize - 1];
    let price = if price_ticks != 0 { price_ticks } else { market.reference_price_ticks };
    if is_limited(state, account_id, LimitKind::ORDER_QUANTITY) {
        let lots = match (cash_order_quantity_minor, price) {
            (0, _) => quantity_lots as u128,
            (_, 0) => u64::MAX as u128,
            _ => cash_order_quantity_minor.div_ceil(market.cost_minor(price, 1)),
        };
        let minor = lots.saturating_mul(market.lot_size_minor as u128);
        let asked = Asked { asset_id: market.base_asset_id, minor, value: None };
        check(state, account_id, LimitKind::ORDER_QUANTITY, asked, None)?;
    }
    if is_limited(state, account_id, LimitKind::ORDER_VALUE) {
        let value = match (cash_order_quantity_minor, price) {
            (0, 0) => u128::MAX,
            (0, _) => market.cost_minor(price, quantity_lots),
            _ => cash_order_quantity_minor,
        };
        let asked = ask(state, market.quote_asset_id, value);
        check(state, account_id, LimitKind::ORDER_VALUE, asked, None)?;
    }
    Ok(())
}
