//! A checkpoint: mark a point of the journal, and audit a whole state from the ground up.

use std::collections::{BTreeMap, HashMap};

use crate::ledger::{balance_key, Kind, KIND_COUNT};
use crate::records::{CheckpointMarked, Side, TakeCheckpoint, WithdrawalKind};
use crate::refusal::Refusal;
use crate::settlement::{held_by, paying_asset};
use crate::state::State;

/// Mark the state after this command; audit, digest and root of it are made beside the writer.
pub fn take_checkpoint(state: &mut State, _command: TakeCheckpoint) -> Result<(), Refusal> {
    // EMIT
    CheckpointMarked { seq: state.seq }.write(&mut state.out);
    Ok(())
}

/// Add everything up again: totals from single accounts, holds from open orders and withdrawals, receipts.
///
/// Breaks CONSERVE when a total is not the sum of its accounts, COVER when holds and orders or receipts and the
/// unattributed differ, SEGREGATE when a client pool and its shortfall are not what is owed.
pub fn audit(state: &State) {
    let mut sums = vec![[0u128; KIND_COUNT]; state.assets.len()];
    for (ledger, row) in state.ledger.assets.iter().zip(&mut sums) {
        row[Kind::ClientCustody as usize] = ledger.custody[0].iter().sum();
        row[Kind::Shortfall as usize] = ledger.shortfall;
        row[Kind::HouseCustody as usize] = ledger.custody[1].iter().sum();
        row[Kind::Unattributed as usize] = ledger.unattributed;
        row[Kind::FeesEarned as usize] = ledger.fees_earned;
        row[Kind::NetworkFloat as usize] = ledger.network_float;
        row[Kind::HouseEquity as usize] = ledger.house_equity;
    }
    for (&key, balance) in state.ledger.keys.iter().zip(&state.ledger.balances) {
        let row = &mut sums[key as u32 as usize - 1];
        row[Kind::Available as usize] += balance.available;
        row[Kind::Held as usize] += balance.held;
    }
    for (asset, (ledger, row)) in state.ledger.assets.iter().zip(&sums).enumerate() {
        if &ledger.totals != row {
            let detail = format!("asset {}: totals {:?}, accounts add up to {row:?}", asset + 1, ledger.totals);
            state.invariants.broken("CONSERVE", detail);
        }
        let pool = row[Kind::ClientCustody as usize] + row[Kind::Shortfall as usize];
        let owed = row[Kind::Available as usize..Kind::HouseEquity as usize].iter().sum::<u128>();
        if pool != owed || row[Kind::HouseCustody as usize] != row[Kind::HouseEquity as usize] {
            let detail = format!("asset {}: client pool and shortfall {pool}, owed {owed}", asset + 1);
            state.invariants.broken("SEGREGATE", detail);
        }
    }
    audit_receipts(state);
    let holds = order_holds(state);
    for (&key, balance) in state.ledger.keys.iter().zip(&state.ledger.balances) {
        let orders = holds.get(&key).copied().unwrap_or(0);
        if balance.held != orders {
            let (account_id, asset_id) = (key >> 32, key as u32);
            let detail = format!("account {account_id}, asset {asset_id}: held {}, orders {orders}", balance.held);
            state.invariants.broken("COVER", detail);
        }
    }
}

/// Check that open receipts add up to the unattributed, and returns under way to what receipts set aside.
fn audit_receipts(state: &State) {
    let mut returning: BTreeMap<u64, u128> = BTreeMap::new();
    for withdrawal in state.withdrawals.values().filter(|w| w.receipt_id != 0) {
        *returning.entry(withdrawal.receipt_id).or_insert(0) += withdrawal.amount_minor;
    }
    let mut sums = vec![0u128; state.assets.len()];
    for receipt in state.receipts.values() {
        sums[receipt.asset_id as usize - 1] += receipt.amount_minor + receipt.returning_minor;
        let (set_aside, under_way) = (receipt.returning_minor, returning.remove(&receipt.receipt_id).unwrap_or(0));
        if set_aside != under_way {
            let detail = format!("receipt {}: {set_aside} set aside, {under_way} on the way", receipt.receipt_id);
            state.invariants.broken("COVER", detail);
        }
    }
    if let Some((receipt_id, under_way)) = returning.first_key_value() {
        let detail = format!("receipt {receipt_id}: 0 set aside, {under_way} on the way");
        state.invariants.broken("COVER", detail);
    }
    for (asset, (ledger, total)) in state.ledger.assets.iter().zip(sums).enumerate() {
        if ledger.unattributed != total {
            let detail = format!("asset {}: unattributed {}, receipts {total}", asset + 1, ledger.unattributed);
            state.invariants.broken("COVER", detail);
        }
    }
}

/// Return what open orders and withdrawals hold, by balance key.
fn order_holds(state: &State) -> HashMap<u64, u128> {
    let mut holds = HashMap::new();
    for market in &state.markets {
        let book = &market.book;
        let resting =
            [Side::BUY, Side::SELL].into_iter().flat_map(|side| book.levels(side)).flat_map(|l| book.queue(l));
        for order in resting.chain(book.untriggered()).map(|slot| book.order(slot)) {
            let key = balance_key(order.account_id, paying_asset(market, order.side));
            *holds.entry(key).or_insert(0) += held_by(market, &order);
        }
    }
    for withdrawal in state.withdrawals.values().filter(|w| w.kind == WithdrawalKind::WITHDRAWAL) {
        *holds.entry(balance_key(withdrawal.account_id, withdrawal.asset_id)).or_insert(0) += withdrawal.amount_minor;
    }
    holds
}
