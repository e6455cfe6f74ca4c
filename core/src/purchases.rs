//! Open purchases of limited accounts: what they may still pay is kept free under the limits until it trades or goes.
//!
//! A purchase is a buy of a digital asset, or a sell of a fiat currency for one. It is checked when it is accepted, with
//! all that it holds, and counted when it trades, valued at the rate of its acceptance: when it is accepted, what open
//! purchases may still use and what was used do not exceed a limit together, and none of them ever counts more than it
//! keeps free, whatever rates do in between. The parts that one order counts on a day add up to the value of what it
//! paid that day, rounded up once: no day or month counts less than was paid in it. Every open purchase of an account
//! that a limit on purchases touches is in the table.

use crate::limits::{ask, check, count, is_limited, Asked};
use crate::periods::period_number;
use crate::rates::{is_known, rate_of, value_minor};
use crate::records::{AssetKind, LimitKind, LimitPeriod, LimitScope, Side};
use crate::refusal::Refusal;
use crate::state::{Market, State};
use crate::state_parts::Purchase;

/// Return whether an order of this side acquires a digital asset: by a buy, or for a fiat currency.
#[inline(never)]
pub fn is_purchase(state: &State, market: &Market, side: u8) -> bool {
    let base_kind = state.assets[market.base_asset_id as usize - 1].asset_kind;
    let quote_kind = state.assets[market.quote_asset_id as usize - 1].asset_kind;
    if side == Side::BUY {
        return base_kind == AssetKind::DIGITAL;
    }
    base_kind == AssetKind::FIAT && quote_kind == AssetKind::DIGITAL
}

/// Return whether limits on purchases bind an order of the account.
#[inline(always)]
pub fn is_limited_purchase(state: &State, market: &Market, account_id: u32, side: u8) -> bool {
    is_limited(state, account_id, LimitKind::PURCHASES) && is_purchase(state, market, side)
}

/// Refuse a purchase that could, with those that are open, go over a limit.
#[cold]
pub fn check_purchase(state: &State, account_id: u32, asset_id: u32, held_minor: u128) -> Result<(), Refusal> {
    check(state, account_id, LimitKind::PURCHASES, ask(state, asset_id, held_minor), None)
}

/// Keep free what an accepted purchase may pay.
#[cold]
pub fn open_purchase(state: &mut State, account_id: u32, order_id: u64, asset_id: u32, held_minor: u128) {
    let rate = rate_of(state, asset_id);
    let purchase = Purchase { account_id, asset_id, open_minor: held_minor, paid_minor: 0, paid_day: 0, rate };
    replace_purchase(state, order_id, Purchase { open_minor: 0, ..purchase }, purchase);
}

/// Keep more or less free for an amended purchase; refuse more than a limit leaves.
///
/// What grows is checked and valued at the present rate.
#[cold]
pub fn amend_purchase(state: &mut State, account_id: u32, order_id: u64, after_minor: u128) -> Result<(), Refusal> {
    let before = state.purchases[&order_id];
    let mut after = Purchase { open_minor: after_minor, ..before };
    if after_minor > before.open_minor {
        let asset_id = before.asset_id;
        let replaced = Asked { asset_id, minor: before.open_minor, value: Some(open_value(&before)) };
        check(state, account_id, LimitKind::PURCHASES, ask(state, asset_id, after_minor), Some(replaced))?;
        after.paid_minor = 0;
        after.rate = rate_of(state, asset_id);
    }
    replace_purchase(state, order_id, before, after);
    Ok(())
}

/// Count what an order has paid in a trade, and what it no longer holds; an order that is no purchase counts not.
#[cold]
pub fn count_purchase(state: &mut State, order_id: u64, paid_minor: u128, freed_minor: u128) {
    let Some(&before) = state.purchases.get(&order_id) else { return };
    let day = period_number(state, LimitPeriod::DAY);
    let paid_before = if before.paid_day == day { before.paid_minor } else { 0 };
    let paid = paid_before + paid_minor;
    let after = Purchase { open_minor: before.open_minor - freed_minor, paid_minor: paid, paid_day: day, ..before };
    replace_purchase(state, order_id, before, after);
    let rate = before.rate;
    let value = is_known(rate).then(|| value_minor(rate, paid) - value_minor(rate, paid_before));
    let used = Asked { asset_id: before.asset_id, minor: paid_minor, value };
    count(state, before.account_id, LimitKind::PURCHASES, used);
}

/// Keep less free for a purchase that was reduced without a trade.
#[cold]
pub fn reduce_purchase(state: &mut State, order_id: u64, freed_minor: u128) {
    if let Some(&before) = state.purchases.get(&order_id) {
        let after = Purchase { open_minor: before.open_minor - freed_minor, ..before };
        replace_purchase(state, order_id, before, after);
    }
}

/// Keep nothing free any more for an order that has ended.
#[cold]
pub fn close_purchase(state: &mut State, order_id: u64) {
    if let Some(&before) = state.purchases.get(&order_id) {
        replace_purchase(state, order_id, before, Purchase { open_minor: 0, ..before });
    }
}

/// Keep free for an order what another one of its list kept, at the same rate, before that one leaves.
#[cold]
pub fn hand_over_purchase(state: &mut State, giver_id: u64, taker_id: u64) {
    let Some(&given) = state.purchases.get(&giver_id) else { return };
    let none = Purchase { open_minor: 0, paid_minor: 0, ..given };
    let before = state.purchases.get(&taker_id).copied().unwrap_or(none);
    replace_purchase(state, giver_id, given, Purchase { open_minor: 0, ..given });
    let open_minor = before.open_minor + given.open_minor;
    replace_purchase(state, taker_id, before, Purchase { open_minor, ..before });
}

/// Return the most that a purchase may still add to a counter, on this day or a later one.
fn open_value(purchase: &Purchase) -> u128 {
    value_minor(purchase.rate, purchase.open_minor)
}

/// Keep a purchase as it is now and change the sums over open ones; with nothing left to pay it leaves.
pub fn replace_purchase(state: &mut State, order_id: u64, before: Purchase, after: Purchase) {
    let owner_id = state.accounts[after.account_id as usize - 1].owner_id;
    let (value_before, value_after) = (open_value(&before), open_value(&after));
    for (scope, subject) in [(LimitScope::OWNER, owner_id), (LimitScope::ACCOUNT, after.account_id as u64)] {
        add_open(state, (scope, subject, after.asset_id), before.open_minor, after.open_minor);
        add_open(state, (scope, subject, 0), value_before, value_after);
    }
    if after.open_minor == 0 {
        state.purchases.remove(&order_id);
    } else {
        state.purchases.insert(order_id, after);
    }
}

/// Change what open purchases of a subject may use; zero leaves the table.
fn add_open(state: &mut State, key: (u8, u64, u32), before: u128, after: u128) {
    let total = state.open_purchases.get(&key).copied().unwrap_or(0) - before + after;
    if total == 0 {
        state.open_purchases.remove(&key);
    } else {
        state.open_purchases.insert(key, total);
    }
}
