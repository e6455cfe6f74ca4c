//! The matching book alone against a naive one, a sorted list searched from the front, over random flows.

mod log;

use log::{Log, Report};
use tarazy_core::standalone::{NewOrder, Refusal, Side, StandaloneBook};

/// One queue of all resting orders, in time order; every operation walks it.
#[derive(Default)]
struct Naive {
    orders: Vec<NewOrder>,
    reports: Vec<Report>,
}

impl Naive {
    fn best_opposite(&self, side: Side) -> Option<usize> {
        let others = self.orders.iter().enumerate().filter(|(_, order)| order.side != side);
        // The first of the best price: time order, and `min_by_key` keeps the first of equals.
        let key = |order: &NewOrder| i128::from(order.price_ticks) * if side == Side::Buy { 1 } else { -1 };
        others.min_by_key(|(_, order)| key(order)).map(|(at, _)| at)
    }

    fn trade(&mut self, mut taker: NewOrder) -> u64 {
        while taker.lots != 0 {
            let Some(at) = self.best_opposite(taker.side) else { break };
            let maker = &mut self.orders[at];
            let limit = taker.price_ticks;
            if if taker.side == Side::Buy { maker.price_ticks > limit } else { maker.price_ticks < limit } {
                break;
            }
            let lots = taker.lots.min(maker.lots);
            maker.lots -= lots;
            taker.lots -= lots;
            self.reports.push(Report::Traded(maker.order_id, taker.order_id, maker.price_ticks, lots));
            if maker.lots == 0 {
                self.orders.remove(at);
            }
        }
        taker.lots
    }

    fn submit(&mut self, order: NewOrder) {
        if self.orders.iter().any(|resting| resting.order_id == order.order_id) {
            self.reports.push(Report::Refused(order.order_id, Refusal::DuplicateId));
            return;
        }
        self.reports.push(Report::Accepted(order.order_id));
        let lots = self.trade(order);
        if lots != 0 && order.immediate {
            self.reports.push(Report::Cancelled(order.order_id, order.side, order.price_ticks, lots));
        } else if lots != 0 {
            self.orders.push(NewOrder { lots, ..order });
        }
    }

    fn take_out(&mut self, order_id: u64) -> Option<NewOrder> {
        let at = self.orders.iter().position(|order| order.order_id == order_id)?;
        Some(self.orders.remove(at))
    }

    fn cancel(&mut self, order_id: u64) {
        let report = match self.take_out(order_id) {
            Some(order) => Report::Cancelled(order_id, order.side, order.price_ticks, order.lots),
            None => Report::CancelRefused(order_id),
        };
        self.reports.push(report);
    }

    fn modify(&mut self, order_id: u64, price_ticks: i64, lots: u64) {
        let Some(old) = self.take_out(order_id) else {
            self.reports.push(Report::ModifyRefused(order_id));
            return;
        };
        let order = NewOrder { price_ticks, lots, ..old };
        let rest = self.trade(order);
        if rest != 0 {
            self.orders.push(NewOrder { lots: rest, ..order });
        }
        self.reports.push(Report::Modified(order_id, old.side, price_ticks, lots));
    }

    fn levels(&self, side: Side) -> Vec<(i64, u128)> {
        let mut sums = std::collections::BTreeMap::new();
        for order in self.orders.iter().filter(|order| order.side == side) {
            *sums.entry(order.price_ticks).or_insert(0u128) += u128::from(order.lots);
        }
        let ascending = sums.into_iter().collect::<Vec<_>>();
        if side == Side::Sell {
            ascending
        } else {
            ascending.into_iter().rev().collect()
        }
    }
}

/// Compare the two over a flow with prices in steps of `step` over `width` steps.
fn compare(seed: u64, messages: u32, width: u64, step: i64) {
    let (mut book, mut log, mut naive) = (StandaloneBook::with_capacity(0, 0), Log::default(), Naive::default());
    let mut state = seed;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for message in 0..messages {
        let (order_id, lots) = (draw(300), 1 + draw(20));
        let side = if draw(2) == 0 { Side::Buy } else { Side::Sell };
        let price_ticks = (draw(width) as i64 - width as i64 / 2) * step;
        match draw(10) {
            0..=4 => {
                let order = NewOrder { order_id, side, price_ticks, lots, immediate: draw(5) == 0 };
                book.submit(&order, &mut log);
                naive.submit(order);
            }
            5..=7 => {
                book.cancel(order_id, &mut log);
                naive.cancel(order_id);
            }
            _ => {
                book.modify(order_id, price_ticks, lots, &mut log);
                naive.modify(order_id, price_ticks, lots);
            }
        }
        assert_eq!(log.0, naive.reports, "seed {seed}, message {message}");
        for side in [Side::Buy, Side::Sell] {
            let levels = naive.levels(side);
            assert_eq!(book.best(side), levels.first().map(|&(price, _)| price), "seed {seed}, message {message}");
            assert!(book.levels(side).eq(levels.iter().copied()), "seed {seed}, message {message}");
            assert!(levels.iter().all(|&(price, lots)| book.depth(side, price) == lots), "seed {seed}");
        }
        log.0.clear();
        naive.reports.clear();
    }
    assert_eq!(book.open_orders(), naive.orders.len());
}

#[test]
fn book_agrees_with_a_naive_one_over_close_prices() {
    for seed in 1..=5 {
        compare(seed, 4_000, 12, 1);
    }
}

#[test]
fn book_agrees_with_a_naive_one_over_prices_far_apart() {
    for (seed, step) in [(6, 61), (7, 4_099), (8, 1 << 40), (9, i64::MAX / 200)] {
        compare(seed, 4_000, 300, step);
    }
}
