//! The matching book alone, by example: the mistakes that matching books are known to make.

mod log;

use log::{Log, Report};
use tarazy_core::standalone::{NewOrder, Refusal, Side, StandaloneBook};
use Report::{Accepted, CancelRefused, Cancelled, Modified, ModifyRefused, Refused, Traded};
use Side::{Buy, Sell};

/// A book with a short hand: every call returns what it reported.
struct Bench(StandaloneBook);

impl Bench {
    fn new() -> Self {
        Self(StandaloneBook::with_capacity(64, 16))
    }

    fn send(&mut self, order_id: u64, side: Side, lots: u64, price_ticks: i64, immediate: bool) -> Vec<Report> {
        let mut log = Log::default();
        self.0.submit(&NewOrder { order_id, side, price_ticks, lots, immediate }, &mut log);
        log.0
    }

    /// A limit order that rests.
    fn limit(&mut self, order_id: u64, side: Side, lots: u64, price_ticks: i64) -> Vec<Report> {
        self.send(order_id, side, lots, price_ticks, false)
    }

    /// An immediate-or-cancel order; without its own acceptance.
    fn take(&mut self, order_id: u64, side: Side, lots: u64, price_ticks: i64) -> Vec<Report> {
        let reports = self.send(order_id, side, lots, price_ticks, true);
        assert_eq!(reports[0], Accepted(order_id));
        reports[1..].to_vec()
    }

    fn cancel(&mut self, order_id: u64) -> Vec<Report> {
        let mut log = Log::default();
        self.0.cancel(order_id, &mut log);
        log.0
    }

    fn modify(&mut self, order_id: u64, price_ticks: i64, lots: u64) -> Vec<Report> {
        let mut log = Log::default();
        self.0.modify(order_id, price_ticks, lots, &mut log);
        log.0
    }

    fn bests(&self) -> (Option<i64>, Option<i64>) {
        (self.0.best(Buy), self.0.best(Sell))
    }
}

#[test]
fn cancel_of_head_middle_or_tail_keeps_the_queue_of_the_others() {
    for gone in [1, 2, 3] {
        let mut bench = Bench::new();
        for id in 1..=3 {
            bench.limit(id, Buy, 10, 100);
        }
        assert_eq!(bench.cancel(gone), [Cancelled(gone, Buy, 100, 10)]);
        let left: Vec<Report> = (1..=3).filter(|&id| id != gone).map(|id| Traded(id, 9, 100, 10)).collect();
        assert_eq!(bench.take(9, Sell, 20, 100), left);
        assert_eq!(bench.bests(), (None, None));
    }
}

#[test]
fn scattered_cancels_in_a_deep_queue_keep_time_priority() {
    let mut bench = Bench::new();
    for id in 1..=8 {
        bench.limit(id, Buy, 10, 100);
    }
    for id in [2, 5, 7] {
        bench.cancel(id);
    }
    assert_eq!(bench.take(9, Sell, 50, 100), [1, 3, 4, 6, 8].map(|id| Traded(id, 9, 100, 10)));
}

#[test]
fn trades_are_at_the_price_of_the_maker_on_both_sides() {
    let mut bench = Bench::new();
    bench.limit(1, Sell, 10, 100);
    assert_eq!(bench.take(2, Buy, 10, 105), [Traded(1, 2, 100, 10)]);
    bench.limit(3, Buy, 10, 200);
    assert_eq!(bench.take(4, Sell, 10, 195), [Traded(3, 4, 200, 10)]);
}

#[test]
fn better_prices_trade_first_whatever_came_first() {
    let mut bench = Bench::new();
    for (id, price) in [(1, 90), (2, 95), (3, 92)] {
        bench.limit(id, Buy, 10, price);
    }
    assert_eq!(bench.take(4, Sell, 30, 90), [Traded(2, 4, 95, 10), Traded(3, 4, 92, 10), Traded(1, 4, 90, 10)]);
}

#[test]
fn cancel_that_empties_the_best_level_leaves_no_phantom_price() {
    let mut bench = Bench::new();
    bench.limit(1, Buy, 10, 100);
    bench.limit(2, Buy, 7, 99);
    bench.limit(3, Sell, 10, 110);
    bench.limit(4, Sell, 7, 111);
    bench.cancel(1);
    bench.cancel(3);
    assert_eq!(bench.bests(), (Some(99), Some(111)));
    assert_eq!((bench.0.depth(Buy, 100), bench.0.depth(Sell, 110)), (0, 0));
    assert_eq!(bench.take(5, Sell, 9, 99), [Traded(2, 5, 99, 7), Cancelled(5, Sell, 99, 2)]);
    assert_eq!(bench.take(6, Buy, 7, 111), [Traded(4, 6, 111, 7)]);
    assert_eq!(bench.bests(), (None, None));
    bench.limit(7, Buy, 8, 95);
    assert_eq!(bench.bests(), (Some(95), None));
}

#[test]
fn modify_that_crosses_trades_at_the_makers_price_and_never_rests_crossed() {
    let mut bench = Bench::new();
    bench.limit(1, Sell, 10, 100);
    bench.limit(2, Buy, 12, 90);
    assert_eq!(bench.modify(2, 105, 12), [Traded(1, 2, 100, 10), Modified(2, Buy, 105, 12)]);
    assert_eq!(bench.bests(), (Some(105), None));
    assert_eq!(bench.0.depth(Buy, 105), 2);
    bench.limit(3, Sell, 2, 120);
    assert_eq!(bench.modify(3, 104, 2), [Traded(2, 3, 105, 2), Modified(3, Sell, 104, 2)]);
    assert_eq!(bench.0.open_orders(), 0);
}

#[test]
fn modify_of_one_order_of_a_level_keeps_its_sibling() {
    let mut bench = Bench::new();
    bench.limit(1, Buy, 10, 100);
    bench.limit(2, Buy, 10, 100);
    assert_eq!(bench.modify(1, 99, 10), [Modified(1, Buy, 99, 10)]);
    assert_eq!((bench.0.depth(Buy, 100), bench.0.depth(Buy, 99)), (10, 10));
    assert_eq!(bench.take(3, Sell, 10, 100), [Traded(2, 3, 100, 10)]);
}

#[test]
fn modify_loses_time_priority() {
    let mut bench = Bench::new();
    bench.limit(1, Buy, 10, 100);
    bench.limit(2, Buy, 10, 100);
    bench.modify(1, 100, 11);
    assert_eq!(bench.take(3, Sell, 12, 100), [Traded(2, 3, 100, 10), Traded(1, 3, 100, 2)]);
}

#[test]
fn cancel_and_modify_of_an_order_that_is_gone_or_never_was_are_refused() {
    let mut bench = Bench::new();
    assert_eq!(bench.cancel(999), [CancelRefused(999)]);
    assert_eq!(bench.modify(999, 5, 5), [ModifyRefused(999)]);
    bench.limit(1, Sell, 10, 100);
    bench.take(2, Buy, 10, 100);
    bench.limit(3, Buy, 10, 100);
    bench.cancel(3);
    bench.take(4, Buy, 5, 100);
    for id in 0..=4 {
        assert_eq!(bench.cancel(id), [CancelRefused(id)]);
        assert_eq!(bench.modify(id, 101, 5), [ModifyRefused(id)]);
    }
}

#[test]
fn rest_of_an_immediate_order_never_rests() {
    let mut bench = Bench::new();
    bench.limit(1, Sell, 10, 100);
    assert_eq!(bench.take(2, Buy, 15, 100), [Traded(1, 2, 100, 10), Cancelled(2, Buy, 100, 5)]);
    assert_eq!(bench.take(3, Sell, 5, 100), [Cancelled(3, Sell, 100, 5)]);
}

#[test]
fn marketable_limit_order_stops_at_its_own_price_and_rests_there() {
    let mut bench = Bench::new();
    bench.limit(1, Sell, 5, 100);
    bench.limit(2, Sell, 10, 105);
    assert_eq!(bench.limit(3, Buy, 12, 102), [Accepted(3), Traded(1, 3, 100, 5)]);
    assert_eq!(bench.bests(), (Some(102), Some(105)));
    assert_eq!(bench.take(4, Sell, 7, 102), [Traded(3, 4, 102, 7)]);
}

#[test]
fn order_number_is_free_again_after_cancel_and_after_fill() {
    let mut bench = Bench::new();
    bench.limit(1, Buy, 10, 100);
    bench.cancel(1);
    assert_eq!(bench.limit(1, Sell, 10, 200), [Accepted(1)]);
    assert_eq!(bench.take(2, Buy, 10, 200), [Traded(1, 2, 200, 10)]);
    assert_eq!(bench.limit(1, Buy, 3, 50), [Accepted(1)]);
    assert_eq!(bench.cancel(1), [Cancelled(1, Buy, 50, 3)]);
}

#[test]
fn partially_filled_maker_keeps_its_place_and_its_rest_is_exact() {
    let mut bench = Bench::new();
    for id in 1..=4 {
        bench.limit(id, Buy, 10, 100);
    }
    assert_eq!(bench.take(5, Sell, 15, 100), [Traded(1, 5, 100, 10), Traded(2, 5, 100, 5)]);
    assert_eq!(bench.take(6, Sell, 15, 100), [Traded(2, 6, 100, 5), Traded(3, 6, 100, 10)]);
    assert_eq!(bench.take(7, Sell, 4, 100), [Traded(4, 7, 100, 4)]);
    assert_eq!(bench.modify(4, 99, 6), [Modified(4, Buy, 99, 6)]);
    assert_eq!(bench.cancel(4), [Cancelled(4, Buy, 99, 6)]);
    assert_eq!(bench.bests(), (None, None));
}

#[test]
fn level_that_was_swept_is_sound_when_it_opens_again() {
    let mut bench = Bench::new();
    for (id, price) in [(1, 100), (2, 101), (3, 102)] {
        bench.limit(id, Sell, 10, price);
    }
    assert_eq!(bench.take(4, Buy, 30, 102).len(), 3);
    bench.limit(5, Sell, 8, 101);
    assert_eq!(bench.bests(), (None, Some(101)));
    assert_eq!(bench.take(6, Buy, 8, 101), [Traded(5, 6, 101, 8)]);
}

#[test]
fn taker_that_the_first_maker_fills_leaves_the_second_alone() {
    let mut bench = Bench::new();
    bench.limit(1, Sell, 5, 100);
    bench.limit(2, Sell, 5, 100);
    assert_eq!(bench.take(3, Buy, 5, 100), [Traded(1, 3, 100, 5)]);
    assert_eq!(bench.0.depth(Sell, 100), 5);
}

#[test]
fn one_order_sweeps_five_thousand() {
    let mut bench = Bench::new();
    for id in 1..=5_000 {
        bench.limit(id, Sell, 1, 100);
    }
    let trades: Vec<Report> = (1..=5_000).map(|id| Traded(id, 5_001, 100, 1)).collect();
    assert_eq!(bench.take(5_001, Buy, 5_000, 100), trades);
    assert_eq!((bench.0.open_orders(), bench.bests()), (0, (None, None)));
}

#[test]
fn prices_and_numbers_of_the_whole_range_are_kept() {
    let mut bench = Bench::new();
    let prices = [i64::MIN + 1, -1, 0, 1, 200_000, i64::MAX];
    for (id, &price) in [0, u64::MAX, 7, 8, 1 << 32, 1 << 63].iter().zip(&prices) {
        assert_eq!(bench.limit(*id, Buy, u64::MAX, price), [Accepted(*id)]);
        assert_eq!(bench.bests(), (Some(price), None));
    }
    bench.limit(9, Buy, u64::MAX, -1);
    assert_eq!(bench.0.depth(Buy, -1), 2 * u128::from(u64::MAX));
    assert!(bench.0.levels(Buy).map(|(price, _)| price).eq(prices.into_iter().rev()));
    assert_eq!(bench.cancel(0), [Cancelled(0, Buy, i64::MIN + 1, u64::MAX)]);
    assert_eq!(bench.cancel(u64::MAX), [Cancelled(u64::MAX, Buy, -1, u64::MAX)]);
}

#[test]
fn impossible_orders_are_refused_and_change_nothing() {
    let mut bench = Bench::new();
    bench.limit(1, Buy, 10, 100);
    assert_eq!(bench.limit(1, Sell, 10, 100), [Refused(1, Refusal::DuplicateId)]);
    assert_eq!(bench.limit(2, Sell, 0, 100), [Refused(2, Refusal::ZeroLots)]);
    assert_eq!(bench.limit(2, Sell, 1, i64::MIN), [Refused(2, Refusal::ReservedPrice)]);
    assert_eq!(bench.modify(1, 100, 0), [ModifyRefused(1)]);
    assert_eq!(bench.modify(1, i64::MIN, 1), [ModifyRefused(1)]);
    assert_eq!((bench.0.depth(Buy, 100), bench.0.open_orders()), (10, 1));
}
