//! What is due before the command that brings the time: settings, ends of auctions, expiries, cancel timers, delistings.

use crate::auction::{extend_auction, open_continuous, uncross};
use crate::cancel::close_order;
use crate::cancel_timers::elapse;
use crate::contingencies::settle_legs;
use crate::delistings::step_delisting;
use crate::fees::apply_fees;
use crate::limit_settings::{apply_limit, apply_removal};
use crate::market_states::change_state;
use crate::markets::apply_market_rules;
use crate::parameters::apply_parameter;
use crate::records::{
    CancelReason, MarketReason, MarketState, RemoveLimit, SetFees, SetLimit, SetMarketRules, SetParameter, SetTickBand,
};
use crate::session_orders::end_session;
use crate::settings::{drop_setting, kind_of};
use crate::state::{State, AUCTION_DUE, CANCEL_DUE, DELISTING_DUE, SETTING_DUE};
use crate::ticks::apply_tick_band;

/// Do everything that is due at the state's time: earliest first, then kind by kind, then by number.
#[cold]
pub fn run_timers(state: &mut State) {
    while let Some((_, due_kind, number, market_id)) = state.next_due(state.last_ts_ns) {
        if due_kind == SETTING_DUE {
            apply_setting(state, number);
        } else if due_kind == DELISTING_DUE {
            step_delisting(state, number as u32);
        } else if due_kind == CANCEL_DUE {
            elapse(state, number as u32);
        } else if due_kind == AUCTION_DUE {
            end_auction(state, market_id);
        } else {
            let slot = state.market(market_id).book.find(number).expect("a timer outlived its order");
            close_order(state, market_id, slot, CancelReason::EXPIRED);
        }
        settle_legs(state);
    }
}

/// Let a pending setting take effect; `seq` is the number of the command that scheduled it.
fn apply_setting(state: &mut State, seq: u64) {
    let record = drop_setting(state, seq);
    match kind_of(&record) {
        SetParameter::KIND => apply_parameter(state, SetParameter::read(&record), seq),
        SetMarketRules::KIND => apply_market_rules(state, SetMarketRules::read(&record), seq),
        SetTickBand::KIND => apply_tick_band(state, SetTickBand::read(&record), seq),
        SetFees::KIND => apply_fees(state, SetFees::read(&record), seq),
        SetLimit::KIND => apply_limit(state, SetLimit::read(&record), seq),
        _ => apply_removal(state, RemoveLimit::read(&record), seq),
    }
}

/// Uncross an auction whose time is over and go where it leads, or extend it.
fn end_auction(state: &mut State, market_id: u32) {
    if extend_auction(state, market_id) {
        return;
    }
    if state.market(market_id).next_market_state == MarketState::CONTINUOUS {
        open_continuous(state, market_id, MarketReason::AUCTION_END);
        return;
    }
    uncross(state, market_id);
    change_state(state, market_id, MarketState::CLOSED, MarketReason::AUCTION_END, 0, 0);
    end_session(state, market_id);
}
