//! The venue of Tarazy in Rust: the twin of `tarazy.spec`, file by file and name by name.

pub mod accounts;
pub mod amend;
pub mod arithmetic;
pub mod assets;
pub mod auction;
pub mod book;
pub mod cancel;
pub mod checkpoint;
pub mod custody;
pub mod digest;
pub mod index;
pub mod invariants;
pub mod ledger;
pub mod liabilities;
pub mod limit_settings;
pub mod limits;
pub mod limits_check;
pub mod limits_snapshot;
pub mod lookup;
pub mod map;
pub mod market_states;
pub mod markets;
pub mod matching;
pub mod orders;
pub mod parameters;
pub mod periods;
pub mod prefetch;
pub mod purchases;
pub mod ranks;
pub mod rates;
pub mod records;
pub mod refusal;
pub mod settings;
pub mod settlement;
pub mod snapshot;
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
