//! Open purchases of limited accounts: what they may still pay is kept free under the limits until it trades or goes.
//!
//! A purchase is a buy of a digital asset, or a sell of a fiat currency for one. It is checked when it is accepted, with
//! all that it holds, and counted when it trades, valued at the rate of its acceptance: what open purchases may still
//! use and what was used never exceed a limit together, whatever rates do in between. The parts that one order counts
//! add up to what it paid, rounded up once. Every open purchase of an account that a limit on purchases touches is in
//! the table.

use crate::limits::{ask, check, count, is_limited, Asked};
use crate::rates::{is_known, rate_of, value_minor};
use crate::records::{AssetKind, LimitKind, LimitScope, Side};
use crate::refusal::Refusal;
use crate::state::{Market, Purchase, Rate, State};

/// Return whether an order of this side acquires a digital asset: by a buy, or for a fiat currency.
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
    resize(state, order_id, Purchase { account_id, asset_id, open_minor: 0, rate }, held_minor, rate);
}

/// Keep more or less free for an amended purchase; refuse more than a limit leaves.
///
/// What grows is checked and valued at the present rate.
#[cold]
pub fn amend_purchase(
    state: &mut State,
    account_id: u32,
    order_id: u64,
    before_minor: u128,
    after_minor: u128,
) -> Result<(), Refusal> {
    let purchase = state.purchases[&order_id];
    let asset_id = purchase.asset_id;
    if after_minor <= before_minor {
        resize(state, order_id, purchase, after_minor, purchase.rate);
        return Ok(());
    }
    let value = Some(value_minor(purchase.rate, before_minor));
    let replaced = Asked { asset_id, minor: before_minor, value };
    check(state, account_id, LimitKind::PURCHASES, ask(state, asset_id, after_minor), Some(replaced))?;
    let rate = rate_of(state, asset_id);
    resize(state, order_id, purchase, after_minor, rate);
    Ok(())
}

/// Count what an order has paid in a trade, and what it no longer holds; an order that is no purchase counts not.
#[cold]
pub fn count_purchase(state: &mut State, order_id: u64, paid_minor: u128, freed_minor: u128) {
    let Some(&purchase) = state.purchases.get(&order_id) else { return };
    let rate = purchase.rate;
    let freed_value = resize(state, order_id, purchase, purchase.open_minor - freed_minor, rate);
    let value = is_known(rate).then(|| value_minor(rate, paid_minor).min(freed_value));
    let used = Asked { asset_id: purchase.asset_id, minor: paid_minor, value };
    count(state, purchase.account_id, LimitKind::PURCHASES, used);
}

/// Keep less free for a purchase that was reduced without a trade.
#[cold]
pub fn reduce_purchase(state: &mut State, order_id: u64, freed_minor: u128) {
    if let Some(&purchase) = state.purchases.get(&order_id) {
        resize(state, order_id, purchase, purchase.open_minor - freed_minor, purchase.rate);
    }
}

/// Keep nothing free any more for an order that has ended.
#[cold]
pub fn close_purchase(state: &mut State, order_id: u64) {
    if let Some(&purchase) = state.purchases.get(&order_id) {
        resize(state, order_id, purchase, 0, purchase.rate);
    }
}

/// Set what a purchase may still pay and its rate; return by how much its value fell. Nothing left: it is gone.
pub fn resize(state: &mut State, order_id: u64, purchase: Purchase, open_minor: u128, rate: Rate) -> u128 {
    let (minor_before, value_before) = (purchase.open_minor, value_minor(purchase.rate, purchase.open_minor));
    let value_after = value_minor(rate, open_minor);
    let owner_id = state.accounts[purchase.account_id as usize - 1].owner_id;
    for (scope, subject) in [(LimitScope::OWNER, owner_id), (LimitScope::ACCOUNT, purchase.account_id as u64)] {
        add_open(state, (scope, subject, purchase.asset_id), minor_before, open_minor);
        add_open(state, (scope, subject, 0), value_before, value_after);
    }
    if open_minor == 0 {
        state.purchases.remove(&order_id);
    } else {
        state.purchases.insert(order_id, Purchase { open_minor, rate, ..purchase });
    }
    value_before.saturating_sub(value_after)
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
