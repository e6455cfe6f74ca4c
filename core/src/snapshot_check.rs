//! What must hold of a state that was read from a snapshot, beyond that its bytes have the right shape.
//!
//! A snapshot's digest tells whether it is the right one. This tells, alike in both twins, that it is a possible one: no
//! later command meets a number that leads nowhere. Every amount stays under 2^120, every sum is added up again, every
//! list is a set in its order (the state must be written back to the same bytes).

use std::collections::{HashMap, HashSet};

use crate::arithmetic::{AMOUNT_MAX, PPM};
use crate::book::{has_trigger, is_auction_time, Book, Order, NONE};
use crate::checkpoint::audit;
use crate::custody_check::check_custody_terms;
use crate::legs::{is_leg, kind_of, list_of, other_leg, role_of, working_leg, LEG_BASE, OTOCO_STOP};
use crate::market_states::takes_orders;
use crate::markets::BAND_MAX_PPM;
use crate::orders::SLICES_MAX;
use crate::receipts::OWNER_NOT_KNOWN;
use crate::records::{
    privilege, AccountRole, AccountState, AssetKind, AssetStatus, ClientClass, MarketState, NumberSpace, OrderType,
    ReceiptReason, Role, SelfTradePrevention, Side, TimeInForce,
};
use crate::settlement::held_by;
use crate::snapshot_bytes::{require, within, SnapshotError};
use crate::state::{client_key, Account, Asset, Market, State, TIER_COUNT};
use crate::ticks::is_on_grid;
use crate::trailing::{trailing_trigger, TRAILING_MAX_BP, TRAILING_MIN_BP};

const SCALE_MAX: u8 = 24;
/// More places than all commands could ever give.
const PRIORITY_LIMIT: u64 = 1 << 63;

/// Refuse a state that no commands lead to. Breaks an invariant where it does not add up.
pub fn check_state(state: &mut State) -> Result<(), SnapshotError> {
    require(within(state.next_seq, 1, LEG_BASE - 1), "next sequence number")?;
    check_authority(state)?;
    for asset in &state.assets {
        check_asset(asset)?;
    }
    for (account, &client_class) in state.accounts.iter().zip(&state.client_classes) {
        check_account(account, client_class)?;
        let is_named = account.last_client_order_id != 0;
        require(is_named == (account.last_order_id != 0) && account.last_order_id < state.next_seq, "account")?;
    }
    check_amounts(state)?;
    check_withdrawals(state)?;
    check_requests(state)?;
    check_receipts(state)?;
    check_custody_terms(state)?;
    for market in &state.markets {
        check_market_facts(state, market)?;
    }
    check_orders(state)?;
    audit(state);
    state.ledger.touch_all();
    Ok(())
}

/// Refuse mandates that nobody could have granted, and an open instruction ahead of its time.
fn check_authority(state: &State) -> Result<(), SnapshotError> {
    let authority = &state.authority;
    let instruction = &authority.instruction;
    require(instruction.seq < state.next_seq, "open instruction")?;
    require(instruction.known_seq < instruction.seq.max(1), "what the open instruction's signers knew")?;
    let officers = authority.officers.len();
    let (first, second) = (instruction.officer_id, instruction.approver_id);
    let is_signed = within(first as usize, 1, officers) && second as usize <= officers && first != second;
    require(instruction.remaining == 0 || is_signed, "signers of the open instruction")?;
    for officer in &authority.officers {
        let is_machine = officer.officer_roles & Role::MACHINE != 0;
        let fits = if is_machine { officer.officer_roles == Role::MACHINE } else { officer.officer_roles != 0 };
        require(fits && officer.valid_from_ns < officer.valid_until_ns, "officer")?;
    }
    let mut keys = HashSet::from([[0; 32], authority.facility_key]);
    require(authority.officers.iter().all(|officer| keys.insert(officer.public_key)), "key of an officer")?;
    check_assigned(state)?;
    for mandate in authority.mandates.values() {
        require(within(mandate.officer_id as usize, 1, authority.officers.len()), "officer of a mandate")?;
        require(mandate.mandate_id < state.next_seq && privilege(mandate.mandated_kind).is_some(), "mandate")?;
        let is_machine = authority.officers[mandate.officer_id as usize - 1].officer_roles == Role::MACHINE;
        require(is_machine, "officer of a mandate")?;
        require(within(mandate.signers_needed, 1, 2), "signers of a mandate")?;
        let largest = mandate.amount_max_minor.max(mandate.day_max_minor).max(mandate.used_minor);
        require(largest <= AMOUNT_MAX, "amount of a mandate")?;
        require(mandate.mandate_id != 0 && mandate.asset_id as usize <= state.assets.len(), "mandate")?;
    }
    Ok(())
}

/// Refuse assets, markets, accounts and officers that no commands made one after the other.
fn check_assigned(state: &State) -> Result<(), SnapshotError> {
    let counts = [state.assets.len(), state.markets.len(), state.accounts.len(), state.authority.officers.len()];
    for (made, count) in state.assigned[NumberSpace::ASSET as usize..].iter().zip(counts) {
        require(made.len() == count, "count of what commands made")?;
        let ascending = made.windows(2).all(|pair| pair[0] < pair[1]);
        let within = made.first().is_none_or(|&seq| seq > 0) && made.last().is_none_or(|&seq| seq < state.next_seq);
        require(ascending && within, "order in which commands made things")?;
    }
    Ok(())
}

/// Refuse an asset whose facts are out of range.
fn check_asset(asset: &Asset) -> Result<(), SnapshotError> {
    require(within(asset.asset_kind, 1, AssetKind::MAX), "kind of an asset")?;
    require(within(asset.asset_status, 1, AssetStatus::MAX), "status of an asset")?;
    require(asset.scale <= SCALE_MAX, "scale of an asset")
}

/// Refuse an account whose facts are out of range.
fn check_account(account: &Account, client_class: u8) -> Result<(), SnapshotError> {
    require(within(client_class, 1, ClientClass::MAX), "class of an account")?;
    require(within(account.account_role, 1, AccountRole::MAX), "role of an account")?;
    require(within(account.account_state, 1, AccountState::MAX), "state of an account")?;
    require((account.fee_tier as usize) < TIER_COUNT && account.owner_id != 0, "account")
}

/// Refuse sums over the largest amount that one asset may have.
fn check_amounts(state: &State) -> Result<(), SnapshotError> {
    for ledger in &state.ledger.assets {
        for total in ledger.totals {
            require(total <= AMOUNT_MAX, "sum of an asset")?;
        }
    }
    Ok(())
}

/// Refuse a withdrawal of an account or an asset that is not there, or numbered ahead of its time.
///
/// What leaves a receipt may be of no account.
fn check_withdrawals(state: &State) -> Result<(), SnapshotError> {
    for withdrawal in state.withdrawals.values() {
        let lowest = usize::from(withdrawal.receipt_id == 0);
        require(within(withdrawal.account_id as usize, lowest, state.accounts.len()), "account of a withdrawal")?;
        require(within(withdrawal.asset_id as usize, 1, state.assets.len()), "asset of a withdrawal")?;
        require(withdrawal.withdrawal_id < state.next_seq, "number of a withdrawal")?;
    }
    Ok(())
}

/// Refuse a remembered number of a withdrawal that another account asked for, or none did.
fn check_requests(state: &State) -> Result<(), SnapshotError> {
    for (&account_id, queue) in &state.named_requests {
        for entry in queue {
            let named = state.withdrawals.get(&entry.number).or_else(|| state.settled.get(&entry.number));
            let is_own = named.is_none_or(|named| (named.account_id, named.receipt_id) == (account_id, 0));
            require(is_own, "number of a withdrawal that is remembered")?;
        }
    }
    Ok(())
}

/// Refuse a receipt of an account or an asset that is not there, or numbered ahead of its time.
fn check_receipts(state: &State) -> Result<(), SnapshotError> {
    for receipt in state.receipts.values() {
        require(within(receipt.reason, 1, ReceiptReason::MAX), "reason of a receipt")?;
        let lowest = usize::from(!OWNER_NOT_KNOWN.contains(&receipt.reason));
        require(within(receipt.account_id as usize, lowest, state.accounts.len()), "account of a receipt")?;
        require(within(receipt.asset_id as usize, 1, state.assets.len()), "asset of a receipt")?;
        require(receipt.receipt_id < state.next_seq, "number of a receipt")?;
    }
    Ok(())
}

/// Refuse a market whose facts are out of range.
fn check_market_facts(state: &State, market: &Market) -> Result<(), SnapshotError> {
    require(market.base_asset_id != market.quote_asset_id, "pair of a market")?;
    require(market.lot_size_minor != 0 && market.tick_value_minor != 0, "increment of a market")?;
    require(within(market.market_state, 1, MarketState::MAX), "state of a market")?;
    require(market.maker_fee_ppm <= PPM && market.taker_fee_ppm <= PPM, "fee of a market")?;
    check_market_rules(market)?;
    require(within(market.book.priority_next, 1, PRIORITY_LIMIT), "number of the next place in a book")?;
    check_session(state, market)
}

/// Refuse rules that could not have been set, and a market that trades without any.
fn check_market_rules(market: &Market) -> Result<(), SnapshotError> {
    let (narrow, wide) = (market.collar_ppm.min(market.corridor_ppm), market.collar_ppm.max(market.corridor_ppm));
    let sizes = market.notional_max_minor.min(market.quantity_max_lots as u128);
    let least = sizes.min(narrow.min(market.auction_duration_ms) as u128);
    let values = within(market.notional_max_minor, market.notional_min_minor, AMOUNT_MAX);
    let set_so = least >= 1 && wide <= BAND_MAX_PPM && values;
    let none = market.market_state == MarketState::CLOSED && market.notional_max_minor == 0;
    require(if market.has_rules { set_so } else { none }, "rules of a market")?;
    let rules = &market.trading_rules;
    let extends = rules.extension_count_max == 0 || rules.extension_ms != 0;
    require(rules.dynamic_corridor_ppm <= BAND_MAX_PPM && extends, "trading rules of a market")
}

/// Refuse a market in a phase that its assets or the clock do not allow.
fn check_session(state: &State, market: &Market) -> Result<(), SnapshotError> {
    let is_auction = market.market_state == MarketState::AUCTION;
    let (end_ns, due_ns) = (market.auction_end_ns, market.auction_due_ns);
    require(end_ns == 0 || is_auction, "end of an auction")?;
    let is_due = due_ns >= end_ns && is_ahead(state, due_ns);
    require(if end_ns == 0 { due_ns == 0 } else { is_due }, "end of an auction")?;
    let leads_on = matches!(market.next_market_state, MarketState::CONTINUOUS | MarketState::CLOSED);
    require(if is_auction { leads_on } else { market.next_market_state == 0 }, "next state of a market")?;
    require(market.last_trade_ns <= state.last_ts_ns, "time of a market's last trade")?;
    for asset_id in [market.base_asset_id, market.quote_asset_id] {
        let is_admitted = state.assets[asset_id as usize - 1].asset_status == AssetStatus::ADMITTED;
        require(is_admitted || !takes_orders(market.market_state), "state of a market")?;
    }
    Ok(())
}

/// Return whether a time is still to come; the last of all times may be now.
fn is_ahead(state: &State, due_ns: u64) -> bool {
    due_ns > state.last_ts_ns || due_ns == u64::MAX
}

/// Refuse orders that could not rest or wait, numbers that two orders have, and books that are crossed.
fn check_orders(state: &State) -> Result<(), SnapshotError> {
    let (mut numbers, mut names) = (HashSet::new(), HashSet::new());
    for market in &state.markets {
        let book = &market.book;
        let resting =
            [Side::BUY, Side::SELL].into_iter().flat_map(|side| book.levels(side)).flat_map(|l| book.queue(l));
        let untriggered = book.untriggered();
        let resting = resting.map(|slot| (slot, true));
        for (slot, rests) in resting.chain(untriggered.into_iter().map(|slot| (slot, false))) {
            let order = book.order(slot);
            let stands = order.price_ticks != 0 && order.visible_lots != 0 && order.priority != 0;
            let fits = if rests { stands } else { could_be_untriggered(book, &order) };
            check_order(state, market, &order)?;
            require(fits, if rests { "resting order" } else { "untriggered order" })?;
            require(numbers.insert(order.order_id), "number of an order")?;
            let unnamed = order.client_order_id == 0;
            let named = unnamed || names.insert((order.account_id, order.client_order_id));
            require(named && is_remembered(state, &order), "client's number of an order")?;
        }
        check_places(book)?;
        check_contingencies(book)?;
        require(market.market_state != MarketState::CONTINUOUS || !book.is_crossed(), "book")?;
    }
    check_lists(state)
}

/// Refuse a place that two orders have, and a queue that is not in the order of its places.
fn check_places(book: &Book) -> Result<(), SnapshotError> {
    let mut places = HashSet::new();
    for level in [Side::BUY, Side::SELL].into_iter().flat_map(|side| book.levels(side)) {
        let mut before = 0;
        for slot in book.queue(level) {
            let place = book.order(slot).priority;
            require(before < place, "queue of a price")?;
            before = place;
        }
    }
    let resting = [Side::BUY, Side::SELL].into_iter().flat_map(|side| book.levels(side)).flat_map(|l| book.queue(l));
    for order in resting.chain(book.untriggered()).map(|slot| book.order(slot)).filter(|order| order.priority != 0) {
        require(places.insert(order.priority), "place in a book")?;
    }
    let places = book.pending.keys().filter_map(|&order_id| book.find(order_id)).map(|slot| book.order(slot).priority);
    require({ places }.all(|place| place == 0), "leg of a list")
}

/// Return whether an order may wait for its trigger, for a call phase, or in a list.
fn could_be_untriggered(book: &Book, order: &Order) -> bool {
    if is_auction_time(order.time_in_force) {
        let may_enter = matches!(order.order_type, OrderType::LIMIT | OrderType::MARKET);
        return may_enter && order.price_ticks != 0 && order.priority == 0;
    }
    if within(order.order_type, OrderType::STOP_LOSS, OrderType::TAKE_PROFIT_LIMIT) {
        return order.trigger_price_ticks != 0 || book.trails.contains_key(&order.order_id);
    }
    let begins = book.pending.contains_key(&order.order_id) || order.priority != 0;
    working_leg(order.order_id) != 0 && begins && order.price_ticks != 0
}

/// Refuse trails and holds of orders that have none, and a trailing stop whose trigger is not where it follows.
fn check_contingencies(book: &Book) -> Result<(), SnapshotError> {
    let stop = |order_id: u64| {
        let slot = book.find(order_id).filter(|&slot| book.hot[slot as usize].level == NONE)?;
        Some(book.order(slot)).filter(|order| has_trigger(order.order_type) && order.priority == 0)
    };
    for (&order_id, trail) in &book.trails {
        require(within(trail.trailing_bp, TRAILING_MIN_BP, TRAILING_MAX_BP), "trailing stop")?;
        let is_pending = book.pending.contains_key(&order_id);
        let follows = stop(order_id).is_some_and(|order| {
            let trigger = trailing_trigger(order.side, trail.extreme_ticks, trail.trailing_bp);
            match trail.extreme_ticks {
                0 => order.trigger_price_ticks != 0 || is_pending,
                _ => order.trigger_price_ticks == trigger && !is_pending,
            }
        });
        require(follows, "trailing stop")?;
    }
    for (&order_id, &minor) in &book.leg_holds {
        let is_stop = stop(order_id).is_some() && other_leg(order_id) != 0 && minor <= AMOUNT_MAX;
        require(if book.pending.contains_key(&order_id) { minor == 0 } else { is_stop }, "leg of a list")?;
    }
    require(book.pending.keys().all(|order_id| book.leg_holds.contains_key(order_id)), "leg of a list")
}

/// Refuse a list of two kinds, accounts or markets, and legs that cannot stand beside each other.
fn check_lists(state: &State) -> Result<(), SnapshotError> {
    let mut lists = HashMap::new();
    for market in &state.markets {
        let book = &market.book;
        for order in book.slots().into_iter().map(|slot| book.order(slot)).filter(|order| is_leg(order.order_id)) {
            let place = (kind_of(order.order_id), order.account_id, market.market_id);
            require(*lists.entry(list_of(order.order_id)).or_insert(place) == place, "list of a leg")?;
            require(could_stand(book, &order), "leg beside others")?;
        }
    }
    Ok(())
}

/// Return whether a leg may stand beside the others: a pair is as large on both, a pending one waits for another.
fn could_stand(book: &Book, order: &Order) -> bool {
    let find = |order_id| book.find(order_id).map(|slot| book.order(slot));
    let (working, other) = (find(working_leg(order.order_id)), find(other_leg(order.order_id)));
    let is_pending = book.pending.contains_key(&order.order_id);
    let is_stop = book.leg_holds.contains_key(&order.order_id);
    if is_pending != working.is_some() || working.is_some_and(|working| working.side == order.side) {
        return false;
    }
    let Some(other) = other else { return !is_stop || is_pending };
    let terms = |order: &Order| (order.side, order.quantity_lots, order.leaves_lots);
    terms(&other) == terms(order)
}

/// Return whether an order's client number is remembered where an older one is, and names no other order.
///
/// The orders of a list are forgotten one by one: of the oldest list some may be remembered and some not.
fn is_remembered(state: &State, order: &Order) -> bool {
    if order.client_order_id == 0 {
        return true;
    }
    let oldest = state.named_orders.front().map_or(u64::MAX, |entry| entry.number);
    let placed = list_of(order.order_id);
    let found = state.recent_orders.get(client_key(order.account_id, order.client_order_id)).unwrap_or(0);
    found == (if oldest <= placed { placed } else { 0 }) || (oldest == placed && found == 0)
}

/// Refuse an order whose facts are out of range.
fn check_order(state: &State, market: &Market, order: &Order) -> Result<(), SnapshotError> {
    require(within(order.side, 1, Side::MAX), "side of an order")?;
    require(within(order.order_type, 1, OrderType::MAX), "type of an order")?;
    require(within(order.time_in_force, 1, TimeInForce::MAX), "time in force of an order")?;
    require(within(order.self_trade_prevention, 1, SelfTradePrevention::MAX), "self-trade prevention of an order")?;
    let is_numbered = list_of(order.order_id) < state.next_seq && role_of(order.order_id) <= OTOCO_STOP;
    require(is_numbered && order.priority < market.book.priority_next, "number of an order")?;
    require(within(order.leaves_lots, 1, order.quantity_lots), "leaves quantity of an order")?;
    let account = &state.accounts[order.account_id as usize - 1];
    let is_client = account.account_state == AccountState::ACTIVE && account.account_role != AccountRole::HOUSE;
    let may_trade = is_client && order.approval_id == account.approval_id && state.may_trade(account);
    require(may_trade, "account of an order")?;
    let expires = matches!(order.time_in_force, TimeInForce::GTD | TimeInForce::DAY);
    let is_open = if expires { is_ahead(state, order.expire_ns) } else { order.expire_ns == 0 };
    require(is_open, "expiry of an order")?;
    require(held_by(market, order) <= AMOUNT_MAX, "hold of an order")?;
    require(is_on_grid(market, order), "price of an order")?;
    let shows_all = order.visible_lots == order.leaves_lots;
    let slices_fit = order.leaves_lots <= order.display_lots.saturating_mul(SLICES_MAX);
    let untriggered = order.visible_lots == 0;
    require(if order.display_lots == 0 { shows_all || untriggered } else { slices_fit }, "slices of an order")?;
    require(order.visible_lots <= order.leaves_lots, "visible lots of an order")
}
