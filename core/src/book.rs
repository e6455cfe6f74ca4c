//! The book of one market: two sides of price levels, each a queue in time priority, and the orders that wait to
//! trigger.
//!
//! Layout: orders lie in two slabs side by side, what comes and goes with an order's neighbours (`hot`, one cache line)
//! and what only it itself needs (`cold`, another). A level is a doubly linked queue through its orders; `by_price` finds
//! it, `ranked` orders it among the others, `best` and `best_price` remember the first. Free slots and levels are chained
//! through `next` and `head`. Orders of account 0, which no venue has, are in no account's list. The parts of the book
//! that every command reads come first and lie side by side (`HOT_BYTES`). `waiting` counts the untriggered ones, which
//! lie in the same slabs, ranked by trigger: a print at or above the trigger elects those in `trigger_above`,
//! one at or below it those in `trigger_below`. An elected order waits in `elected`, first come first, until the market
//! lets it act; its priority is the number of its election, and 0 before. `held` are orders that wait for a call phase,
//! `sessional` all whose time in force ends with a session, `auction_only` those in the book that an auction's end
//! takes out. `pending` are orders of a list that wait for its working order, `leg_holds` what orders of lists hold
//! themselves where that is less than they would alone. A trailing stop has a `trail`; once it has begun it waits by
//! its present trigger, a sell among the triggers below and a buy among the triggers above, and `extremes` (of buys, of
//! sells) finds those that a print moves.
//! Cost: every operation is constant but for the opening and closing of a level or an untriggered order, which are
//! logarithmic in the number of levels or untriggered orders.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::offset_of;

use crate::hint::{hint, hint_whole};
use crate::index::Index;
use crate::ranks::Ranks;
use crate::records::{OrderType, Side, TimeInForce};
use crate::trailing::{trailing_trigger, Trail};

pub const NONE: u32 = u32::MAX;

/// What matching reads of an order, and its neighbours in the queue and in its account's list, NONE where there is none.
/// `level` is NONE for an order that waits for its trigger.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
pub struct Hot {
    pub price_ticks: u64,
    pub leaves_lots: u64,
    pub visible_lots: u64,
    pub order_id: u64,
    pub account_id: u32,
    pub hold_balance: u32,
    pub level: u32,
    next: u32,
    previous: u32,
    next_of_account: u32,
    previous_of_account: u32,
}

/// What matching reads of an order only once it trades or leaves.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
pub struct Cold {
    pub client_order_id: u64,
    pub approval_id: u64,
    pub trigger_price_ticks: u64,
    pub quantity_lots: u64,
    pub display_lots: u64,
    pub expire_ns: u64,
    pub priority: u64,
    pub side: u8,
    pub order_type: u8,
    pub time_in_force: u8,
    pub self_trade_prevention: u8,
    pub session_id: u16,
}

/// An order outside the book: one that comes in, is being moved, or has left.
#[derive(Clone, Copy, Default)]
pub struct Order {
    pub order_id: u64,
    pub client_order_id: u64,
    pub approval_id: u64,
    pub price_ticks: u64,
    pub trigger_price_ticks: u64,
    pub quantity_lots: u64,
    pub leaves_lots: u64,
    pub visible_lots: u64,
    pub display_lots: u64,
    pub expire_ns: u64,
    pub priority: u64,
    pub account_id: u32,
    pub hold_balance: u32,
    pub side: u8,
    pub order_type: u8,
    pub time_in_force: u8,
    pub self_trade_prevention: u8,
    pub session_id: u16,
}

/// A price level: its queue, and the sum of its orders' lots, all and visible. At most 2^32 orders of 64-bit lots fit
/// the sums many times over, so that they step without the overflow check.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Level {
    pub price_ticks: u64,
    pub lots: u128,
    pub visible_lots: u128,
    pub head: u32,
    tail: u32,
    side: u8,
}

/// One side's levels. `best` is NONE and `best_price` 0 where there is none.
#[repr(C)]
struct Ladder {
    best_price: u64,
    best: u32,
    by_price: Index,
}

impl Default for Ladder {
    fn default() -> Self {
        Self { best_price: 0, best: NONE, by_price: Index::default() }
    }
}

/// Resting and untriggered orders of one market.
#[repr(C)]
pub struct Book {
    pub priority_next: u64,
    waiting: u32,
    free: u32,
    free_level: u32,
    ladders: [Ladder; 2],
    by_id: Index,
    by_account: Index,
    levels: Vec<Level>,
    pub hot: Vec<Hot>,
    pub cold: Vec<Cold>,
    ranked: [Ranks; 2],
    trigger_above: BTreeMap<(u64, u64), u32>,
    trigger_below: BTreeMap<(u64, u64), u32>,
    elected: BTreeMap<u64, u32>,
    held: BTreeMap<u64, u32>,
    sessional: BTreeMap<u64, u32>,
    auction_only: BTreeSet<u64>,
    pub pending: BTreeMap<u64, u32>,
    pub leg_holds: BTreeMap<u64, u128>,
    pub trails: BTreeMap<u64, Trail>,
    extremes: [BTreeMap<(u64, u64), u32>; 2],
}

/// Bytes at the beginning of a book that every command reads.
pub const HOT_BYTES: usize = offset_of!(Book, ranked);

/// Return the other side.
#[inline(always)]
pub fn opposite(side: u8) -> u8 {
    Side::BUY + Side::SELL - side
}

/// Return whether an order has its trigger above the last price.
pub fn is_trigger_above(order_type: u8, side: u8) -> bool {
    matches!(order_type, OrderType::STOP_LOSS | OrderType::STOP_LOSS_LIMIT) == (side == Side::BUY)
}

/// Return whether the type is a market order once triggered.
#[inline(always)]
pub fn is_trigger_market(order_type: u8) -> bool {
    matches!(order_type, OrderType::STOP_LOSS | OrderType::TAKE_PROFIT)
}

/// Return whether the type has no limit price.
#[inline(always)]
pub fn is_market(order_type: u8) -> bool {
    order_type == OrderType::MARKET || is_trigger_market(order_type)
}

/// Return whether an order of this type waits for a trigger.
#[inline(always)]
pub fn has_trigger(order_type: u8) -> bool {
    order_type >= OrderType::STOP_LOSS
}

/// Return whether an order with this time in force may rest.
#[inline(always)]
pub fn may_rest(time_in_force: u8) -> bool {
    matches!(time_in_force, TimeInForce::GTC | TimeInForce::GTD | TimeInForce::DAY)
}

/// Return whether an order with this time in force takes part in one kind of auction only.
#[inline(always)]
pub fn is_auction_time(time_in_force: u8) -> bool {
    time_in_force >= TimeInForce::AT_THE_OPENING
}

impl Default for Book {
    fn default() -> Self {
        Self::new()
    }
}

impl Book {
    /// Return an empty book.
    pub fn new() -> Self {
        Self {
            priority_next: 1,
            waiting: 0,
            free: NONE,
            free_level: NONE,
            ladders: Default::default(),
            by_id: Index::default(),
            by_account: Index::default(),
            levels: Vec::new(),
            hot: Vec::new(),
            cold: Vec::new(),
            ranked: Default::default(),
            trigger_above: BTreeMap::new(),
            trigger_below: BTreeMap::new(),
            elected: BTreeMap::new(),
            held: BTreeMap::new(),
            sessional: BTreeMap::new(),
            auction_only: BTreeSet::new(),
            pending: BTreeMap::new(),
            leg_holds: BTreeMap::new(),
            trails: BTreeMap::new(),
            extremes: Default::default(),
        }
    }

    /// Make room, so that no operation allocates while there are no more open orders and levels a side than this.
    ///
    /// Exception: prices in a new range of 4096 may take memory for it.
    pub fn reserve(&mut self, orders: usize, levels: usize) {
        self.hot.reserve(orders);
        self.cold.reserve(orders);
        self.by_id.reserve(orders);
        self.levels.reserve(2 * levels);
        for ladder in &mut self.ladders {
            ladder.by_price.reserve(levels);
        }
    }

    #[inline(always)]
    fn ladder(&self, side: u8) -> &Ladder {
        &self.ladders[side as usize - 1]
    }

    /// Return the order with price-time priority on a side.
    #[inline(always)]
    pub fn best(&self, side: u8) -> Option<u32> {
        let best = self.ladder(side).best;
        (best != NONE).then(|| self.levels[best as usize].head)
    }

    /// Return the best price of a side, 0 when it is empty.
    #[inline(always)]
    pub fn best_price(&self, side: u8) -> u64 {
        self.ladder(side).best_price
    }

    /// Return whether the best bid is at or above the best ask.
    #[inline(always)]
    pub fn is_crossed(&self) -> bool {
        let (bid, ask) = (self.best_price(Side::BUY), self.best_price(Side::SELL));
        bid != 0 && ask != 0 && bid >= ask
    }

    /// Return the levels of a side, best first.
    pub fn levels(&self, side: u8) -> impl Iterator<Item = &Level> {
        let (by_price, ranked) = (&self.ladder(side).by_price, &self.ranked[side as usize - 1]);
        let (up, down) =
            if side == Side::SELL { (Some(ranked.ascending()), None) } else { (None, Some(ranked.descending())) };
        let prices = up.into_iter().flatten().chain(down.into_iter().flatten());
        let find = |price| by_price.find(price, |level| self.levels[level as usize].price_ticks == price);
        prices.filter_map(find).map(|level| &self.levels[level as usize])
    }

    /// Return the level at a price.
    pub fn level_at(&self, side: u8, price_ticks: u64) -> Option<&Level> {
        self.level_index(side, price_ticks).map(|level| &self.levels[level as usize])
    }

    #[inline(always)]
    fn level_index(&self, side: u8, price_ticks: u64) -> Option<u32> {
        self.ladder(side).by_price.find(price_ticks, |level| self.levels[level as usize].price_ticks == price_ticks)
    }

    /// Return the slots of a level's queue, first in priority first.
    pub fn queue<'a>(&'a self, level: &Level) -> impl Iterator<Item = u32> + 'a {
        let first = (level.head != NONE).then_some(level.head);
        std::iter::successors(first, |&slot| {
            let next = self.hot[slot as usize].next;
            (next != NONE).then_some(next)
        })
    }

    /// Return the slots of the untriggered orders, by order number.
    pub fn untriggered(&self) -> Vec<u32> {
        let triggers = self.trigger_above.values().chain(self.trigger_below.values()).chain(self.elected.values());
        let untriggered = triggers.chain(self.held.values()).chain(self.pending.values());
        let mut slots: Vec<u32> = untriggered.copied().collect();
        slots.sort_unstable_by_key(|&slot| self.hot[slot as usize].order_id);
        slots
    }

    /// Return the slots of all orders: resting ones by side, level and place in the queue, then untriggered ones.
    pub fn slots(&self) -> Vec<u32> {
        let sides = [Side::BUY, Side::SELL].into_iter();
        let resting = sides.flat_map(|side| self.levels(side)).flat_map(|level| self.queue(level));
        resting.chain(self.untriggered()).collect()
    }

    /// Return the number of open orders, resting and untriggered.
    pub fn open_orders(&self) -> usize {
        self.by_id.len()
    }

    /// Return the slots of an account's open orders, by order number.
    pub fn orders_of(&self, account_id: u32) -> Vec<u32> {
        let mut slots = Vec::new();
        let mut at = self.first_of(account_id).unwrap_or(NONE);
        while at != NONE {
            slots.push(at);
            at = self.hot[at as usize].next_of_account;
        }
        slots.sort_unstable_by_key(|&slot| self.hot[slot as usize].order_id);
        slots
    }

    /// Return the slot of the first order in an account's list.
    #[inline(always)]
    fn first_of(&self, account_id: u32) -> Option<u32> {
        self.by_account.find(account_id as u64, |slot| self.hot[slot as usize].account_id == account_id)
    }

    /// Return the slot of an open order.
    #[inline(always)]
    pub fn find(&self, order_id: u64) -> Option<u32> {
        self.by_id.find(order_id, |slot| self.hot[slot as usize].order_id == order_id)
    }

    /// Hint that an order will be looked up, or put in, soon.
    #[inline(always)]
    pub fn hint_index(&self, order_id: u64) {
        self.by_id.hint(order_id);
    }

    /// Hint that an order of an account may be put in soon, at a level or to wait.
    #[inline(always)]
    pub fn hint_store(&self, order_id: u64, account_id: u32) {
        self.by_id.hint(order_id);
        self.by_account.hint(account_id as u64);
    }

    /// Hint at the index entry of the level at which an order will come in soon, or at the first level that it meets.
    #[inline(always)]
    pub fn hint_insert_far(&self, side: u8, price_ticks: u64) {
        if !matches!(side, Side::BUY | Side::SELL) {
            return;
        }
        self.ladder(side).by_price.hint(price_ticks);
        if self.crosses(side, price_ticks) {
            hint(self.levels.get(self.ladder(opposite(side)).best as usize));
        }
    }

    /// Hint at the level at which an order will come in, and at its account's first one; return the level, NONE where
    /// there is none yet.
    #[inline(always)]
    pub fn hint_insert_near(&self, side: u8, price_ticks: u64, account_id: u32) -> u32 {
        if let Some(first) = self.by_account.guess(account_id as u64) {
            hint(self.hot.get(first as usize));
        }
        if !matches!(side, Side::BUY | Side::SELL) {
            return NONE;
        }
        let level = self.ladder(side).by_price.guess(price_ticks).unwrap_or(NONE);
        if level == NONE {
            hint_whole(self.ranked.get(side as usize - 1));
            hint(self.levels.get(self.free_level as usize));
        } else {
            hint(self.levels.get(level as usize));
        }
        self.hint_slot(self.free);
        level
    }

    /// Hint at where a level will be ranked that is not there yet.
    #[inline(always)]
    pub fn hint_rank(&self, side: u8, price_ticks: u64) {
        if matches!(side, Side::BUY | Side::SELL) {
            self.ranked[side as usize - 1].hint(price_ticks);
        }
    }

    /// Hint at the last order of a level that is near already.
    #[inline(always)]
    pub fn hint_tail(&self, level: u32) {
        if let Some(level) = self.levels.get(level as usize) {
            hint(self.hot.get(level.tail as usize));
        }
    }

    /// Hint at all that is kept of an order.
    #[inline(always)]
    fn hint_slot(&self, slot: u32) {
        hint(self.hot.get(slot as usize));
        hint(self.cold.get(slot as usize));
    }

    /// Hint at the first order that an incoming one would meet; return whether it crosses.
    #[inline(always)]
    pub fn hint_head(&self, side: u8, price_ticks: u64) -> bool {
        let Some(head) = self.crossed_head(side, price_ticks) else { return false };
        self.hint_slot(head);
        true
    }

    /// Hint at the orders before and behind one in its account's list.
    #[inline(always)]
    pub fn hint_account_list(&self, hot: &Hot) {
        hint(self.hot.get(hot.next_of_account as usize));
        hint(self.hot.get(hot.previous_of_account as usize));
        self.by_account.hint(hot.account_id as u64);
    }

    /// Return whether an incoming order of a side would meet the other.
    #[inline(always)]
    fn crosses(&self, side: u8, price_ticks: u64) -> bool {
        let best = self.best_price(opposite(side));
        best != 0 && (price_ticks == 0 || if side == Side::BUY { price_ticks >= best } else { price_ticks <= best })
    }

    /// Return the first order that an incoming one would meet, when it crosses.
    #[inline(always)]
    pub fn crossed_head(&self, side: u8, price_ticks: u64) -> Option<u32> {
        if matches!(side, Side::BUY | Side::SELL) && self.crosses(side, price_ticks) {
            self.best(opposite(side))
        } else {
            None
        }
    }

    /// Return the order behind one in its queue.
    #[inline(always)]
    pub fn behind(&self, hot: &Hot) -> Option<u32> {
        (hot.next != NONE).then_some(hot.next)
    }

    /// Hint at the order behind one in its queue.
    #[inline(always)]
    pub fn hint_behind(&self, hot: &Hot) {
        hint(self.hot.get(hot.next as usize));
        hint(self.cold.get(hot.next as usize));
    }

    /// Hint that an order will be taken out soon; return its slot.
    #[inline(always)]
    pub fn hint_remove(&self, order_id: u64) -> Option<u32> {
        let slot = self.by_id.guess(order_id)?;
        self.hint_slot(slot);
        Some(slot)
    }

    /// Hint at what taking out the order in a slot reaches; return the order and its client's number.
    #[inline(always)]
    pub fn hint_neighbours(&self, slot: u32) -> Option<(&Hot, u64)> {
        let (hot, cold) = (self.hot.get(slot as usize)?, self.cold.get(slot as usize)?);
        hint(self.hot.get(hot.next as usize));
        hint(self.hot.get(hot.previous as usize));
        hint(self.levels.get(hot.level as usize));
        self.hint_account_list(hot);
        Some((hot, cold.client_order_id))
    }

    /// Return a copy of the order in a slot.
    #[inline(always)]
    pub fn order(&self, slot: u32) -> Order {
        let (hot, cold) = (&self.hot[slot as usize], &self.cold[slot as usize]);
        Order {
            order_id: hot.order_id,
            client_order_id: cold.client_order_id,
            approval_id: cold.approval_id,
            price_ticks: hot.price_ticks,
            trigger_price_ticks: cold.trigger_price_ticks,
            quantity_lots: cold.quantity_lots,
            leaves_lots: hot.leaves_lots,
            visible_lots: hot.visible_lots,
            display_lots: cold.display_lots,
            expire_ns: cold.expire_ns,
            priority: cold.priority,
            account_id: hot.account_id,
            hold_balance: hot.hold_balance,
            side: cold.side,
            order_type: cold.order_type,
            time_in_force: cold.time_in_force,
            self_trade_prevention: cold.self_trade_prevention,
            session_id: cold.session_id,
        }
    }

    /// Put an order at the end of its level's queue, showing its slice, with the next priority number.
    #[inline(always)]
    pub fn insert(&mut self, order: &Order) {
        let slot = self.store(order);
        self.remember_auction_only(order);
        self.enqueue_anew(slot);
    }

    /// Put an order at the end of its level's queue as it is.
    pub fn restore(&mut self, order: &Order) {
        let slot = self.store(order);
        self.remember_auction_only(order);
        self.enqueue(slot);
    }

    /// Take a resting order out of the book; its slot stays readable until the next order comes in.
    #[inline(always)]
    pub fn remove(&mut self, slot: u32) {
        self.dequeue(slot);
        self.discard(slot);
    }

    /// Take lots off a resting order's slice; return whether it then showed its next slice.
    ///
    /// A filled order leaves the book; an iceberg's next slice goes to the end of the queue.
    #[inline(always)]
    pub fn fill(&mut self, slot: u32, lots: u64) -> bool {
        let hot = &mut self.hot[slot as usize];
        hot.leaves_lots -= lots;
        hot.visible_lots -= lots;
        let level = &mut self.levels[hot.level as usize];
        level.lots = level.lots.wrapping_sub(lots as u128);
        level.visible_lots = level.visible_lots.wrapping_sub(lots as u128);
        if hot.leaves_lots == 0 {
            self.remove(slot);
            return false;
        }
        if hot.visible_lots != 0 {
            return false;
        }
        self.dequeue(slot);
        self.enqueue_anew(slot);
        true
    }

    /// Take lots off a resting order without a fill: it keeps its place, or leaves when nothing is left.
    pub fn reduce(&mut self, slot: u32, lots: u64) {
        self.cold[slot as usize].quantity_lots -= lots;
        let hot = &mut self.hot[slot as usize];
        let level = &mut self.levels[hot.level as usize];
        hot.leaves_lots -= lots;
        level.lots -= lots as u128;
        level.visible_lots -= hot.visible_lots as u128;
        hot.visible_lots = hot.visible_lots.min(hot.leaves_lots);
        level.visible_lots += hot.visible_lots as u128;
        if hot.leaves_lots == 0 {
            self.remove(slot);
        }
    }

    #[inline(always)]
    fn remember_auction_only(&mut self, order: &Order) {
        if is_market(order.order_type) || is_auction_time(order.time_in_force) {
            self.auction_only.insert(order.order_id);
        }
    }

    /// Keep an order that waits for a call phase, for its trigger, or elected for the market to take it.
    pub fn add_untriggered(&mut self, order: &Order) {
        let slot = self.store(order);
        self.waiting += 1;
        if is_auction_time(order.time_in_force) {
            self.held.insert(order.order_id, slot);
            return;
        }
        if order.priority != 0 {
            self.elected.insert(order.priority, slot);
            return;
        }
        self.enqueue_untriggered(slot);
    }

    /// Keep an order that waits for the working order of its list.
    pub fn hold_back(&mut self, order: &Order) {
        let slot = self.store(order);
        self.waiting += 1;
        self.pending.insert(order.order_id, slot);
    }

    /// Let an order that was held back wait for its trigger or, where it has none, for its turn.
    pub fn begin(&mut self, slot: u32) {
        self.pending.remove(&self.hot[slot as usize].order_id);
        if has_trigger(self.cold[slot as usize].order_type) {
            self.enqueue_untriggered(slot);
        } else {
            self.append_elected(slot);
        }
    }

    /// Take out an order that waits.
    pub fn remove_untriggered(&mut self, slot: u32) {
        let (order_id, priority) = (self.hot[slot as usize].order_id, self.cold[slot as usize].priority);
        self.waiting -= 1;
        if self.pending.remove(&order_id).is_some() {
            self.trails.remove(&order_id);
        } else if is_auction_time(self.cold[slot as usize].time_in_force) {
            self.held.remove(&order_id);
        } else if priority != 0 {
            self.elected.remove(&priority);
        } else {
            self.dequeue_untriggered(slot);
        }
        self.discard(slot);
    }

    /// Put an untriggered order behind those that were elected before it.
    pub fn elect(&mut self, slot: u32) {
        self.dequeue_untriggered(slot);
        self.append_elected(slot);
    }

    /// Let a trailing stop that waits follow from a price.
    pub fn trail_from(&mut self, slot: u32, price_ticks: u64) {
        let (order_id, side) = (self.hot[slot as usize].order_id, self.cold[slot as usize].side);
        let trailing_bp = self.trails[&order_id].trailing_bp;
        self.dequeue_untriggered(slot);
        self.trails.insert(order_id, Trail { trailing_bp, extreme_ticks: price_ticks });
        self.cold[slot as usize].trigger_price_ticks = trailing_trigger(side, price_ticks, trailing_bp);
        self.enqueue_untriggered(slot);
    }

    /// Let the trailing stops follow whose extreme a print has passed.
    pub fn follow(&mut self, price_ticks: u64) {
        let [lows, highs] = &self.extremes;
        let is_passed = highs.first_key_value().is_some_and(|(&(extreme, _), _)| extreme < price_ticks)
            || lows.last_key_value().is_some_and(|(&(extreme, _), _)| extreme > price_ticks);
        if is_passed {
            self.follow_passed(price_ticks);
        }
    }

    /// Move all at once the trailing stops whose extreme a print has passed.
    fn follow_passed(&mut self, price_ticks: u64) {
        let [lows, highs] = &mut self.extremes;
        let behind = highs.split_off(&(price_ticks, 0));
        let mut passed = std::mem::replace(highs, behind);
        passed.append(&mut lows.split_off(&(price_ticks.saturating_add(1), 0)));
        for ((_, order_id), slot) in passed {
            let cold = &mut self.cold[slot as usize];
            let is_buy = cold.side == Side::BUY;
            let queue = if is_buy { &mut self.trigger_above } else { &mut self.trigger_below };
            queue.remove(&(cold.trigger_price_ticks, order_id));
            if let Some(trail) = self.trails.get_mut(&order_id) {
                trail.extreme_ticks = price_ticks;
                cold.trigger_price_ticks = trailing_trigger(cold.side, price_ticks, trail.trailing_bp);
            }
            queue.insert((cold.trigger_price_ticks, order_id), slot);
            self.extremes[!is_buy as usize].insert((price_ticks, order_id), slot);
        }
    }

    /// Return the order that was elected first.
    #[inline(always)]
    pub fn next_elected(&self) -> Option<u32> {
        if self.waiting == 0 {
            return None;
        }
        self.elected.first_key_value().map(|(_, &slot)| slot)
    }

    /// Return the slots of the elected orders, first elected first.
    pub fn elected_slots(&self) -> Vec<u32> {
        self.elected.values().copied().collect()
    }

    /// Return whether any order waits for a call phase.
    #[inline(always)]
    pub fn has_held(&self) -> bool {
        self.waiting != 0 && !self.held.is_empty()
    }

    /// Return the slots of the orders that wait for a call phase, by order number.
    pub fn held_slots(&self) -> Vec<u32> {
        self.held.values().copied().collect()
    }

    /// Return the slots of the orders whose time in force ends with a session, by order number.
    pub fn sessional_slots(&self) -> Vec<u32> {
        self.sessional.values().copied().collect()
    }

    /// Return the orders that stood in a call phase alone and still stand, and forget them.
    pub fn take_auction_only(&mut self) -> Vec<u32> {
        let numbers = std::mem::take(&mut self.auction_only);
        let standing = numbers.into_iter().filter_map(|number| self.find(number));
        standing.filter(|&slot| self.hot[slot as usize].level != NONE).collect()
    }

    /// Return whether any order waits for a print.
    #[inline(always)]
    pub fn has_untriggered(&self) -> bool {
        self.waiting != 0 && !(self.trigger_above.is_empty() && self.trigger_below.is_empty())
    }

    /// Return the next order that a print elects: triggers above first, nearest trigger first.
    pub fn next_triggered(&self, price_ticks: u64) -> Option<u32> {
        if let Some((&(trigger, _), &slot)) = self.trigger_above.first_key_value() {
            if trigger <= price_ticks {
                return Some(slot);
            }
        }
        let (&(trigger, _), _) = self.trigger_below.last_key_value()?;
        if trigger < price_ticks {
            return None;
        }
        self.trigger_below.range((trigger, 0)..).next().map(|(_, &slot)| slot)
    }

    fn append_elected(&mut self, slot: u32) {
        self.cold[slot as usize].priority = self.priority_next;
        self.elected.insert(self.priority_next, slot);
        self.priority_next += 1;
    }

    fn queue_of(&mut self, order: &Order) -> &mut BTreeMap<(u64, u64), u32> {
        let follows = self.trails.get(&order.order_id).is_some_and(|trail| trail.extreme_ticks != 0);
        if if follows { order.side == Side::BUY } else { is_trigger_above(order.order_type, order.side) } {
            &mut self.trigger_above
        } else {
            &mut self.trigger_below
        }
    }

    fn enqueue_untriggered(&mut self, slot: u32) {
        let order = self.order(slot);
        self.queue_of(&order).insert((order.trigger_price_ticks, order.order_id), slot);
        if let Some(Trail { extreme_ticks: extreme @ 1.., .. }) = self.trails.get(&order.order_id).copied() {
            self.extremes[order.side as usize - 1].insert((extreme, order.order_id), slot);
        }
    }

    fn dequeue_untriggered(&mut self, slot: u32) {
        let order = self.order(slot);
        self.queue_of(&order).remove(&(order.trigger_price_ticks, order.order_id));
        if let Some(trail) = self.trails.remove(&order.order_id) {
            self.extremes[order.side as usize - 1].remove(&(trail.extreme_ticks, order.order_id));
        }
    }

    /// Put an order into a slot, and into the indexes by number and by account.
    #[inline(always)]
    fn store(&mut self, order: &Order) -> u32 {
        let slot = match self.free {
            NONE => self.add_slot(),
            slot => {
                self.free = self.hot[slot as usize].next;
                slot
            }
        };
        self.hot[slot as usize] = Hot {
            price_ticks: order.price_ticks,
            leaves_lots: order.leaves_lots,
            visible_lots: order.visible_lots,
            order_id: order.order_id,
            account_id: order.account_id,
            hold_balance: order.hold_balance,
            level: NONE,
            next: NONE,
            previous: NONE,
            next_of_account: NONE,
            previous_of_account: NONE,
        };
        self.cold[slot as usize] = Cold {
            client_order_id: order.client_order_id,
            approval_id: order.approval_id,
            trigger_price_ticks: order.trigger_price_ticks,
            quantity_lots: order.quantity_lots,
            display_lots: order.display_lots,
            expire_ns: order.expire_ns,
            priority: order.priority,
            side: order.side,
            order_type: order.order_type,
            time_in_force: order.time_in_force,
            self_trade_prevention: order.self_trade_prevention,
            session_id: order.session_id,
        };
        if order.account_id != 0 {
            self.link(order.account_id, slot);
        }
        self.by_id.insert(order.order_id, slot);
        if order.time_in_force >= TimeInForce::DAY {
            self.sessional.insert(order.order_id, slot);
        }
        slot
    }

    #[cold]
    fn add_slot(&mut self) -> u32 {
        self.hot.push(Hot::default());
        self.cold.push(Cold::default());
        self.hot.len() as u32 - 1
    }

    /// Put an order into its account's list, before the others: of those it touches one.
    #[inline(always)]
    fn link(&mut self, account_id: u32, slot: u32) {
        let Some(first) = self.first_of(account_id) else {
            return self.by_account.insert(account_id as u64, slot);
        };
        self.by_account.replace(account_id as u64, first, slot);
        self.hot[first as usize].previous_of_account = slot;
        self.hot[slot as usize].next_of_account = first;
    }

    /// Take an order out of its account's list.
    #[inline(always)]
    fn unlink(&mut self, account_id: u32, slot: u32) {
        let Hot { next_of_account: next, previous_of_account: previous, .. } = self.hot[slot as usize];
        if next != NONE {
            self.hot[next as usize].previous_of_account = previous;
        }
        if previous != NONE {
            self.hot[previous as usize].next_of_account = next;
        } else if next != NONE {
            self.by_account.replace(account_id as u64, slot, next);
        } else {
            self.by_account.remove(account_id as u64, slot);
        }
    }

    /// Undo `store`.
    #[inline(always)]
    fn discard(&mut self, slot: u32) {
        let Hot { order_id, account_id, .. } = self.hot[slot as usize];
        self.by_id.remove(order_id, slot);
        if self.cold[slot as usize].time_in_force >= TimeInForce::DAY {
            self.sessional.remove(&order_id);
        }
        self.hot[slot as usize].next = std::mem::replace(&mut self.free, slot);
        if account_id != 0 {
            self.unlink(account_id, slot);
        }
    }

    #[inline(always)]
    fn enqueue_anew(&mut self, slot: u32) {
        let (hot, cold) = (&mut self.hot[slot as usize], &mut self.cold[slot as usize]);
        let display = cold.display_lots;
        hot.visible_lots = if display == 0 { hot.leaves_lots } else { display.min(hot.leaves_lots) };
        cold.priority = self.priority_next;
        self.priority_next += 1;
        self.enqueue(slot);
    }

    #[inline(always)]
    fn enqueue(&mut self, slot: u32) {
        let side = self.cold[slot as usize].side;
        let price = self.hot[slot as usize].price_ticks;
        let level_index = match self.level_index(side, price) {
            Some(level) => level,
            None => self.open_level(side, price),
        };
        let level = &mut self.levels[level_index as usize];
        let tail = level.tail;
        let hot = &mut self.hot[slot as usize];
        hot.level = level_index;
        hot.next = NONE;
        hot.previous = tail;
        level.lots = level.lots.wrapping_add(hot.leaves_lots as u128);
        level.visible_lots = level.visible_lots.wrapping_add(hot.visible_lots as u128);
        level.tail = slot;
        if tail == NONE {
            level.head = slot;
        } else {
            self.hot[tail as usize].next = slot;
        }
    }

    #[inline(always)]
    fn dequeue(&mut self, slot: u32) {
        let Hot { next, previous, level: level_index, leaves_lots, visible_lots, .. } = self.hot[slot as usize];
        let level = &mut self.levels[level_index as usize];
        level.lots = level.lots.wrapping_sub(leaves_lots as u128);
        level.visible_lots = level.visible_lots.wrapping_sub(visible_lots as u128);
        if previous == NONE {
            level.head = next;
        } else {
            self.hot[previous as usize].next = next;
        }
        if next == NONE {
            level.tail = previous;
        } else {
            self.hot[next as usize].previous = previous;
        }
        if self.levels[level_index as usize].head == NONE {
            self.close_level(level_index);
        }
    }

    fn open_level(&mut self, side: u8, price_ticks: u64) -> u32 {
        let level = Level { price_ticks, lots: 0, visible_lots: 0, head: NONE, tail: NONE, side };
        let index = match self.free_level {
            NONE => {
                self.levels.push(level);
                self.levels.len() as u32 - 1
            }
            index => {
                self.free_level = self.levels[index as usize].head;
                self.levels[index as usize] = level;
                index
            }
        };
        let ladder = &mut self.ladders[side as usize - 1];
        let best_price = ladder.best_price;
        ladder.by_price.insert(price_ticks, index);
        self.ranked[side as usize - 1].insert(price_ticks);
        if ladder.best == NONE
            || (side == Side::BUY && price_ticks > best_price)
            || (side == Side::SELL && price_ticks < best_price)
        {
            (ladder.best, ladder.best_price) = (index, price_ticks);
        }
        index
    }

    fn close_level(&mut self, index: u32) {
        let Level { price_ticks, side, .. } = self.levels[index as usize];
        let (ladder, ranked) = (&mut self.ladders[side as usize - 1], &mut self.ranked[side as usize - 1]);
        ladder.by_price.remove(price_ticks, index);
        ranked.remove(price_ticks);
        if ladder.best == index {
            let price = if side == Side::BUY { ranked.last() } else { ranked.first() }.unwrap_or(0);
            let best = self.level_index(side, price).unwrap_or(NONE);
            let ladder = &mut self.ladders[side as usize - 1];
            (ladder.best, ladder.best_price) = (best, price);
        }
        self.levels[index as usize].head = std::mem::replace(&mut self.free_level, index);
    }
}
