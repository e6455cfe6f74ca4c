//! The time of single commands: what no product entry offers, because it passes by the latch and the length check.
//!
//! Usage: latency SETUP COMMANDS, two files of records. Applies the first, then times each command of the second and
//! prints one JSON object: percentiles in nanoseconds. Two clock readings a command are part of what it measures.

use std::time::Instant;

use tarazy_core::records::RECORD_SIZE;
use tarazy_core::venue::{apply_one, Venue};

const SHARES: [(&str, u128); 5] =
    [("p50", 5_000), ("p99", 9_900), ("p99_9", 9_990), ("p99_99", 9_999), ("max", 10_000)];
/// Commands between two moments at which the events are dropped.
const BATCH: usize = 4_096;

fn read(path: &str) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("expected a file of records, found {path}: {error}"))
}

/// Return the nanoseconds of each command, smallest first.
fn time(venue: &mut Venue, commands: &[u8]) -> Vec<u128> {
    let (records, _) = commands.as_chunks::<RECORD_SIZE>();
    let mut taken = Vec::with_capacity(records.len());
    for batch in records.chunks(BATCH) {
        venue.state.out.clear();
        for record in batch {
            let start = Instant::now();
            apply_one(&mut venue.state, record);
            taken.push(start.elapsed().as_nanos());
        }
    }
    taken.sort_unstable();
    taken
}

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [setup, commands] = &paths[..] else {
        println!("latency: expected two files of records, found {}; bench/engine.py gives them", paths.len());
        return;
    };
    let mut venue = Venue::new();
    venue.apply(&read(setup)).expect("expected a setup of whole records");
    let taken = time(&mut venue, &read(commands));
    let last = taken.len() as u128 - 1;
    let shares = SHARES.map(|(name, share)| format!("\"{name}\": {}", taken[(last * share / 10_000) as usize]));
    println!("{{{}}}", shares.join(", "));
}
