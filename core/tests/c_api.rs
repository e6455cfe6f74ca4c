//! The C interface of the book: layouts, and one session through it. Needs the feature c-api.
#![cfg(feature = "c-api")]
#![allow(unsafe_code)] // it calls the interface as C does

use std::ffi::c_void;
use std::mem::{offset_of, size_of};
use std::ptr::null_mut;
use tarazy_core::c_api::*;

/// Keep a report in the vector behind the sink; refuse every other attempt, as a transport does that is full.
unsafe extern "C" fn push(sink: *mut c_void, report: *const Report) -> i32 {
    // SAFETY: the test passes a vector as the sink, and the book a valid report.
    let (sink, report) = unsafe { (&mut *sink.cast::<(bool, Vec<Report>)>(), *report) };
    sink.0 = !sink.0;
    if sink.0 {
        return 0;
    }
    sink.1.push(report);
    1
}

fn send(order_id: u64, sequence_number: u64, price_ticks: i64, quantity: u32, side: u8, immediate: u8) {
    let message =
        NewOrderMessage { order_id, sequence_number, price_ticks, quantity, side, immediate, reserved: [0; 2] };
    // SAFETY: the message is valid.
    unsafe { engine_on_new_order(&message) };
}

fn cancel(order_id: u64, sequence_number: u64) {
    // SAFETY: the message is valid.
    unsafe { engine_on_cancel(&CancelMessage { order_id, sequence_number }) };
}

fn modify(order_id: u64, sequence_number: u64, price_ticks: i64, quantity: u32, side: u8) {
    let message = ModifyMessage { order_id, sequence_number, price_ticks, quantity, side, reserved: [0; 3] };
    // SAFETY: the message is valid.
    unsafe { engine_on_modify(&message) };
}

#[test]
fn layouts_are_those_of_the_header() {
    assert_eq!(size_of::<NewOrderMessage>(), 32);
    assert_eq!(size_of::<CancelMessage>(), 16);
    assert_eq!(size_of::<ModifyMessage>(), 32);
    assert_eq!(size_of::<Report>(), 64);
    assert_eq!(offset_of!(NewOrderMessage, immediate), 29);
    assert_eq!(offset_of!(Report, maker_order_id), 40);
}

#[test]
fn one_session_reports_every_kind_and_answers_queries() {
    let empty = (i64::MIN, i64::MAX, 0);
    let state = || (engine_query_best_bid(), engine_query_best_ask(), engine_query_depth_at(-5, 0));
    assert_eq!(state(), empty); // before engine_init
    cancel(1, 0);
    let mut sink = (false, Vec::<Report>::new());
    let table = Transport { create: None, push: Some(push), drain: None, flush: None, destroy: None };
    // SAFETY: the table and the sink live until the book is closed below.
    unsafe { engine_init(23, &table, (&raw mut sink).cast()) };
    assert_eq!(state(), empty);
    send(0, 1, -5, 10, 0, 0);
    send(0, 2, -5, 10, 0, 0);
    send(7, 3, 9, 4, 1, 0);
    assert_eq!(state(), (-5, 9, 10));
    send(8, 4, -6, 15, 1, 1);
    modify(0, 5, 9, 1, 0);
    send(9, 6, -7, 3, 0, 0);
    modify(9, 7, 12, 5, 0);
    cancel(9, 8);
    cancel(9, 9);
    engine_flush();
    assert_eq!(state(), empty);
    engine_shutdown();
    assert_eq!(state(), empty);

    let report = |kind, sequence_number, side, order_id, price_ticks, quantity| Report {
        kind,
        side,
        sequence_number,
        order_id,
        price_ticks,
        quantity,
        ..Report::default()
    };
    let trade = |sequence_number, maker_order_id, taker_order_id, price_ticks, quantity| Report {
        maker_order_id,
        taker_order_id,
        ..report(TRADE, sequence_number, 0, 0, price_ticks, quantity)
    };
    let expected = [
        report(ORDER_ACCEPTED, 1, 0, 0, -5, 10),
        report(ORDER_REFUSED, 2, 0, 0, 0, 0),
        report(ORDER_ACCEPTED, 3, 1, 7, 9, 4),
        report(ORDER_ACCEPTED, 4, 1, 8, -6, 15),
        trade(4, 0, 8, -5, 10),
        report(CANCELLED, 4, 1, 8, -6, 5),
        report(MODIFY_REFUSED, 5, 0, 0, 0, 0),
        report(ORDER_ACCEPTED, 6, 0, 9, -7, 3),
        trade(7, 7, 9, 9, 4),
        report(MODIFIED, 7, 0, 9, 12, 5),
        report(CANCELLED, 8, 0, 9, 12, 1),
        report(CANCEL_REFUSED, 9, 0, 9, 0, 0),
    ];
    assert_eq!(sink.1, expected);

    // SAFETY: a null table is allowed and leaves no book.
    unsafe { engine_init(23, std::ptr::null(), null_mut()) };
    send(1, 1, 5, 1, 0, 0);
    assert_eq!(state(), empty);
}
