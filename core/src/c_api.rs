//! The book alone for C programs: `include/tarazy_book.h`, which says what each function does.
//!
//! The functions and layouts are those that public matching benchmarks load from a shared library, so that their
//! harnesses drive the venue's book as they drive any other. One book per process, driven by one thread at a time.
//! This file and the cache hints are the only ones that need `unsafe`: C hands over pointers, and the interface carries
//! no handle, so that the book lies in a static.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::ffi::c_void;

use crate::standalone::{NewOrder, Refusal, Reports, Side, StandaloneBook};

/// Open orders and levels a side for which room is made at the start.
const ORDERS: usize = 1 << 13;
const LEVELS: usize = 1 << 9;

const SIDE_BUY: u8 = 0;
const SIDE_SELL: u8 = 1;

/// `tarazy_new_order`
#[repr(C)]
pub struct NewOrderMessage {
    pub order_id: u64,
    pub sequence_number: u64,
    pub price_ticks: i64,
    pub quantity: u32,
    pub side: u8,
    pub immediate: u8,
    pub reserved: [u8; 2],
}

/// `tarazy_cancel`
#[repr(C)]
pub struct CancelMessage {
    pub order_id: u64,
    pub sequence_number: u64,
}

/// `tarazy_modify`
#[repr(C)]
pub struct ModifyMessage {
    pub order_id: u64,
    pub sequence_number: u64,
    pub price_ticks: i64,
    pub quantity: u32,
    pub side: u8,
    pub reserved: [u8; 3],
}

/// `tarazy_report`
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub kind: u8,
    pub side: u8,
    pub reserved: [u8; 6],
    pub sequence_number: u64,
    pub order_id: u64,
    pub price_ticks: i64,
    pub quantity: u32,
    pub reserved_2: u32,
    pub maker_order_id: u64,
    pub taker_order_id: u64,
    pub reserved_3: u64,
}

/// Kinds of report.
pub const ORDER_ACCEPTED: u8 = 0;
pub const TRADE: u8 = 1;
pub const CANCELLED: u8 = 2;
pub const MODIFIED: u8 = 3;
pub const CANCEL_REFUSED: u8 = 4;
pub const MODIFY_REFUSED: u8 = 5;
pub const ORDER_REFUSED: u8 = 6;

type Push = unsafe extern "C" fn(*mut c_void, *const Report) -> i32;

/// `tarazy_transport`; only `push` is called here.
#[repr(C)]
pub struct Transport {
    pub create: Option<unsafe extern "C" fn(u32) -> *mut c_void>,
    pub push: Option<Push>,
    pub drain: Option<unsafe extern "C" fn(*mut c_void, *mut Report, u32) -> u32>,
    pub flush: Option<unsafe extern "C" fn(*mut c_void)>,
    pub destroy: Option<unsafe extern "C" fn(*mut c_void)>,
}

/// Where reports go, and the sequence number that they carry.
struct Outlet {
    push: Push,
    sink: *mut c_void,
    sequence_number: u64,
}

struct Engine {
    book: StandaloneBook,
    outlet: Outlet,
}

struct Cell(UnsafeCell<Option<Engine>>);

// SAFETY: the interface promises that one thread at a time calls it, with a hand-over in between (tarazy_book.h).
unsafe impl Sync for Cell {}

static ENGINE: Cell = Cell(UnsafeCell::new(None));

/// Let something be done with the one engine; None before `engine_init`.
#[inline(always)]
fn with_engine<T>(act: impl FnOnce(&mut Engine) -> T) -> Option<T> {
    // SAFETY: one thread at a time calls the interface, and what is done with the engine here never calls it again.
    unsafe { (*ENGINE.0.get()).as_mut() }.map(act)
}

#[inline(always)]
fn code(side: Side) -> u8 {
    if side == Side::Buy {
        SIDE_BUY
    } else {
        SIDE_SELL
    }
}

#[inline(always)]
fn side_of(code: u8) -> Side {
    if code == SIDE_BUY {
        Side::Buy
    } else {
        Side::Sell
    }
}

impl Outlet {
    /// Hand a report over, waiting while the transport is full.
    #[inline(always)]
    fn send(&mut self, report: Report) {
        let report = Report { sequence_number: self.sequence_number, ..report };
        // SAFETY: `push` and `sink` belong together and live until `engine_shutdown`; the report lives across the call.
        while unsafe { (self.push)(self.sink, &report) } == 0 {
            std::hint::spin_loop();
        }
    }
}

impl Reports for Outlet {
    #[inline(always)]
    fn accepted(&mut self, order: &NewOrder) {
        let NewOrder { order_id, side, price_ticks, lots, .. } = *order;
        self.send(Report {
            kind: ORDER_ACCEPTED,
            side: code(side),
            order_id,
            price_ticks,
            quantity: lots as u32,
            ..Report::default()
        });
    }

    #[cold]
    fn refused(&mut self, order: &NewOrder, _why: Refusal) {
        self.send(Report { kind: ORDER_REFUSED, order_id: order.order_id, ..Report::default() });
    }

    #[inline(always)]
    fn traded(&mut self, maker_order_id: u64, taker_order_id: u64, price_ticks: i64, lots: u64) {
        let quantity = lots as u32;
        self.send(Report { kind: TRADE, price_ticks, quantity, maker_order_id, taker_order_id, ..Report::default() });
    }

    #[inline(always)]
    fn cancelled(&mut self, order_id: u64, side: Side, price_ticks: i64, lots: u64) {
        let (side, quantity) = (code(side), lots as u32);
        self.send(Report { kind: CANCELLED, side, order_id, price_ticks, quantity, ..Report::default() });
    }

    #[inline(always)]
    fn cancel_refused(&mut self, order_id: u64) {
        self.send(Report { kind: CANCEL_REFUSED, order_id, ..Report::default() });
    }

    #[inline(always)]
    fn modified(&mut self, order_id: u64, side: Side, price_ticks: i64, lots: u64) {
        let (side, quantity) = (code(side), lots as u32);
        self.send(Report { kind: MODIFIED, side, order_id, price_ticks, quantity, ..Report::default() });
    }

    #[inline(always)]
    fn modify_refused(&mut self, order_id: u64) {
        self.send(Report { kind: MODIFY_REFUSED, order_id, ..Report::default() });
    }
}

/// Open an empty book that reports into `sink`; `seed` is not used, because nothing here is drawn by chance.
///
/// # Safety
/// `transport` points to a filled table that is valid now; its `push` and `sink` stay valid until `engine_shutdown`.
#[no_mangle]
pub unsafe extern "C" fn engine_init(_seed: u64, transport: *const Transport, sink: *mut c_void) {
    // SAFETY: the caller promises a valid table; a null pointer or an empty entry leaves no engine.
    let push = unsafe { transport.as_ref() }.and_then(|table| table.push);
    let fresh = push.map(|push| Engine {
        book: StandaloneBook::with_capacity(ORDERS, LEVELS),
        outlet: Outlet { push, sink, sequence_number: 0 },
    });
    // SAFETY: one thread at a time calls the interface, and no reference into the cell outlives a call.
    unsafe { *ENGINE.0.get() = fresh };
}

/// Close the book.
#[no_mangle]
pub extern "C" fn engine_shutdown() {
    // SAFETY: one thread at a time calls the interface, and no reference into the cell outlives a call.
    unsafe { *ENGINE.0.get() = None };
}

/// Match a new order.
///
/// # Safety
/// `message` points to a message that is valid during the call.
#[no_mangle]
pub unsafe extern "C" fn engine_on_new_order(message: *const NewOrderMessage) {
    // SAFETY: the caller promises a valid message.
    let message = unsafe { &*message };
    let order = NewOrder {
        order_id: message.order_id,
        side: side_of(message.side),
        price_ticks: message.price_ticks,
        lots: message.quantity.into(),
        immediate: message.immediate != 0,
    };
    with_engine(|engine| {
        engine.outlet.sequence_number = message.sequence_number;
        engine.book.submit(&order, &mut engine.outlet);
    });
}

/// Cancel an order.
///
/// # Safety
/// `message` points to a message that is valid during the call.
#[no_mangle]
pub unsafe extern "C" fn engine_on_cancel(message: *const CancelMessage) {
    // SAFETY: the caller promises a valid message.
    let message = unsafe { &*message };
    with_engine(|engine| {
        engine.outlet.sequence_number = message.sequence_number;
        engine.book.cancel(message.order_id, &mut engine.outlet);
    });
}

/// Give an order a new price and quantity.
///
/// # Safety
/// `message` points to a message that is valid during the call.
#[no_mangle]
pub unsafe extern "C" fn engine_on_modify(message: *const ModifyMessage) {
    // SAFETY: the caller promises a valid message.
    let message = unsafe { &*message };
    with_engine(|engine| {
        engine.outlet.sequence_number = message.sequence_number;
        engine.book.modify(message.order_id, message.price_ticks, message.quantity.into(), &mut engine.outlet);
    });
}

/// Do nothing: every message is matched and reported before its call returns.
#[no_mangle]
pub extern "C" fn engine_flush() {}

/// Return the best bid, `i64::MIN` when there is none.
#[no_mangle]
pub extern "C" fn engine_query_best_bid() -> i64 {
    with_engine(|engine| engine.book.best(Side::Buy)).flatten().unwrap_or(i64::MIN)
}

/// Return the best ask, `i64::MAX` when there is none.
#[no_mangle]
pub extern "C" fn engine_query_best_ask() -> i64 {
    with_engine(|engine| engine.book.best(Side::Sell)).flatten().unwrap_or(i64::MAX)
}

/// Return the quantity that rests at a price; a sum beyond 64 bits shows as the largest number.
#[no_mangle]
pub extern "C" fn engine_query_depth_at(price_ticks: i64, side: u8) -> u64 {
    let depth = with_engine(|engine| engine.book.depth(side_of(side), price_ticks)).unwrap_or(0);
    u64::try_from(depth).unwrap_or(u64::MAX)
}
