//! The venue of Tarazy in Rust: the twin of `tarazy.spec`, file by file and name by name.

pub mod accounts;
pub mod amend;
pub mod arithmetic;
pub mod assets;
pub mod auction;
pub mod authority;
pub mod block_trades;
mod book;
pub mod busts;
pub mod cancel;
pub mod cancel_timers;
pub mod checkpoint;
pub mod clearing;
pub mod client_ids;
pub mod client_keys;
pub mod contingencies;
pub mod custody;
pub mod custody_check;
pub mod custody_sections;
pub mod delistings;
pub mod deposits;
pub mod digest;
pub mod evidence;
pub mod excerpt;
pub mod fees;
pub mod grid;
mod hasher_behind;
pub mod hint;
pub mod house;
pub mod increments;
pub mod index;
pub mod instructions;
pub mod invariants;
pub mod ledger;
pub mod legs;
pub mod liabilities;
pub mod liability_levels;
pub mod limit_settings;
pub mod limits;
pub mod limits_check;
pub mod lookup;
pub mod mandates;
pub mod map;
pub mod market_states;
pub mod markets;
pub mod matching;
pub mod numbers;
pub mod observed;
pub mod officers;
pub mod order_lists;
pub mod orders;
#[cfg(target_os = "linux")]
mod pages;
pub mod parameters;
pub mod periods;
pub mod prefetch;
pub mod purchases;
pub mod ranks;
pub mod rates;
pub mod receipts;
pub mod records;
pub mod refusal;
pub mod self_crosses;
pub mod session_orders;
pub mod settings;
pub mod settlement;
pub mod shortfall;
pub mod snapshot;
pub mod snapshot_authority;
pub mod snapshot_bytes;
pub mod snapshot_check;
pub mod snapshot_fees;
pub mod snapshot_limits;
pub mod snapshot_orders;
pub mod snapshot_terms;
pub mod standalone;
pub mod state;
pub mod state_parts;
pub mod subjects;
pub mod succession;
pub mod ticks;
pub mod timers;
pub mod trailing;
pub mod triggers;
pub mod undo;
pub mod venue;
pub mod withdrawal_windows;
pub mod withdrawals;

#[cfg(feature = "c-api")]
pub mod c_api;
#[cfg(feature = "python")]
mod python;

#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: pages::Pages = pages::Pages;
