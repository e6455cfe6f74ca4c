//! What must hold of limits and pending settings that were read from a snapshot, beyond the shape of their bytes.
//!
//! A snapshot's digest tells whether it is the right one. This tells, alike in both twins, that no later command meets
//! in it a number that leads nowhere, and that open purchases keep free what their orders hold.

use crate::arithmetic::AMOUNT_MAX;
use crate::fees::check_fees;
use crate::limit_settings::{check_limit, terms, Terms};
use crate::markets::check_rules;
use crate::parameters::check_parameter;
use crate::purchases::is_limited_purchase;
use crate::records::{
    layout, ClientClass, Flag, LimitKind, LimitPeriod, LimitScope, RemoveLimit, Residency, SetFees, SetLimit,
    SetMarketRules, SetParameter, SetTickBand, Side, RECORD_SIZE,
};
use crate::refusal::Refusal;
use crate::settings::{effective_ns, kind_of};
use crate::settlement::{held_by, paying_asset};
use crate::snapshot_bytes::{require, SnapshotError};
use crate::snapshot_fees::check_own_fees;
use crate::state::State;
use crate::state_parts::Rate;
use crate::ticks::check_band;

/// Refuse what no commands lead to.
pub fn check_limits(state: &State) -> Result<(), SnapshotError> {
    for (&seq, record) in &state.pending {
        check_pending(state, seq, record)?;
    }
    check_rows(state)?;
    check_own_fees(state)?.map_err(refused)?;
    for (&owner_id, status) in &state.statuses {
        let known = is_owner(state, owner_id) && (1..=Residency::MAX).contains(&status.residency);
        require(known && status.cap_exempt <= 1, "status of an owner")?;
    }
    for (&asset_id, &(rate, _)) in &state.rates {
        require(asset_id != 0 && asset_id as usize <= state.assets.len() && is_possible(rate), "rate")?;
    }
    check_counters(state)?;
    check_purchases(state)
}

/// Say which refusal a setting would have met.
fn refused(refusal: Refusal) -> SnapshotError {
    format!("a setting that would be refused with code {}", refusal.code as u16)
}

/// Return whether an owner has an account.
fn is_owner(state: &State, owner_id: u64) -> bool {
    state.latest_accounts_of(owner_id).next().is_some()
}

/// Return whether both amounts of a rate are in range.
fn is_possible(rate: Rate) -> bool {
    (1..=AMOUNT_MAX).contains(&rate.value_minor) && (1..=AMOUNT_MAX).contains(&rate.amount_minor)
}

/// Refuse a pending setting that could not have been accepted, or whose time is over.
fn check_pending(state: &State, seq: u64, record: &[u8; RECORD_SIZE]) -> Result<(), SnapshotError> {
    let in_time = seq < state.next_seq && effective_ns(record) > state.last_ts_ns;
    require(in_time, "number or time of a pending setting")?;
    let (reserved, enums) = layout(kind_of(record)).unwrap_or((&[], &[]));
    let zero = reserved.iter().all(|&(start, end)| record[start..end].iter().all(|&byte| byte == 0));
    let listed = enums.iter().all(|&(at, smallest, largest)| (smallest..=largest).contains(&record[at]));
    require(zero && listed, "pending setting")?;
    match kind_of(record) {
        SetParameter::KIND => check_parameter(state, &SetParameter::read(record)),
        SetMarketRules::KIND => {
            let rules = SetMarketRules::read(record);
            let is_there = rules.market_id != 0 && rules.market_id as usize <= state.markets.len();
            require(is_there, "market of a pending setting")?;
            check_rules(&rules)
        }
        SetTickBand::KIND => {
            let band = SetTickBand::read(record);
            let is_there = band.market_id != 0 && band.market_id as usize <= state.markets.len();
            require(is_there, "market of a pending setting")?;
            check_band(&band)
        }
        SetFees::KIND => {
            let fees = SetFees::read(record);
            let is_there =
                fees.account_id as usize <= state.accounts.len() && fees.market_id as usize <= state.markets.len();
            require(is_there, "account or market of a pending setting")?;
            check_fees(&fees)
        }
        SetLimit::KIND => {
            let limit = SetLimit::read(record);
            check_limit(state, &terms!(limit), limit.amount_max_minor, &limit.rulebook_hash)
        }
        _ => {
            let removal = RemoveLimit::read(record);
            check_limit(state, &terms!(removal), 0, &removal.rulebook_hash)
        }
    }
    .map_err(refused)
}

/// Refuse limits that could not have been set.
fn check_rows(state: &State) -> Result<(), SnapshotError> {
    for (&(kind, scope, subject, period, asset_id, class, residency), limit) in &state.limits {
        let named = (1..=LimitKind::MAX).contains(&kind)
            && (1..=LimitScope::MAX).contains(&scope)
            && (1..=LimitPeriod::MAX).contains(&period);
        let fits = class <= ClientClass::MAX && residency <= Residency::MAX && limit.exemptible <= Flag::MAX;
        require(named && fits, "limit")?;
        let terms = Terms {
            limit_kind: kind,
            limit_scope: scope,
            limit_period: period,
            limit_class: class,
            limit_residency: residency,
            limit_asset_id: asset_id,
            limit_subject: subject,
        };
        check_limit(state, &terms, limit.amount_max_minor, &limit.rulebook_hash).map_err(refused)?;
    }
    Ok(())
}

/// Refuse counters of nobody, of nothing, or of no period.
fn check_counters(state: &State) -> Result<(), SnapshotError> {
    for (&(period, _, kind, scope, subject, asset_id), &used) in &state.counters {
        let is_there = match scope {
            LimitScope::OWNER => is_owner(state, subject),
            LimitScope::ACCOUNT => subject != 0 && subject <= state.accounts.len() as u64,
            _ => false,
        };
        let counts = matches!(period, LimitPeriod::DAY | LimitPeriod::MONTH)
            && (1..=LimitKind::WITHDRAWALS).contains(&kind)
            && asset_id as usize <= state.assets.len();
        require(is_there && counts && used != 0, "counter")?;
    }
    Ok(())
}

/// Refuse open purchases that are not those of the books.
fn check_purchases(state: &State) -> Result<(), SnapshotError> {
    let mut count = 0;
    for market in &state.markets {
        let book = &market.book;
        let sides = [Side::BUY, Side::SELL].into_iter();
        let resting = sides.flat_map(|side| book.levels(side)).flat_map(|level| book.queue(level));
        for order in resting.chain(book.untriggered()).map(|slot| book.order(slot)) {
            if !is_limited_purchase(state, market, order.account_id, order.side) {
                continue;
            }
            let held = held_by(market, &order);
            if held == 0 {
                require(!state.purchases.contains_key(&order.order_id), "open purchase")?;
                continue;
            }
            count += 1;
            let same = state.purchases.get(&order.order_id).is_some_and(|purchase| {
                let found = (purchase.account_id, purchase.asset_id, purchase.open_minor);
                found == (order.account_id, paying_asset(market, order.side), held)
            });
            require(same, "open purchase")?;
        }
    }
    require(count == state.purchases.len(), "number of open purchases")?;
    for purchase in state.purchases.values() {
        let rate = purchase.rate;
        let known = is_possible(rate) || (rate.value_minor == 0 && rate.amount_minor == 0);
        require(known && purchase.paid_minor <= AMOUNT_MAX, "rate of an open purchase")?;
    }
    Ok(())
}
