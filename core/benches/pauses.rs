//! The longest single commands while tables grow. Usage: pauses RUNS FILE..., files of records that are applied in order.
//!
//! Every run plays all files into a venue of its own. A command's time is the shortest of its runs, so that what the
//! machine's neighbours take does not count and what the command itself does, does. Prints one JSON object a file.

use std::time::Instant;

use tarazy_core::records::RECORD_SIZE;
use tarazy_core::venue::{apply_one, Venue};

/// Commands between two moments at which the events are dropped.
const BATCH: usize = 4_096;
const LONGEST: usize = 5;
const PAUSE_NS: u32 = 5_000_000;

fn read(path: &String) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("expected a file of records, found {path}: {error}"))
}

/// Apply commands and lower each one's time to what it took now.
fn play(venue: &mut Venue, commands: &[u8], shortest: &mut [u32]) {
    let (records, _) = commands.as_chunks::<RECORD_SIZE>();
    for (batch, times) in records.chunks(BATCH).zip(shortest.chunks_mut(BATCH)) {
        venue.state.out.clear();
        for (record, time) in batch.iter().zip(times) {
            let start = Instant::now();
            apply_one(&mut venue.state, record);
            *time = (*time).min(start.elapsed().as_nanos().min(u128::from(u32::MAX)) as u32);
        }
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let Some((runs, paths)) = words.split_first().filter(|(_, paths)| !paths.is_empty()) else {
        println!("pauses: expected a number of runs and files of records; bench/pauses.py gives them");
        return;
    };
    let files: Vec<Vec<u8>> = paths.iter().map(read).collect();
    let mut shortest: Vec<Vec<u32>> = files.iter().map(|file| vec![u32::MAX; file.len() / RECORD_SIZE]).collect();
    for _ in 0..runs.parse().expect("expected a number of runs") {
        let mut venue = Venue::new();
        for (file, times) in files.iter().zip(&mut shortest) {
            play(&mut venue, file, times);
        }
    }
    for times in &shortest {
        let mut order: Vec<usize> = (0..times.len()).collect();
        order.sort_unstable_by_key(|&at| std::cmp::Reverse(times[at]));
        order.truncate(LONGEST);
        let over = times.iter().filter(|&&ns| ns > PAUSE_NS).count();
        let longest: Vec<u32> = order.iter().map(|&at| times[at]).collect();
        let facts = format!("\"over_5_ms\": {over}, \"longest_ns\": {longest:?}, \"longest_at\": {order:?}");
        println!("{{\"commands\": {}, {facts}}}", times.len());
    }
}
