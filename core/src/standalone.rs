//! The matching book alone: no accounts, no ledger, no journal, one market, limit orders.
//!
//! `StandaloneBook` drives the venue's own `Book`, the same code over the same memory, so that what a benchmark measures
//! here is what the venue matches with. What happens is told to a `Reports` as it happens; the calls are monomorphised
//! for it, and within the reserved sizes nothing is allocated. Prices are signed here; the book's are unsigned with 0 for
//! none, so the sign bit is flipped, which keeps the order.

use crate::book::{opposite, Book, Order};
use crate::records::{OrderType, Side as BookSide, TimeInForce};

/// A side of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Side {
    Buy = BookSide::BUY,
    Sell = BookSide::SELL,
}

/// A limit order that comes in. `immediate`: what does not trade at once is cancelled.
#[derive(Clone, Copy, Debug)]
pub struct NewOrder {
    pub order_id: u64,
    pub side: Side,
    pub price_ticks: i64,
    pub lots: u64,
    pub immediate: bool,
}

/// Why an order is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// An order of this number rests.
    DuplicateId,
    /// The one price that the book cannot hold, `i64::MIN`.
    ReservedPrice,
    /// No lots.
    ZeroLots,
}

/// Is told what happens, in order.
pub trait Reports {
    /// An order is accepted; its trades follow.
    fn accepted(&mut self, order: &NewOrder);
    /// An order is refused; nothing changes.
    fn refused(&mut self, order: &NewOrder, why: Refusal);
    /// Two orders trade, at the price of the maker.
    fn traded(&mut self, maker_order_id: u64, taker_order_id: u64, price_ticks: i64, lots: u64);
    /// An order is cancelled, by request or because it is immediate; `lots` were left.
    fn cancelled(&mut self, order_id: u64, side: Side, price_ticks: i64, lots: u64);
    /// No order of this number rests, so nothing is cancelled.
    fn cancel_refused(&mut self, order_id: u64);
    /// An order has a new price and quantity; its trades came before this.
    fn modified(&mut self, order_id: u64, side: Side, price_ticks: i64, lots: u64);
    /// No order of this number rests, or the new terms are not possible; nothing changes.
    fn modify_refused(&mut self, order_id: u64);
}

/// The book of one market.
pub struct StandaloneBook {
    book: Book,
}

#[inline(always)]
fn to_book(price_ticks: i64) -> u64 {
    price_ticks as u64 ^ 1 << 63
}

#[inline(always)]
fn from_book(price_ticks: u64) -> i64 {
    (price_ticks ^ 1 << 63) as i64
}

#[inline(always)]
fn side_of(side: u8) -> Side {
    if side == BookSide::BUY {
        Side::Buy
    } else {
        Side::Sell
    }
}

impl StandaloneBook {
    /// Return an empty book with room for this many open orders and, on each side, levels; it grows when it needs more.
    pub fn with_capacity(orders: usize, levels: usize) -> Self {
        let mut book = Book::new();
        book.reserve(orders, levels);
        Self { book }
    }

    /// Match an order; its leaves quantity rests, or is cancelled when the order is immediate.
    #[inline]
    pub fn submit(&mut self, order: &NewOrder, reports: &mut impl Reports) {
        if let Some(why) = self.refusal(order) {
            reports.refused(order, why);
            return;
        }
        reports.accepted(order);
        let rest = self.trade(order, reports);
        if rest == 0 {
            return;
        }
        if order.immediate {
            reports.cancelled(order.order_id, order.side, order.price_ticks, rest);
        } else {
            self.rest(order, rest);
        }
    }

    /// Cancel a resting order.
    #[inline]
    pub fn cancel(&mut self, order_id: u64, reports: &mut impl Reports) {
        let Some(slot) = self.book.find(order_id) else {
            reports.cancel_refused(order_id);
            return;
        };
        let hot = self.book.hot[slot as usize];
        let side = side_of(self.book.cold[slot as usize].side);
        self.book.remove(slot);
        reports.cancelled(order_id, side, from_book(hot.price_ticks), hot.leaves_lots);
    }

    /// Give a resting order a new price and open quantity: it loses its place and matches like a new one; its leaves
    /// quantity rests.
    #[inline]
    pub fn modify(&mut self, order_id: u64, price_ticks: i64, lots: u64, reports: &mut impl Reports) {
        let slot = match self.book.find(order_id) {
            Some(slot) if lots != 0 && price_ticks != i64::MIN => slot,
            _ => {
                reports.modify_refused(order_id);
                return;
            }
        };
        let side = side_of(self.book.cold[slot as usize].side);
        self.book.remove(slot);
        let order = NewOrder { order_id, side, price_ticks, lots, immediate: false };
        let rest = self.trade(&order, reports);
        if rest != 0 {
            self.rest(&order, rest);
        }
        reports.modified(order_id, side, price_ticks, lots);
    }

    /// Return the best price of a side.
    #[inline]
    pub fn best(&self, side: Side) -> Option<i64> {
        let price = self.book.best_price(side as u8);
        (price != 0).then(|| from_book(price))
    }

    /// Return the lots that rest at a price; a sum of many orders may need more than 64 bits.
    #[inline]
    pub fn depth(&self, side: Side, price_ticks: i64) -> u128 {
        self.book.level_at(side as u8, to_book(price_ticks)).map_or(0, |level| level.lots)
    }

    /// Return the levels of a side, best first: price and lots.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = (i64, u128)> + '_ {
        self.book.levels(side as u8).map(|level| (from_book(level.price_ticks), level.lots))
    }

    /// Return the number of orders that rest.
    pub fn open_orders(&self) -> usize {
        self.book.open_orders()
    }

    #[inline(always)]
    fn refusal(&self, order: &NewOrder) -> Option<Refusal> {
        if order.lots == 0 {
            Some(Refusal::ZeroLots)
        } else if order.price_ticks == i64::MIN {
            Some(Refusal::ReservedPrice)
        } else {
            self.book.find(order.order_id).map(|_| Refusal::DuplicateId)
        }
    }

    /// Match an order in price-time priority, within its limit; return the lots that are left.
    #[inline(always)]
    fn trade(&mut self, order: &NewOrder, reports: &mut impl Reports) -> u64 {
        let (book, mut rest, limit) = (&mut self.book, order.lots, to_book(order.price_ticks));
        let maker_side = opposite(order.side as u8);
        while rest != 0 {
            let best = book.best_price(maker_side);
            if best == 0 || if order.side == Side::Buy { best > limit } else { best < limit } {
                break;
            }
            let Some(slot) = book.best(maker_side) else { break };
            let maker = &book.hot[slot as usize];
            let (maker_id, lots) = (maker.order_id, rest.min(maker.visible_lots));
            book.fill(slot, lots);
            rest -= lots;
            reports.traded(maker_id, order.order_id, from_book(best), lots);
        }
        rest
    }

    /// Put what is left of an order into the book.
    #[inline(always)]
    fn rest(&mut self, order: &NewOrder, lots: u64) {
        self.book.insert(&Order {
            order_id: order.order_id,
            price_ticks: to_book(order.price_ticks),
            quantity_lots: order.lots,
            leaves_lots: lots,
            side: order.side as u8,
            order_type: OrderType::LIMIT,
            time_in_force: TimeInForce::GTC,
            ..Order::default()
        });
    }
}
