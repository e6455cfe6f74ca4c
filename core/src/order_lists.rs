//! Order lists and trailing stops: orders that depend on each other or follow the price, placed by one command.
//!
//! All orders of a command are checked like any order, together; then they are held for, numbered and placed, or none
//! is. What becomes of them: `contingencies`. The client's number names the first order, the next numbers those after it.
//! Source: Binance Spot, Place new order list (OCO, OTO, OTOCO) and Trailing Stop order FAQ. Here the limit order of a
//! pair is a post-only order, a pending order is on the other side of its working order, and none is a market order.

use crate::book::{has_trigger, is_trigger_market, opposite, Order};
use crate::cancel::{cancel_open_orders, require_canceling};
use crate::client_ids::{check_client_order_id, remember_order};
use crate::contingencies::{begin_trail, emit_started, leg_needs};
use crate::grid::check_grid;
use crate::ledger::HOLD;
use crate::legs::{
    is_leg, leg_id, list_of, OCO_LIMIT, OCO_STOP, OTOCO_LIMIT, OTOCO_STOP, OTOCO_WORKING, OTO_PENDING, OTO_WORKING,
};
use crate::limits::check_order;
use crate::lookup::{find_account, find_market};
use crate::matching::Taker;
use crate::orders::{
    check_fields, check_in_auction, check_market, check_open_orders, check_post_only, check_price, check_size,
    check_trader, emit_accepted, new_order,
};
use crate::purchases::{check_purchase, is_limited_purchase, open_purchase};
use crate::records::{
    CancelOrderList, CancelReason, MarketState, OrderListKind, OrderListPlaced, OrderType, PlaceOco, PlaceOrder,
    PlaceOto, PlaceOtoco, PlaceTrailingStop, RejectCode, Side, TimeInForce, TrailingStopPlaced,
};
use crate::refusal::{refuse, unknown, Refusal};
use crate::settlement::paying_asset;
use crate::state::{Market, State};
use crate::trailing::{trailing_trigger, worst_price, Trail, TRAILING_MAX_BP, TRAILING_MIN_BP};
use crate::triggers::{run_triggers, trade};

/// One order of a command: its role in the list, its terms, how far it trails, whether another must fill first.
#[derive(Clone, Copy)]
struct Leg {
    role: u64,
    terms: PlaceOrder,
    trailing_bp: u32,
    is_pending: bool,
}

/// What the orders of one command have in common.
#[derive(Clone, Copy)]
struct Common {
    self_trade_prevention: u8,
    session_id: u16,
    ts_ns: u64,
    market_id: u32,
    account_id: u32,
    client_order_id: u64,
    expire_ns: u64,
    approval_id: u64,
}

macro_rules! common {
    ($command:expr, $expire_ns:expr) => {
        Common {
            self_trade_prevention: $command.self_trade_prevention,
            session_id: $command.session_id,
            ts_ns: $command.ts_ns,
            market_id: $command.market_id,
            account_id: $command.account_id,
            client_order_id: $command.client_order_id,
            expire_ns: $expire_ns,
            approval_id: $command.approval_id,
        }
    };
}

/// Place a stop or take-profit order whose trigger follows the price.
pub fn place_trailing_stop(state: &mut State, command: PlaceTrailingStop) -> Result<(), Refusal> {
    check_trailing(command.trailing_bp)?;
    let terms = PlaceOrder {
        order_type: command.order_type,
        side: command.side,
        time_in_force: command.time_in_force,
        self_trade_prevention: command.self_trade_prevention,
        session_id: command.session_id,
        ts_ns: command.ts_ns,
        market_id: command.market_id,
        account_id: command.account_id,
        client_order_id: command.client_order_id,
        price_ticks: command.price_ticks,
        quantity_lots: command.quantity_lots,
        trigger_price_ticks: command.trigger_price_ticks,
        display_lots: command.display_lots,
        expire_ns: command.expire_ns,
        approval_id: command.approval_id,
        cash_order_quantity_minor: 0,
    };
    place_legs(state, 0, &[Leg { role: 0, terms, trailing_bp: command.trailing_bp, is_pending: false }])
}

/// Place a post-only order and a stop of which one cancels the other.
pub fn place_oco(state: &mut State, command: PlaceOco) -> Result<(), Refusal> {
    let (common, side, lots) = (common!(command, command.expire_ns), command.side, command.quantity_lots);
    let limit = leg_terms(&common, 0, OrderType::POST_ONLY, side, command.price_ticks, lots)?;
    let stop = stop_terms(&common, 1, side, command.trigger_price_ticks, command.stop_price_ticks, lots)?;
    let trailing_bp = command.trailing_bp;
    let pair = [
        Leg { role: OCO_LIMIT, terms: limit, trailing_bp: 0, is_pending: false },
        Leg { role: OCO_STOP, terms: stop, trailing_bp, is_pending: false },
    ];
    place_legs(state, OrderListKind::OCO, &pair)
}

/// Place a working order and one that begins when it is filled.
pub fn place_oto(state: &mut State, command: PlaceOto) -> Result<(), Refusal> {
    if command.pending_type == OrderType::MARKET {
        return refuse(RejectCode::ListTypeNotAllowed, OrderType::LIMIT as u128, command.pending_type as u128);
    }
    let common = common!(command, command.expire_ns);
    let working = working_terms(&common, command.order_type, command.side, command.price_ticks, command.quantity_lots)?;
    let (side, lots) = (opposite(command.side), command.pending_quantity_lots);
    let mut pending = leg_terms(&common, 1, command.pending_type, side, command.pending_price_ticks, lots)?;
    pending.trigger_price_ticks = command.trigger_price_ticks;
    let legs = [
        Leg { role: OTO_WORKING, terms: working, trailing_bp: 0, is_pending: false },
        Leg { role: OTO_PENDING, terms: pending, trailing_bp: command.trailing_bp, is_pending: true },
    ];
    place_legs(state, OrderListKind::OTO, &legs)
}

/// Place a working order and a pair, of which one cancels the other, that begins when it is filled.
pub fn place_otoco(state: &mut State, command: PlaceOtoco) -> Result<(), Refusal> {
    let common = common!(command, 0);
    let working = working_terms(&common, command.order_type, command.side, command.price_ticks, command.quantity_lots)?;
    let (side, lots) = (opposite(command.side), command.pending_quantity_lots);
    let limit = leg_terms(&common, 1, OrderType::POST_ONLY, side, command.pending_price_ticks, lots)?;
    let stop = stop_terms(&common, 2, side, command.trigger_price_ticks, command.stop_price_ticks, lots)?;
    let legs = [
        Leg { role: OTOCO_WORKING, terms: working, trailing_bp: 0, is_pending: false },
        Leg { role: OTOCO_LIMIT, terms: limit, trailing_bp: 0, is_pending: true },
        Leg { role: OTOCO_STOP, terms: stop, trailing_bp: command.trailing_bp, is_pending: true },
    ];
    place_legs(state, OrderListKind::OTOCO, &legs)
}

/// Return the working order of a list.
fn working_terms(
    common: &Common,
    order_type: u8,
    side: u8,
    price_ticks: u64,
    lots: u64,
) -> Result<PlaceOrder, Refusal> {
    if !matches!(order_type, OrderType::LIMIT | OrderType::POST_ONLY) {
        return refuse(RejectCode::ListTypeNotAllowed, OrderType::LIMIT as u128, order_type as u128);
    }
    leg_terms(common, 0, order_type, side, price_ticks, lots)
}

/// Return the stop of a pair, a market order where it has no limit price.
fn stop_terms(
    common: &Common,
    place: u64,
    side: u8,
    trigger_price_ticks: u64,
    price_ticks: u64,
    lots: u64,
) -> Result<PlaceOrder, Refusal> {
    let kind = if price_ticks == 0 { OrderType::STOP_LOSS } else { OrderType::STOP_LOSS_LIMIT };
    Ok(PlaceOrder { trigger_price_ticks, ..leg_terms(common, place, kind, side, price_ticks, lots)? })
}

/// Return the order at a place of a list; a market order once triggered is immediate or cancel.
fn leg_terms(
    common: &Common,
    place: u64,
    order_type: u8,
    side: u8,
    price_ticks: u64,
    lots: u64,
) -> Result<PlaceOrder, Refusal> {
    let (time_in_force, expire_ns) = match common.expire_ns {
        _ if is_trigger_market(order_type) => (TimeInForce::IOC, 0),
        0 => (TimeInForce::GTC, 0),
        expire_ns => (TimeInForce::GTD, expire_ns),
    };
    let (number, largest) = (common.client_order_id, u64::MAX - place);
    if number > largest {
        return refuse(RejectCode::ListNumberTooLarge, largest as u128, number as u128);
    }
    Ok(PlaceOrder {
        order_type,
        side,
        time_in_force,
        self_trade_prevention: common.self_trade_prevention,
        session_id: common.session_id,
        ts_ns: common.ts_ns,
        market_id: common.market_id,
        account_id: common.account_id,
        client_order_id: if number == 0 { 0 } else { number + place },
        price_ticks,
        quantity_lots: lots,
        trigger_price_ticks: 0,
        display_lots: 0,
        expire_ns,
        approval_id: common.approval_id,
        cash_order_quantity_minor: 0,
    })
}

/// Check all orders of a command, hold for them, and place them.
fn place_legs(state: &mut State, list_kind: u8, legs: &[Leg]) -> Result<(), Refusal> {
    let PlaceOrder { account_id, market_id, approval_id, price_ticks, order_type, .. } = legs[0].terms;
    // GATE
    find_account(state, account_id)?;
    check_trader(state, account_id, approval_id)?;
    find_market(state, market_id)?;
    check_market(state, market_id)?;
    for leg in legs {
        check_leg(state, leg, price_ticks)?;
    }
    check_pair(&state.markets[market_id as usize - 1], legs)?;
    for leg in legs {
        check_client_order_id(state, account_id, leg.terms.client_order_id)?;
    }
    check_open_orders(state, account_id, legs.len() as u64)?;
    let mut orders = Vec::with_capacity(legs.len());
    for leg in legs {
        let asset_id = paying_asset(&state.markets[market_id as usize - 1], leg.terms.side);
        let hold_balance = state.balance(account_id, asset_id);
        orders.push(new_leg(state, leg, hold_balance));
    }
    // HOLD
    let needs = placed_needs(&state.markets[market_id as usize - 1], legs, &orders);
    hold_legs(state, market_id, legs, &orders, &needs)?;
    for leg in legs.iter().rev() {
        remember_order(state, account_id, leg.terms.client_order_id);
    }
    // EMIT
    emit_placed(state, list_kind, legs, &orders, &needs);
    // MATCH POST EMIT
    for at in 1..legs.len() {
        state.market(market_id).book.leg_holds.insert(orders[at].order_id, needs[at]);
        place_untriggered(state, market_id, &legs[at], orders[at]);
    }
    if has_trigger(order_type) {
        place_untriggered(state, market_id, &legs[0], orders[0]);
    } else if state.market(market_id).market_state == MarketState::CONTINUOUS {
        trade(state, market_id, &mut Taker::limit(orders[0]));
        run_triggers(state, market_id);
    } else {
        state.market(market_id).book.insert(&orders[0]);
        state.register_order(market_id, &orders[0]);
    }
    Ok(())
}

/// Refuse a distance out of range.
fn check_trailing(trailing_bp: u32) -> Result<(), Refusal> {
    if trailing_bp < TRAILING_MIN_BP {
        return refuse(RejectCode::TrailingDeltaOutOfRange, TRAILING_MIN_BP as u128, trailing_bp as u128);
    }
    if trailing_bp > TRAILING_MAX_BP {
        return refuse(RejectCode::TrailingDeltaOutOfRange, TRAILING_MAX_BP as u128, trailing_bp as u128);
    }
    Ok(())
}

/// Refuse what would be refused of an order by itself; what depends on the market at its time is checked then.
///
/// A trailing stop without a trigger price counts at the price from which it begins.
fn check_leg(state: &State, leg: &Leg, working_ticks: u64) -> Result<(), Refusal> {
    let (market, mut terms) = (&state.markets[leg.terms.market_id as usize - 1], leg.terms);
    if leg.trailing_bp != 0 {
        check_trailing(leg.trailing_bp)?;
        if terms.trigger_price_ticks == 0 {
            terms.trigger_price_ticks = if leg.is_pending { working_ticks } else { market.last_price_ticks };
        }
        if terms.trigger_price_ticks == 0 {
            return refuse(RejectCode::TrailingPriceMissing, 1, 0);
        }
    }
    check_fields(&terms)?;
    if !leg.is_pending {
        check_in_auction(market, &terms)?;
    }
    check_size(market, &terms)?;
    if state.accounts[terms.account_id as usize - 1].limited != 0 {
        let price = if terms.price_ticks != 0 { terms.price_ticks } else { terms.trigger_price_ticks };
        check_order(state, terms.account_id, terms.market_id, price, terms.quantity_lots, 0)?;
    }
    for price_ticks in [leg.terms.price_ticks, leg.terms.trigger_price_ticks] {
        check_grid(market, price_ticks)?;
    }
    if !leg.is_pending && leg.terms.trigger_price_ticks == terms.trigger_price_ticks {
        check_price(market, &terms)?;
    }
    Ok(())
}

/// Refuse a pair whose limit and trigger do not lie on both sides of the last price, or of each other.
fn check_pair(market: &Market, legs: &[Leg]) -> Result<(), Refusal> {
    let [.., first, second] = legs else { return Ok(()) };
    if first.terms.order_type != OrderType::POST_ONLY || second.role == OTO_PENDING {
        return Ok(());
    }
    let (limit, stop) = (&first.terms, &second.terms);
    if stop.side == Side::BUY && stop.price_ticks != 0 && stop.price_ticks < limit.price_ticks {
        return refuse(RejectCode::ListPricesCrossed, limit.price_ticks as u128, stop.price_ticks as u128);
    }
    for inner in [if first.is_pending { 0 } else { market.last_price_ticks }, stop.trigger_price_ticks] {
        let is_apart = if limit.side == Side::SELL { limit.price_ticks > inner } else { limit.price_ticks < inner };
        if inner != 0 && !is_apart {
            let nearest = if limit.side == Side::SELL { inner as u128 + 1 } else { inner as u128 - 1 };
            return refuse(RejectCode::ListPricesCrossed, nearest, limit.price_ticks as u128);
        }
    }
    Ok(())
}

/// Return the order of a leg. A trailing market buy carries as price the most that it may pay.
fn new_leg(state: &State, leg: &Leg, hold_balance: u32) -> Order {
    let market = &state.markets[leg.terms.market_id as usize - 1];
    let mut order = new_order(state, &leg.terms, hold_balance);
    order.order_id = leg_id(state.seq, leg.role);
    if leg.trailing_bp != 0 && is_trigger_market(order.order_type) && order.side == Side::BUY {
        let begin = order.trigger_price_ticks;
        let begin = if begin != 0 { begin } else { market.last_price_ticks };
        order.price_ticks = worst_price(trailing_trigger(Side::BUY, begin, leg.trailing_bp), market.collar_ppm);
    }
    order
}

/// Return what each order holds when it is placed: a pending one nothing.
fn placed_needs(market: &Market, legs: &[Leg], orders: &[Order]) -> Vec<u128> {
    let at_once = legs.iter().filter(|leg| !leg.is_pending).count();
    let mut needs = leg_needs(market, &orders[..at_once]);
    needs.resize(orders.len(), 0);
    needs
}

/// Hold what the orders need; refuse what the balance does not cover, or a post-only one that would trade.
fn hold_legs(state: &mut State, market_id: u32, legs: &[Leg], orders: &[Order], needs: &[u128]) -> Result<(), Refusal> {
    let (market, first) = (&state.markets[market_id as usize - 1], &orders[0]);
    let (asset_id, total) = (paying_asset(market, first.side), needs.iter().sum());
    let available = state.available_minor(first.account_id, asset_id);
    if available < total {
        return refuse(RejectCode::InsufficientBalance, total, available);
    }
    if first.order_type == OrderType::POST_ONLY {
        check_post_only(market, first.side, first.price_ticks)?;
    }
    if is_limited_purchase(state, market, first.account_id, first.side) {
        check_purchase(state, first.account_id, asset_id, total)?;
        for ((leg, order), &need) in legs.iter().zip(orders).zip(needs) {
            if !leg.is_pending {
                open_purchase(state, order.account_id, order.order_id, asset_id, need);
            }
        }
    }
    let (from, to) = (state.available(first.account_id, asset_id), state.held(first.account_id, asset_id));
    state.post(HOLD, asset_id, total, from, to);
    Ok(())
}

/// Say that a list is accepted, and each of its orders: the one that may trade at once comes last.
fn emit_placed(state: &mut State, list_kind: u8, legs: &[Leg], orders: &[Order], needs: &[u128]) {
    let PlaceOrder { market_id, account_id, client_order_id, .. } = legs[0].terms;
    if list_kind != 0 {
        let list_id = state.seq;
        let event = OrderListPlaced { list_kind, seq: list_id, market_id, account_id, list_id, client_order_id };
        event.write(&mut state.out);
    }
    for ((leg, order), &need) in legs.iter().zip(orders).zip(needs).rev() {
        emit_accepted(state, &leg.terms, order.order_id, leg.terms.price_ticks, need);
        if leg.trailing_bp != 0 {
            let (order_id, trailing_bp) = (order.order_id, leg.trailing_bp);
            let event = TrailingStopPlaced { seq: state.seq, market_id, account_id, order_id, trailing_bp };
            event.write(&mut state.out);
        }
    }
}

/// Let an order wait for the working one or for its trigger; a trailing stop may begin at once.
fn place_untriggered(state: &mut State, market_id: u32, leg: &Leg, mut order: Order) {
    let market = state.market(market_id);
    let begins = leg.trailing_bp != 0 && order.trigger_price_ticks == 0 && !leg.is_pending;
    if begins {
        begin_trail(market, &mut order, leg.trailing_bp);
    } else if leg.trailing_bp != 0 {
        market.book.trails.insert(order.order_id, Trail { trailing_bp: leg.trailing_bp, extreme_ticks: 0 });
    }
    if leg.is_pending {
        market.book.hold_back(&order);
    } else {
        market.book.add_untriggered(&order);
    }
    let last = market.last_price_ticks;
    state.register_order(market_id, &order);
    if begins {
        emit_started(state, market_id, &order, last);
    }
}

/// Cancel the open orders of a list, in any state of the market.
pub fn cancel_order_list(state: &mut State, command: CancelOrderList) -> Result<(), Refusal> {
    // GATE
    find_account(state, command.account_id)?;
    require_canceling(state, command.account_id)?;
    find_market(state, command.market_id)?;
    let by_client = list_of_client(state, command.account_id, command.client_order_id);
    let named = if command.list_id != 0 { command.list_id } else { by_client };
    let book = &state.markets[command.market_id as usize - 1].book;
    let roles = OCO_LIMIT..if list_of(named) == named { OTOCO_STOP + 1 } else { OCO_LIMIT };
    let open = roles.filter_map(|role| book.find(leg_id(named, role)));
    let mine: Vec<u32> = open.filter(|&slot| book.hot[slot as usize].account_id == command.account_id).collect();
    if mine.is_empty() {
        let found = if command.list_id != 0 { command.list_id } else { command.client_order_id };
        return unknown(RejectCode::OrderListUnknown, found);
    }
    // POST EMIT
    cancel_open_orders(state, command.market_id, mine, CancelReason::REQUESTED);
    Ok(())
}

/// Return the list of the open order that has a client's number, 0 for none.
fn list_of_client(state: &State, account_id: u32, client_order_id: u64) -> u64 {
    let order_id = match client_order_id {
        0 => 0,
        number => state.order_of_client(account_id, number),
    };
    if is_leg(order_id) {
        list_of(order_id)
    } else {
        0
    }
}
