//! book: the matching book alone, without accounts and ledger. `cargo bench --bench book`, in core/.
//!
//! Prints the messages per second of a synthetic flow, best of five runs, and the time of a cancel in one level of
//! 200,000 orders by where in the level it strikes: the last figures show whether an operation walks its level.

use std::time::{Duration, Instant};
use tarazy_core::standalone::{NewOrder, Refusal, Reports, Side, StandaloneBook};

const LEVEL_ORDERS: u64 = 200_000;
const CANCELS: u64 = 20_000;
const MESSAGES: u64 = 2_000_000;
const RUNS: usize = 5;

/// Counts trades and drops the rest.
#[derive(Default)]
struct Counter {
    trades: u64,
}

impl Reports for Counter {
    fn accepted(&mut self, _: &NewOrder) {}
    fn refused(&mut self, order: &NewOrder, why: Refusal) {
        panic!("expected an order that is accepted, found {order:?} refused: {why:?}");
    }
    fn traded(&mut self, _: u64, _: u64, _: i64, _: u64) {
        self.trades += 1;
    }
    fn cancelled(&mut self, _: u64, _: Side, _: i64, _: u64) {}
    fn cancel_refused(&mut self, _: u64) {}
    fn modified(&mut self, _: u64, _: Side, _: i64, _: u64) {}
    fn modify_refused(&mut self, _: u64) {}
}

/// One message of the flow.
enum Message {
    Submit(NewOrder),
    Cancel(u64),
    Modify(u64, i64, u64),
}

/// Return a flow around a price that wanders: half orders, one in eight immediate; cancels and modifies of late ones.
fn flow() -> Vec<Message> {
    let (mut state, mut middle, mut next_id) = (7u64, 30_000i64, 0u64);
    let mut draw = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut messages = Vec::with_capacity(MESSAGES as usize);
    for _ in 0..MESSAGES {
        let away = 1 + draw(20).min(draw(20)) as i64 - 2;
        let side = if draw(2) == 0 { Side::Buy } else { Side::Sell };
        let price_ticks = if side == Side::Buy { middle - away } else { middle + away };
        let late = next_id.saturating_sub(draw(4_000));
        messages.push(match draw(16) {
            0..=7 => {
                next_id += 1;
                let (lots, immediate) = (1 + draw(100), draw(8) == 0);
                Message::Submit(NewOrder { order_id: next_id, side, price_ticks, lots, immediate })
            }
            8..=14 => Message::Cancel(late),
            _ => Message::Modify(late, price_ticks, 1 + draw(100)),
        });
        if draw(64) == 0 {
            middle += draw(3) as i64 - 1;
        }
    }
    messages
}

fn play(messages: &[Message]) -> (Duration, u64) {
    let (mut book, mut counter) = (StandaloneBook::with_capacity(1 << 13, 1 << 9), Counter::default());
    let start = Instant::now();
    for message in messages {
        match message {
            Message::Submit(order) => book.submit(order, &mut counter),
            Message::Cancel(order_id) => book.cancel(*order_id, &mut counter),
            Message::Modify(order_id, price, lots) => book.modify(*order_id, *price, *lots, &mut counter),
        }
    }
    (start.elapsed(), counter.trades)
}

/// Return the nanoseconds of one cancel, best of all runs.
fn cancel_ns(which: impl Fn(u64) -> u64) -> u128 {
    (0..RUNS).map(|_| cancel_once_ns(&which)).min().expect("there are runs")
}

/// Return the nanoseconds of one cancel when `which` picks the orders to cancel out of one large level.
fn cancel_once_ns(which: impl Fn(u64) -> u64) -> u128 {
    let (mut book, mut counter) = (StandaloneBook::with_capacity(LEVEL_ORDERS as usize, 1), Counter::default());
    for order_id in 0..LEVEL_ORDERS {
        book.submit(&NewOrder { order_id, side: Side::Buy, price_ticks: 100, lots: 1, immediate: false }, &mut counter);
    }
    let start = Instant::now();
    for count in 0..CANCELS {
        book.cancel(which(count), &mut counter);
    }
    let spent = start.elapsed();
    assert_eq!(book.depth(Side::Buy, 100), u128::from(LEVEL_ORDERS - CANCELS));
    spent.as_nanos() / u128::from(CANCELS)
}

fn main() {
    let messages = flow();
    let (best, trades) = (0..RUNS).map(|_| play(&messages)).min().expect("there are runs");
    let per_second = u128::from(MESSAGES) * 1_000_000_000 / best.as_nanos();
    println!("flow    {per_second} messages/s, {MESSAGES} messages, {trades} trades");
    let head = |count| count;
    let middle = |count| LEVEL_ORDERS / 2 + count;
    let tail = |count| LEVEL_ORDERS - 1 - count;
    // 7,919 is prime to the number of orders, so that no order comes twice.
    let anywhere = |count| count * 7_919 % LEVEL_ORDERS;
    println!("cancel  level of {LEVEL_ORDERS} orders, {CANCELS} cancels, ns each");
    println!("        head {}, middle {}, tail {}", cancel_ns(head), cancel_ns(middle), cancel_ns(tail));
    println!("        anywhere {} (the memory's share: no order lies near the one before)", cancel_ns(anywhere));
}
