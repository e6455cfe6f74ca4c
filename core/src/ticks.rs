//! Set bands of a market's tick-size table. Resting orders off the new grid are canceled, the others keep their places.
//!
//! Source: published practice of OKX, whose notices on smaller and larger tick sizes cancel an open order whose price
//! has more decimals than the new tick size and leave all others; docs/concepts/ticks-and-lots.md

use crate::book::{has_trigger, is_market, Order};
use crate::cancel::cancel_open_orders;
use crate::grid::grid_floor;
use crate::lookup::find_market;
use crate::records::{CancelReason, RejectCode, SetTickBand, TickBandScheduled, TickBandSet};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::settings::{check_setting, keep_setting, setting};
use crate::state::{Market, State};

/// Refuse a band that does not begin on its own grid.
pub fn check_band(command: &SetTickBand) -> Result<(), Refusal> {
    let (start, step) = (command.from_price_ticks, command.tick_step_ticks);
    if step != 0 && !start.is_multiple_of(step) {
        return refuse(RejectCode::TickBandInvalid, (start - start % step) as u128, start as u128);
    }
    require_hash(&command.rulebook_hash, RejectCode::RulebookHashMissing)
}

/// Set or end a band, at once or later.
pub fn set_tick_band(state: &mut State, command: SetTickBand) -> Result<(), Refusal> {
    // GATE
    find_market(state, command.market_id)?;
    check_band(&command)?;
    let setting = setting!(command);
    check_setting(state, &setting)?;
    // POST EMIT
    if keep_setting(state, &setting) {
        let event = TickBandScheduled {
            seq: state.seq,
            market_id: command.market_id,
            from_price_ticks: command.from_price_ticks,
            tick_step_ticks: command.tick_step_ticks,
            effective_ns: command.effective_ns,
            rulebook_hash: command.rulebook_hash,
        };
        event.write(&mut state.out);
    } else {
        apply_tick_band(state, command, 0);
    }
    Ok(())
}

/// Let a band take effect, and cancel the orders that are off the new grid.
pub fn apply_tick_band(state: &mut State, command: SetTickBand, scheduled_seq: u64) {
    // POST
    let bands = &mut state.market(command.market_id).tick_bands;
    bands.retain(|&(start, _)| start != command.from_price_ticks);
    if command.tick_step_ticks != 0 {
        bands.push((command.from_price_ticks, command.tick_step_ticks));
        bands.sort_unstable();
    }
    // EMIT
    let event = TickBandSet {
        seq: state.seq,
        market_id: command.market_id,
        from_price_ticks: command.from_price_ticks,
        tick_step_ticks: command.tick_step_ticks,
        scheduled_seq,
        rulebook_hash: command.rulebook_hash,
    };
    event.write(&mut state.out);
    let market = &state.markets[command.market_id as usize - 1];
    let off_grid = |&slot: &u32| !is_on_grid(market, &market.book.order(slot));
    let slots = market.book.slots().into_iter().filter(off_grid).collect();
    cancel_open_orders(state, command.market_id, slots, CancelReason::TICK_CHANGE);
}

/// Return whether the prices that the client stated, and that still count, are on the grid.
pub fn is_on_grid(market: &Market, order: &Order) -> bool {
    let is_stated = !market.book.trails.contains_key(&order.order_id);
    let untriggered = is_stated && has_trigger(order.order_type) && order.priority == 0;
    let trigger = if untriggered { order.trigger_price_ticks } else { 0 };
    let price = if is_market(order.order_type) { 0 } else { order.price_ticks };
    grid_floor(market, trigger) == trigger && grid_floor(market, price) == price
}
