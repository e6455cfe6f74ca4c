//! What a command is about that only names a number: asset and amount of its withdrawal, receipt, credit or trade.

use crate::busts::find_trade;
use crate::records::{
    amount_offsets, AttributeReceipt, BustTrade, DispatchWithdrawal, RejectWithdrawal, RequestReturn, SettleWithdrawal,
    UndoDeposit, UndoWithdrawal, RECORD_SIZE,
};
use crate::state::State;

/// Return whether a kind of command names its asset and amount by a number of another thing.
fn is_named(kind: u16) -> bool {
    matches!(
        kind,
        DispatchWithdrawal::KIND
            | SettleWithdrawal::KIND
            | RejectWithdrawal::KIND
            | AttributeReceipt::KIND
            | RequestReturn::KIND
            | UndoWithdrawal::KIND
            | UndoDeposit::KIND
            | BustTrade::KIND
    )
}

/// Return whether a kind of command is about an asset.
pub fn has_asset(kind: u16) -> bool {
    amount_offsets(kind).0 != 0 || is_named(kind)
}

/// Return whether a kind of command is about an amount of an asset, which a mandate bounds.
pub fn has_amount(kind: u16) -> bool {
    let (asset_at, amount_at) = amount_offsets(kind);
    (asset_at != 0 && amount_at != 0) || is_named(kind)
}

/// Return (asset_id, amount_minor) of a command that states neither or one of them; zeros where nothing is named.
///
/// Commands with fields of both names speak for themselves. A busted trade counts by its quote asset.
pub fn subject(state: &State, kind: u16, record: &[u8; RECORD_SIZE]) -> (u32, u128) {
    let of_withdrawal =
        |number: u64| state.withdrawals.get(&number).map_or((0, 0), |found| (found.asset_id, found.amount_minor));
    let of_receipt = |number: u64, amount_minor: u128| {
        state.receipts.get(&number).map_or((0, 0), |found| (found.asset_id, amount_minor))
    };
    let of_evidence =
        |hash: &[u8; 32]| state.evidence.get(hash).map_or((0, 0), |found| (found.asset_id, found.amount_minor));
    match kind {
        DispatchWithdrawal::KIND => of_withdrawal(DispatchWithdrawal::read(record).withdrawal_id),
        SettleWithdrawal::KIND => of_withdrawal(SettleWithdrawal::read(record).withdrawal_id),
        RejectWithdrawal::KIND => of_withdrawal(RejectWithdrawal::read(record).withdrawal_id),
        AttributeReceipt::KIND => {
            let command = AttributeReceipt::read(record);
            of_receipt(command.receipt_id, command.amount_minor)
        }
        RequestReturn::KIND => {
            let command = RequestReturn::read(record);
            of_receipt(command.receipt_id, command.amount_minor)
        }
        UndoWithdrawal::KIND => of_evidence(&UndoWithdrawal::read(record).evidence_hash),
        UndoDeposit::KIND => of_evidence(&UndoDeposit::read(record).evidence_hash),
        BustTrade::KIND => {
            let command = BustTrade::read(record);
            busted_subject(state, command.trade_seq, command.trade_index)
        }
        _ => (0, 0),
    }
}

/// Return the quote asset and the value of a trade that can be busted.
fn busted_subject(state: &State, trade_seq: u64, trade_index: u32) -> (u32, u128) {
    let Ok(place) = find_trade(state, trade_seq, trade_index) else { return (0, 0) };
    let trade = state.trades.in_order().nth(place);
    trade.map_or((0, 0), |t| (state.markets[t.market_id as usize - 1].quote_asset_id, t.cost_minor))
}
