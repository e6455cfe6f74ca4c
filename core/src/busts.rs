//! Bust a trade: reverse both of its legs, and give back what is there of its fees.
//!
//! The last 65,536 trades can be busted. Both sides must have what they give back; where one has not, CompensateClient
//! comes first, in the same instruction. A maker keeps its rebate as a part of what the taker gives back: the taker gives
//! that much less, and gets that much less of its fee.

use crate::custody::{check_available, find_client};
use crate::fees::{charge_minor, rebate_minor};
use crate::ledger::{LedgerAccount, BUST, FEE_BACK};
use crate::records::{BustTrade, RejectCode, TradeBusted};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::state::State;
use crate::state_parts::Trade;

/// Return what names a trade; later trades have higher numbers.
pub fn trade_number(trade: &Trade) -> (u64, u32) {
    (trade.seq, trade.trade_index)
}

/// Return the place of a trade among those remembered; refuse one that is not, or was busted.
pub fn find_trade(state: &State, trade_seq: u64, trade_index: u32) -> Result<usize, Refusal> {
    match state.trades.place_of((trade_seq, trade_index)) {
        Some((place, trade)) if trade.market_id != 0 => Ok(place),
        _ => refuse(RejectCode::TradeUnknown, 1, 0),
    }
}

/// Return what a side gives back, less a rebate that the other side has, and how much of its fee is there.
fn leg_of(state: &State, asset_id: u32, received_minor: u128, rate_ppm: i32, other_rate_ppm: i32) -> (u128, u128) {
    let fee = charge_minor(received_minor, rate_ppm);
    let rebate = rebate_minor(received_minor, other_rate_ppm, fee);
    (received_minor - rebate, (fee - rebate).min(state.ledger.asset(asset_id).fees_earned))
}

/// Reverse a trade as if it had not happened.
pub fn bust_trade(state: &mut State, command: BustTrade) -> Result<(), Refusal> {
    // GATE
    let place = find_trade(state, command.trade_seq, command.trade_index)?;
    let trade = *state.trades.at(place);
    require_hash(&command.decision_hash, RejectCode::DecisionMissing)?;
    let (buyer, seller) = (trade.buyer_account_id, trade.seller_account_id);
    find_client(state, buyer)?;
    find_client(state, seller)?;
    let market = state.market(trade.market_id);
    let (base, quote) = (market.base_asset_id, market.quote_asset_id);
    let (buyer_rate, seller_rate) = (trade.buyer_rate_ppm, trade.seller_rate_ppm);
    let (quantity, base_fee) = leg_of(state, base, trade.quantity_minor, buyer_rate, seller_rate);
    let (cost, quote_fee) = leg_of(state, quote, trade.cost_minor, seller_rate, buyer_rate);
    check_leg(state, buyer, base, quantity - base_fee)?;
    check_leg(state, seller, quote, cost - quote_fee)?;
    // POST EMIT
    reverse_leg(state, &trade, base, [buyer, seller], quantity, base_fee);
    reverse_leg(state, &trade, quote, [seller, buyer], cost, quote_fee);
    state.trades.at(place).market_id = 0;
    Ok(())
}

/// Refuse where an account no longer has what it must give back.
fn check_leg(state: &State, account_id: u32, asset_id: u32, amount_minor: u128) -> Result<(), Refusal> {
    check_available(state, account_id, asset_id, amount_minor)
}

/// Give one side its fee back and the other side its amount, and say so.
fn reverse_leg(
    state: &mut State,
    trade: &Trade,
    asset_id: u32,
    [from_account_id, account_id]: [u32; 2],
    amount_minor: u128,
    fee_minor: u128,
) {
    // POST
    let (source, target) = (state.available(from_account_id, asset_id), state.available(account_id, asset_id));
    if fee_minor != 0 {
        state.post(FEE_BACK, asset_id, fee_minor, LedgerAccount::FeesEarned, source);
    }
    state.post(BUST, asset_id, amount_minor, source, target);
    // EMIT
    let event = TradeBusted {
        seq: state.seq,
        from_account_id,
        account_id,
        asset_id,
        trade_index: trade.trade_index,
        trade_seq: trade.seq,
        amount_minor,
        fee_minor,
    };
    event.write(&mut state.out);
}
