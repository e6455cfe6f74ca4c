//! A checkpoint: the command only marks a point; the audit adds the whole state up again, beside the running writer.

use std::collections::HashMap;

use crate::ledger::{balance_key, Kind, KIND_COUNT};
use crate::records::{CheckpointMarked, Side, TakeCheckpoint};
use crate::refusal::Refusal;
use crate::settlement::{hold_minor, paying_asset};
use crate::state::State;

/// Mark the state as it is after this command.
pub fn take_checkpoint(state: &mut State, _command: TakeCheckpoint) -> Result<(), Refusal> {
    // EMIT
    CheckpointMarked { seq: state.seq }.write(&mut state.out);
    Ok(())
}

/// Add everything up again: totals from single accounts, holds from open orders and withdrawals. Breaks CONSERVE when a
/// total is not the sum of its accounts, COVER when holds and orders differ.
pub fn audit(state: &State) {
    let mut sums = vec![[0u128; KIND_COUNT]; state.assets.len()];
    for (ledger, row) in state.ledger.assets.iter().zip(&mut sums) {
        row[Kind::ClientCustody as usize] = ledger.custody[0].iter().sum();
        row[Kind::HouseCustody as usize] = ledger.custody[1].iter().sum();
        row[Kind::FeesEarned as usize] = ledger.fees_earned;
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
    }
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

/// Return what open orders and withdrawals hold, by balance key.
fn order_holds(state: &State) -> HashMap<u64, u128> {
    let mut holds = HashMap::new();
    for market in &state.markets {
        let book = &market.book;
        let resting =
            [Side::BUY, Side::SELL].into_iter().flat_map(|side| book.levels(side)).flat_map(|l| book.queue(l));
        for order in resting.chain(book.waiting()).map(|slot| book.order(slot)) {
            let key = balance_key(order.account_id, paying_asset(market, order.side));
            *holds.entry(key).or_insert(0) += hold_minor(market, order.side, order.price_ticks, order.remaining_lots);
        }
    }
    for withdrawal in state.withdrawals.values() {
        *holds.entry(balance_key(withdrawal.account_id, withdrawal.asset_id)).or_insert(0) += withdrawal.amount_minor;
    }
    holds
}
