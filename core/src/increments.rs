//! Change a market's lot size and tick value, with the orders that stand in it.
//!
//! A price and a quantity mean the same before and after: `price * tick value / lot size` and `quantity * lot size`. An
//! order all of whose numbers are whole in the new units keeps its place, and holds exactly what it held; every other is
//! canceled in the old units. Source: published practice of OKX for both tick size and trading amount precision;
//! docs/concepts/ticks-and-lots.md

use crate::book::Order;
use crate::cancel::cancel_open_orders;
use crate::legs::is_leg;
use crate::lookup::find_market;
use crate::matching::emit_amended;
use crate::records::{CancelReason, ChangeIncrements, IncrementsChanged, MarketState, RejectCode};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::settings::market_of;
use crate::settlement::hold_minor;
use crate::state::{Market, State};

/// A ratio in lowest terms: a number in new units is the old one * numerator / denominator.
#[derive(Clone, Copy)]
pub struct Scale {
    numerator: u128,
    denominator: u128,
}

impl Scale {
    /// Return whether the number is whole in the new units and fits.
    fn is_whole(self, number: u64) -> bool {
        let (units, rest) = (number as u128 / self.denominator, number as u128 % self.denominator);
        rest == 0 && units.checked_mul(self.numerator).is_some_and(|whole| whole <= u64::MAX as u128)
    }

    /// Return what a number had to be a multiple of or, where it is one and does not fit, at most.
    fn expected(self, number: u64) -> u128 {
        if !(number as u128).is_multiple_of(self.denominator) {
            return self.denominator;
        }
        u64::MAX as u128 / self.numerator * self.denominator
    }

    /// Return the number in the new units, rounded down, at least 1 where it was not 0.
    fn of(self, number: u64) -> u64 {
        let units = crate::arithmetic::scale_floor(number as u128, self.numerator, self.denominator);
        crate::arithmetic::saturate_u64(units.max(number.min(1) as u128))
    }
}

/// Return a ratio in lowest terms.
fn scale(numerator: u128, denominator: u128) -> Scale {
    let (mut common, mut rest) = (numerator, denominator);
    while rest != 0 {
        (common, rest) = (rest, common % rest);
    }
    Scale { numerator: numerator / common, denominator: denominator / common }
}

/// Return the ratios of prices and of quantities between lot sizes and tick values.
fn scales(lot_before: u64, tick_before: u64, lot: u64, tick: u64) -> (Scale, Scale) {
    let [lot_before, tick_before, lot, tick] = [lot_before, tick_before, lot, tick].map(|number| number as u128);
    (scale(tick_before * lot, lot_before * tick), scale(lot_before, lot))
}

/// Return the ratios of prices and of quantities that a command brings.
fn scales_of(market: &Market, command: &ChangeIncrements) -> (Scale, Scale) {
    scales(market.lot_size_minor, market.tick_value_minor, command.lot_size_minor, command.tick_value_minor)
}

/// Refuse a change while the market trades or settings in the old units wait, and one that changes nothing.
fn check_increments(state: &State, command: &ChangeIncrements) -> Result<(), Refusal> {
    let market = &state.markets[command.market_id as usize - 1];
    if !matches!(market.market_state, MarketState::CLOSED | MarketState::HALTED) {
        return refuse(RejectCode::MarketNotAtRest, MarketState::HALTED as u128, market.market_state as u128);
    }
    if command.lot_size_minor == 0 || command.tick_value_minor == 0 {
        return refuse(RejectCode::MarketIncrementZero, 1, 0);
    }
    require_hash(&command.rulebook_hash, RejectCode::RulebookHashMissing)?;
    for (&seq, record) in &state.pending {
        if market_of(record) == market.market_id as u64 {
            return refuse(RejectCode::SettingPending, 0, seq as u128);
        }
    }
    if (command.lot_size_minor, command.tick_value_minor) == (market.lot_size_minor, market.tick_value_minor) {
        return refuse(RejectCode::IncrementsInvalid, 1, 0);
    }
    let (price, _) = scales_of(market, command);
    for number in market.tick_bands.iter().flat_map(|&(start, step)| [start, step]) {
        if !price.is_whole(number) {
            return refuse(RejectCode::IncrementsInvalid, price.expected(number), number as u128);
        }
    }
    Ok(())
}

/// Change lot size and tick value; orders that are whole in the new units stay.
pub fn change_increments(state: &mut State, command: ChangeIncrements) -> Result<(), Refusal> {
    // GATE
    find_market(state, command.market_id)?;
    check_increments(state, &command)?;
    // POST EMIT
    let market = &state.markets[command.market_id as usize - 1];
    let (price, quantity) = scales_of(market, &command);
    let left = |&slot: &u32| {
        let order = market.book.order(slot);
        let is_bound = is_leg(order.order_id) || market.book.trails.contains_key(&order.order_id);
        is_bound || !fits(&order, price, quantity)
    };
    let slots = market.book.slots().into_iter().filter(left).collect();
    cancel_open_orders(state, command.market_id, slots, CancelReason::TICK_CHANGE);
    let market = state.market(command.market_id);
    let (from_lot_size_minor, from_tick_value_minor) = (market.lot_size_minor, market.tick_value_minor);
    restate(market, &command, price, quantity);
    let event = IncrementsChanged {
        seq: state.seq,
        market_id: command.market_id,
        lot_size_minor: command.lot_size_minor,
        tick_value_minor: command.tick_value_minor,
        from_lot_size_minor,
        from_tick_value_minor,
        quantity_max_lots: state.market(command.market_id).quantity_max_lots,
        rulebook_hash: command.rulebook_hash,
    };
    event.write(&mut state.out);
    let market = &state.markets[command.market_id as usize - 1];
    let mut orders: Vec<Order> = market.book.slots().into_iter().map(|slot| market.book.order(slot)).collect();
    orders.sort_unstable_by_key(|order| order.order_id);
    for order in orders {
        let market = &state.markets[command.market_id as usize - 1];
        let held = hold_minor(market, order.side, order.price_ticks, order.leaves_lots);
        emit_amended(state, command.market_id, &order, 1, held);
    }
    Ok(())
}

/// Return whether all numbers of an order are whole in the new units.
fn fits(order: &Order, price: Scale, quantity: Scale) -> bool {
    let lots = [order.quantity_lots, order.leaves_lots, order.visible_lots, order.display_lots];
    let ticks = [order.price_ticks, order.trigger_price_ticks];
    lots.iter().all(|&number| quantity.is_whole(number)) && ticks.iter().all(|&number| price.is_whole(number))
}

/// Put the market, its table and its orders into the new units. Places in queues stay.
fn restate(market: &mut Market, command: &ChangeIncrements, price: Scale, quantity: Scale) {
    market.lot_size_minor = command.lot_size_minor;
    market.tick_value_minor = command.tick_value_minor;
    market.rulebook_hash = command.rulebook_hash;
    market.quantity_max_lots = quantity.of(market.quantity_max_lots);
    market.reference_price_ticks = price.of(market.reference_price_ticks);
    market.last_price_ticks = price.of(market.last_price_ticks);
    for (start, step) in &mut market.tick_bands {
        (*start, *step) = (price.of(*start), price.of(*step));
    }
    market.derive_bounds();
    let before = std::mem::take(&mut market.book);
    market.book.priority_next = before.priority_next;
    let untriggered = before.untriggered();
    let resting = before.slots().len() - untriggered.len();
    for (at, slot) in before.slots().into_iter().enumerate() {
        let mut order = before.order(slot);
        restate_order(&mut order, price, quantity);
        if at < resting {
            market.book.restore(&order);
        } else {
            market.book.add_untriggered(&order);
        }
    }
}

/// Put an order into the new units.
fn restate_order(order: &mut Order, price: Scale, quantity: Scale) {
    for ticks in [&mut order.price_ticks, &mut order.trigger_price_ticks] {
        *ticks = price.of(*ticks);
    }
    let lots = [&mut order.quantity_lots, &mut order.leaves_lots, &mut order.visible_lots, &mut order.display_lots];
    for number in lots {
        *number = quantity.of(*number);
    }
}
