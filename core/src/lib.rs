//! The venue of Tarazy in Rust: the twin of `tarazy.spec`, file by file and name by name.

pub mod accounts;
pub mod amend;
pub mod arithmetic;
pub mod assets;
pub mod auction;
pub mod authority;
pub mod book;
pub mod cancel;
pub mod checkpoint;
pub mod custody;
pub mod digest;
pub mod index;
pub mod instructions;
pub mod invariants;
pub mod ledger;
pub mod liabilities;
pub mod lookup;
pub mod mandates;
pub mod map;
pub mod market_states;
pub mod markets;
pub mod matching;
pub mod officers;
pub mod orders;
pub mod parameters;
pub mod prefetch;
pub mod ranks;
pub mod records;
pub mod refusal;
pub mod settlement;
pub mod snapshot;
pub mod snapshot_authority;
pub mod snapshot_bytes;
pub mod standalone;
pub mod state;
pub mod timers;
pub mod timing;
pub mod triggers;
pub mod venue;

#[cfg(feature = "c-api")]
pub mod c_api;
#[cfg(feature = "python")]
mod python;
