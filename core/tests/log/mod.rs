//! What a book reported, in order, as plain values that tests compare.

use tarazy_core::standalone::{NewOrder, Refusal, Reports, Side};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    Accepted(u64),
    Refused(u64, Refusal),
    /// maker, taker, price, lots
    Traded(u64, u64, i64, u64),
    /// order, side, price, lots
    Cancelled(u64, Side, i64, u64),
    CancelRefused(u64),
    Modified(u64, Side, i64, u64),
    ModifyRefused(u64),
}

#[derive(Default)]
pub struct Log(pub Vec<Report>);

impl Reports for Log {
    fn accepted(&mut self, order: &NewOrder) {
        self.0.push(Report::Accepted(order.order_id));
    }
    fn refused(&mut self, order: &NewOrder, why: Refusal) {
        self.0.push(Report::Refused(order.order_id, why));
    }
    fn traded(&mut self, maker_order_id: u64, taker_order_id: u64, price_ticks: i64, lots: u64) {
        self.0.push(Report::Traded(maker_order_id, taker_order_id, price_ticks, lots));
    }
    fn cancelled(&mut self, order_id: u64, side: Side, price_ticks: i64, lots: u64) {
        self.0.push(Report::Cancelled(order_id, side, price_ticks, lots));
    }
    fn cancel_refused(&mut self, order_id: u64) {
        self.0.push(Report::CancelRefused(order_id));
    }
    fn modified(&mut self, order_id: u64, side: Side, price_ticks: i64, lots: u64) {
        self.0.push(Report::Modified(order_id, side, price_ticks, lots));
    }
    fn modify_refused(&mut self, order_id: u64) {
        self.0.push(Report::ModifyRefused(order_id));
    }
}
