//! A market's states and the one place that changes them.

use crate::records::{MarketState, MarketStateChanged};
use crate::state::{State, AUCTION_DUE};

const CLOSED: u8 = MarketState::CLOSED;
const PRE_OPEN: u8 = MarketState::PRE_OPEN;
const AUCTION: u8 = MarketState::AUCTION;
const CONTINUOUS: u8 = MarketState::CONTINUOUS;
const HALTED: u8 = MarketState::HALTED;

/// Return what an operator may ask for from a state. A halted market reopens only through an auction.
pub fn reachable(from: u8) -> &'static [u8] {
    match from {
        CLOSED => &[PRE_OPEN, AUCTION, CONTINUOUS],
        PRE_OPEN => &[AUCTION, CONTINUOUS, HALTED, CLOSED],
        AUCTION => &[CONTINUOUS, HALTED, CLOSED],
        CONTINUOUS => &[AUCTION, HALTED, CLOSED],
        _ => &[PRE_OPEN, AUCTION, CLOSED],
    }
}

/// Return whether orders enter in a state.
#[inline(always)]
pub fn takes_orders(market_state: u8) -> bool {
    matches!(market_state, PRE_OPEN | AUCTION | CONTINUOUS)
}

/// Set the market's state and what its auction leads to, keep the auction's timer, and say so.
pub fn change_state(state: &mut State, market_id: u32, new_state: u8, reason: u8, next_state: u8, auction_end_ns: u64) {
    state.touch(market_id);
    let market = state.market(market_id);
    let (before, old_end_ns) = (market.market_state, market.auction_end_ns);
    market.market_state = new_state;
    market.next_market_state = next_state;
    market.auction_end_ns = auction_end_ns;
    let reference_price_ticks = market.reference_price_ticks;
    if old_end_ns != 0 {
        state.drop_timer(old_end_ns, AUCTION_DUE, market_id as u64, market_id);
    }
    if auction_end_ns != 0 {
        state.add_timer(auction_end_ns, AUCTION_DUE, market_id as u64, market_id);
    }
    let event = MarketStateChanged {
        market_state: new_state,
        from_market_state: before,
        market_reason: reason,
        next_market_state: next_state,
        seq: state.seq,
        market_id,
        reference_price_ticks,
        auction_end_ns,
    };
    event.write(&mut state.out);
}
