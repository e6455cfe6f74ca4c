//! Reference commands on markets: open, set rules, set state.

use crate::arithmetic::{AMOUNT_MAX, PPM};
use crate::auction::{open_continuous, uncross};
use crate::lookup::{find_asset, find_market};
use crate::market_states::{change_state, earliest_reopening, reachable, takes_orders};
use crate::numbers::note_assigned;
use crate::records::{
    AssetStatus, MarketOpened, MarketReason, MarketRulesScheduled, MarketRulesSet, MarketState, NumberSpace,
    OpenMarket, RejectCode, SetMarketRules, SetMarketState, SetTradingRules, TradingRulesSet,
};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::session_orders::end_session;
use crate::settings::{check_setting, keep_setting, setting};
use crate::state::{Market, State, TradingRules};
use crate::triggers::run_triggers;

pub const BAND_MAX_PPM: u32 = 100 * PPM;

/// Add a closed market without rules.
pub fn open_market(state: &mut State, command: OpenMarket) -> Result<(), Refusal> {
    // GATE
    find_asset(state, command.base_asset_id)?;
    find_asset(state, command.quote_asset_id)?;
    if command.base_asset_id == command.quote_asset_id {
        return refuse(RejectCode::MarketAssetsEqual, 2, 1);
    }
    if command.lot_size_minor == 0 || command.tick_value_minor == 0 {
        return refuse(RejectCode::MarketIncrementZero, 1, 0);
    }
    require_hash(&command.rulebook_hash, RejectCode::RulebookHashMissing)?;
    // POST
    let market_id = state.markets.len() as u32 + 1;
    let mut market = Market::new(market_id);
    market.base_asset_id = command.base_asset_id;
    market.quote_asset_id = command.quote_asset_id;
    market.lot_size_minor = command.lot_size_minor;
    market.tick_value_minor = command.tick_value_minor;
    market.rulebook_hash = command.rulebook_hash;
    state.markets.push(market);
    if market_id == 1 {
        state.trades.prepare();
    }
    note_assigned(state, NumberSpace::MARKET);
    // EMIT
    let event = MarketOpened {
        seq: state.seq,
        market_id,
        base_asset_id: command.base_asset_id,
        quote_asset_id: command.quote_asset_id,
        lot_size_minor: command.lot_size_minor,
        tick_value_minor: command.tick_value_minor,
        rulebook_hash: command.rulebook_hash,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Refuse rules that are out of range.
pub fn check_rules(command: &SetMarketRules) -> Result<(), Refusal> {
    let invalid = |expected: u128, found: u128| refuse(RejectCode::MarketRulesInvalid, expected, found);
    for fee_ppm in [command.maker_fee_ppm, command.taker_fee_ppm] {
        if fee_ppm > PPM {
            return invalid(PPM as u128, fee_ppm as u128);
        }
    }
    for band_ppm in [command.collar_ppm, command.corridor_ppm] {
        if band_ppm > BAND_MAX_PPM {
            return invalid(BAND_MAX_PPM as u128, band_ppm as u128);
        }
    }
    if command.collar_ppm == 0
        || command.corridor_ppm == 0
        || command.auction_duration_ms == 0
        || command.quantity_max_lots == 0
        || command.notional_max_minor == 0
    {
        return invalid(1, 0);
    }
    if command.notional_max_minor > AMOUNT_MAX {
        return invalid(AMOUNT_MAX, command.notional_max_minor);
    }
    if command.notional_min_minor > command.notional_max_minor {
        return invalid(command.notional_max_minor, command.notional_min_minor);
    }
    Ok(())
}

/// Set fees, corridors and order sizes, at once or later.
pub fn set_market_rules(state: &mut State, command: SetMarketRules) -> Result<(), Refusal> {
    // GATE
    find_market(state, command.market_id)?;
    check_rules(&command)?;
    let setting = setting!(command);
    check_setting(state, &setting)?;
    // POST EMIT
    if keep_setting(state, &setting) {
        let event = MarketRulesScheduled {
            seq: state.seq,
            market_id: command.market_id,
            maker_fee_ppm: command.maker_fee_ppm,
            taker_fee_ppm: command.taker_fee_ppm,
            collar_ppm: command.collar_ppm,
            corridor_ppm: command.corridor_ppm,
            auction_duration_ms: command.auction_duration_ms,
            quantity_max_lots: command.quantity_max_lots,
            notional_min_minor: command.notional_min_minor,
            notional_max_minor: command.notional_max_minor,
            effective_ns: command.effective_ns,
        };
        event.write(&mut state.out);
    } else {
        apply_market_rules(state, command, 0);
    }
    Ok(())
}

/// Let a market's rules take effect. Resting orders stay as they are.
pub fn apply_market_rules(state: &mut State, command: SetMarketRules, scheduled_seq: u64) {
    // POST
    let market = state.market(command.market_id);
    market.has_rules = true;
    market.maker_fee_ppm = command.maker_fee_ppm;
    market.taker_fee_ppm = command.taker_fee_ppm;
    market.collar_ppm = command.collar_ppm;
    market.corridor_ppm = command.corridor_ppm;
    market.auction_duration_ms = command.auction_duration_ms;
    market.quantity_max_lots = command.quantity_max_lots;
    market.notional_min_minor = command.notional_min_minor;
    market.notional_max_minor = command.notional_max_minor;
    market.derive_bounds();
    state.derive_rates(command.market_id);
    // EMIT
    let event = MarketRulesSet {
        seq: state.seq,
        market_id: command.market_id,
        maker_fee_ppm: command.maker_fee_ppm,
        taker_fee_ppm: command.taker_fee_ppm,
        collar_ppm: command.collar_ppm,
        corridor_ppm: command.corridor_ppm,
        auction_duration_ms: command.auction_duration_ms,
        quantity_max_lots: command.quantity_max_lots,
        notional_min_minor: command.notional_min_minor,
        notional_max_minor: command.notional_max_minor,
        scheduled_seq,
    };
    event.write(&mut state.out);
}

/// Set how corridors follow prices and how call phases end; a call phase under way keeps its end.
pub fn set_trading_rules(state: &mut State, command: SetTradingRules) -> Result<(), Refusal> {
    // GATE
    find_market(state, command.market_id)?;
    if command.dynamic_corridor_ppm > BAND_MAX_PPM {
        return refuse(RejectCode::TradingRulesInvalid, BAND_MAX_PPM as u128, command.dynamic_corridor_ppm as u128);
    }
    if command.extension_count_max != 0 && command.extension_ms == 0 {
        return refuse(RejectCode::TradingRulesInvalid, 1, 0);
    }
    // POST
    state.market(command.market_id).trading_rules = TradingRules {
        extension_count_max: command.extension_count_max,
        dynamic_corridor_ppm: command.dynamic_corridor_ppm,
        dynamic_window_ms: command.dynamic_window_ms,
        random_end_max_ms: command.random_end_max_ms,
        extension_ms: command.extension_ms,
    };
    // EMIT
    let event = TradingRulesSet {
        extension_count_max: command.extension_count_max,
        seq: state.seq,
        market_id: command.market_id,
        dynamic_corridor_ppm: command.dynamic_corridor_ppm,
        dynamic_window_ms: command.dynamic_window_ms,
        random_end_max_ms: command.random_end_max_ms,
        extension_ms: command.extension_ms,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Refuse continuous trading without a price to go by, and a reopening that others could not join.
fn check_opening(market: &Market, command: &SetMarketState) -> Result<(), Refusal> {
    if command.market_state == MarketState::AUCTION {
        let earliest_ns = earliest_reopening(market, command.market_state, MarketReason::OPERATOR, command.ts_ns);
        if command.auction_end_ns != 0 && command.auction_end_ns < earliest_ns {
            return refuse(RejectCode::CallPhaseNotOver, earliest_ns as u128, command.auction_end_ns as u128);
        }
        return Ok(());
    }
    if !matches!(command.market_state, MarketState::CONTINUOUS | MarketState::CLOSED) {
        return Ok(());
    }
    if matches!(market.market_state, MarketState::PRE_OPEN | MarketState::AUCTION) {
        if command.ts_ns < market.reopen_ns {
            return refuse(RejectCode::CallPhaseNotOver, market.reopen_ns as u128, command.ts_ns as u128);
        }
    } else if command.market_state == MarketState::CONTINUOUS
        && command.reference_price_ticks == 0
        && market.reference_price_ticks == 0
    {
        return refuse(RejectCode::ReferenceMissing, 1, 0);
    }
    Ok(())
}

/// Refuse an auction without an end to lead to, and terms of an auction on any other state.
fn check_auction_terms(command: &SetMarketState) -> Result<(), Refusal> {
    let invalid = |expected: u128, found: u64| refuse(RejectCode::AuctionEndInvalid, expected, found as u128);
    let (next_state, end_ns) = (command.next_market_state, command.auction_end_ns);
    if command.market_state == MarketState::AUCTION {
        if !matches!(next_state, MarketState::CONTINUOUS | MarketState::CLOSED) {
            return invalid(MarketState::CONTINUOUS as u128, next_state as u64);
        }
        if end_ns != 0 && end_ns <= command.ts_ns {
            return invalid(command.ts_ns as u128 + 1, end_ns);
        }
    } else if next_state != 0 || end_ns != 0 {
        return invalid(0, if next_state != 0 { next_state as u64 } else { end_ns });
    }
    Ok(())
}

/// Move a market to another state; leaving an auction uncrosses it.
pub fn set_market_state(state: &mut State, command: SetMarketState) -> Result<(), Refusal> {
    // GATE
    find_market(state, command.market_id)?;
    let market = &state.markets[command.market_id as usize - 1];
    let before = market.market_state;
    if !reachable(before).contains(&command.market_state) {
        return refuse(RejectCode::MarketStateNotReachable, reachable(before)[0] as u128, command.market_state as u128);
    }
    check_auction_terms(&command)?;
    check_opening(market, &command)?;
    if takes_orders(command.market_state) {
        if !market.has_rules {
            return refuse(RejectCode::MarketRulesMissing, 1, 0);
        }
        for asset_id in [market.base_asset_id, market.quote_asset_id] {
            let status = state.assets[asset_id as usize - 1].asset_status;
            if status != AssetStatus::ADMITTED {
                return refuse(RejectCode::AssetNotAdmitted, AssetStatus::ADMITTED as u128, status as u128);
            }
        }
    }
    // MATCH POST EMIT
    if command.reference_price_ticks != 0 {
        let market = state.market(command.market_id);
        market.reference_price_ticks = command.reference_price_ticks;
        market.derive_bounds();
    }
    if command.market_state == MarketState::CONTINUOUS {
        open_continuous(state, command.market_id, MarketReason::OPERATOR);
        return Ok(());
    }
    if command.market_state == MarketState::CLOSED && before == MarketState::AUCTION {
        uncross(state, command.market_id);
    }
    let (next_state, end_ns) = (command.next_market_state, command.auction_end_ns);
    change_state(state, command.market_id, command.market_state, MarketReason::OPERATOR, next_state, end_ns);
    end_session(state, command.market_id);
    run_triggers(state, command.market_id);
    Ok(())
}
