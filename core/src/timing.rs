//! Time commands one by one: for benches only. Nothing of the state machine reads a clock.

use std::time::Instant;

use crate::records::RECORD_SIZE;
use crate::venue::{apply_one, Venue};

/// Apply commands like `Venue::apply` and return the nanoseconds of each; the events go to `state.out`.
pub fn apply_timed(venue: &mut Venue, commands: &[u8]) -> Vec<u32> {
    let (records, _) = commands.as_chunks::<RECORD_SIZE>();
    let mut taken = Vec::with_capacity(records.len());
    for record in records {
        let start = Instant::now();
        apply_one(&mut venue.state, record);
        taken.push(start.elapsed().as_nanos() as u32);
    }
    taken
}
