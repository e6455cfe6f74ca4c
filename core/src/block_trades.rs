//! Block trades: two clients agreed off the book, and the trade settles whole, at once, or not at all.
//!
//! The command carries what both consented to and the hash of the document that proves it; a consent counts once, as
//! evidence does. The book does not notice: no order trades, the last and the reference price stay. The party that asked
//! pays the taker's rate, the one that quoted the maker's, which is never a rebate here. Affiliates trade on the book
//! only.

use crate::evidence::{check_new_evidence, keep_other};
use crate::fees::{charge_minor, rates_of};
use crate::grid::check_grid;
use crate::ledger::{LedgerAccount, FEE, HOLD, TRADE};
use crate::limits::{ask, check_order, count};
use crate::lookup::{find_account, find_market};
use crate::orders::{check_collar, check_market, check_notional, check_trader};
use crate::purchases::{check_purchase, is_limited_purchase};
use crate::records::{
    BlockLegSettled, BlockTradeExecuted, ExecuteBlockTrade, LimitKind, MarketState, ParameterTable, RejectCode, Side,
};
use crate::refusal::{refuse, Refusal};
use crate::state::State;
use crate::state_parts::Trade;

/// Settle a block trade.
pub fn execute_block_trade(state: &mut State, command: ExecuteBlockTrade) -> Result<(), Refusal> {
    // GATE
    let (market_id, asker, quoter) = (command.market_id, command.account_id, command.counterparty_account_id);
    check_parties(state, &command)?;
    find_market(state, market_id)?;
    check_market(state, market_id)?;
    check_terms(state, &command)?;
    check_new_evidence(state, &command.consent_hash, state.last_ts_ns)?;
    let market = &state.markets[market_id as usize - 1];
    let (base, quote) = (market.base_asset_id, market.quote_asset_id);
    let cost = market.cost_minor(command.price_ticks, command.quantity_lots);
    let quantity = command.quantity_lots as u128 * market.lot_size_minor as u128;
    let (buyer, seller) = if command.side == Side::BUY { (asker, quoter) } else { (quoter, asker) };
    let sides = [(buyer, Side::BUY, quote, cost), (seller, Side::SELL, base, quantity)];
    for (account_id, side, asset_id, minor) in sides {
        if state.accounts[account_id as usize - 1].limited != 0 {
            check_order(state, account_id, market_id, command.price_ticks, command.quantity_lots, 0)?;
        }
        if is_limited_purchase(state, market, account_id, side) {
            check_purchase(state, account_id, asset_id, minor)?;
        }
    }
    // HOLD
    for (account_id, _, asset_id, minor) in sides {
        let available = state.available_minor(account_id, asset_id);
        if available < minor {
            return refuse(RejectCode::InsufficientBalance, minor, available);
        }
    }
    // POST
    keep_other(state, command.consent_hash);
    state.invariants.admit += 1;
    state.invariants.own += 1;
    for (account_id, side, asset_id, minor) in sides {
        if is_limited_purchase(state, &state.markets[market_id as usize - 1], account_id, side) {
            let used = ask(state, asset_id, minor);
            count(state, account_id, LimitKind::PURCHASES, used);
        }
    }
    let market = &state.markets[market_id as usize - 1];
    let (asker_rate, quoter_rate) = (rates_of(state, market, asker).1.max(0), rates_of(state, market, quoter).0.max(0));
    let (buyer_rate_ppm, seller_rate_ppm) =
        if buyer == asker { (asker_rate, quoter_rate) } else { (quoter_rate, asker_rate) };
    state.trades.push(Trade {
        seq: state.seq,
        trade_index: state.trade_index,
        market_id,
        buyer_account_id: buyer,
        seller_account_id: seller,
        buyer_rate_ppm,
        seller_rate_ppm,
        quantity_minor: quantity,
        cost_minor: cost,
    });
    // EMIT
    let event = BlockTradeExecuted {
        side: command.side,
        seq: state.seq,
        market_id,
        account_id: asker,
        counterparty_account_id: quoter,
        trade_index: state.trade_index,
        price_ticks: command.price_ticks,
        quantity_lots: command.quantity_lots,
        consent_hash: command.consent_hash,
    };
    event.write(&mut state.out);
    state.trade_index += 1;
    settle_leg(state, quote, [buyer, seller], cost, charge_minor(cost, seller_rate_ppm));
    settle_leg(state, base, [seller, buyer], quantity, charge_minor(quantity, buyer_rate_ppm));
    Ok(())
}

/// Refuse parties who may not trade, and one owner on both sides.
fn check_parties(state: &State, command: &ExecuteBlockTrade) -> Result<(), Refusal> {
    for account_id in [command.account_id, command.counterparty_account_id] {
        find_account(state, account_id)?;
        check_trader(state, account_id, 0)?;
    }
    let [asker, quoter] = [command.account_id, command.counterparty_account_id]
        .map(|account_id| state.accounts[account_id as usize - 1].owner_id);
    if asker == quoter {
        return refuse(RejectCode::BlockPartiesEqual, 0, quoter as u128);
    }
    Ok(())
}

/// Refuse a block where there are none now, and a price or a size out of bounds.
///
/// The collar binds on both sides: a block is never far from what the book does.
fn check_terms(state: &State, command: &ExecuteBlockTrade) -> Result<(), Refusal> {
    let market = &state.markets[command.market_id as usize - 1];
    if market.market_state != MarketState::CONTINUOUS {
        return refuse(RejectCode::MarketNotOpen, MarketState::CONTINUOUS as u128, market.market_state as u128);
    }
    let smallest = state.parameter(ParameterTable::BLOCK_VALUE_MIN_MINOR, command.market_id as u64);
    if smallest == 0 {
        return refuse(RejectCode::BlockNotAllowed, 1, 0);
    }
    if command.price_ticks == 0 {
        return refuse(RejectCode::PriceMissing, 1, 0);
    }
    if command.quantity_lots == 0 {
        return refuse(RejectCode::QuantityMissing, 1, 0);
    }
    if market.reference_price_ticks == 0 {
        return refuse(RejectCode::ReferenceMissing, 1, 0);
    }
    check_grid(market, command.price_ticks)?;
    check_collar(market, Side::BUY, command.price_ticks)?;
    check_collar(market, Side::SELL, command.price_ticks)?;
    if command.quantity_lots > market.quantity_max_lots {
        let (most, found) = (market.quantity_max_lots as u128, command.quantity_lots as u128);
        return refuse(RejectCode::QuantityTooLarge, most, found);
    }
    let value = market.cost_minor(command.price_ticks, command.quantity_lots);
    check_notional(market, value)?;
    if value < smallest {
        return refuse(RejectCode::BlockValueTooSmall, smallest, value);
    }
    Ok(())
}

/// Hold and move what one party gives, take the fee of the one that receives it, and say so.
fn settle_leg(state: &mut State, asset_id: u32, [giver, receiver]: [u32; 2], amount_minor: u128, fee_minor: u128) {
    // POST
    let (source, held) = (state.available(giver, asset_id), state.held(giver, asset_id));
    let target = state.available(receiver, asset_id);
    state.post(HOLD, asset_id, amount_minor, source, held);
    state.post(TRADE, asset_id, amount_minor, held, target);
    if fee_minor != 0 {
        state.post(FEE, asset_id, fee_minor, target, LedgerAccount::FeesEarned);
    }
    // EMIT
    let event = BlockLegSettled {
        seq: state.seq,
        from_account_id: giver,
        account_id: receiver,
        asset_id,
        amount_minor,
        fee_minor,
    };
    event.write(&mut state.out);
}
