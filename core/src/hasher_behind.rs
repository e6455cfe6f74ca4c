//! SHA-256 on a thread of its own. The hash depends on the pieces and their order alone, never on when the thread runs.

use std::panic::resume_unwind;
use std::sync::mpsc::{channel, sync_channel, Receiver, SyncSender};
use std::thread::{Builder, JoinHandle};

use crate::digest::Hasher;

/// Pieces that wait for a thread that hashes, at most.
const WAITING_MAX: usize = 4;

/// SHA-256 of pieces that a thread hashes while the caller makes the next ones.
pub struct HasherBehind {
    filled: SyncSender<Vec<u8>>,
    emptied: Receiver<Vec<u8>>,
    thread: JoinHandle<[u8; 32]>,
}

impl HasherBehind {
    /// Start the thread; None where the machine gives none.
    pub fn start() -> Option<Self> {
        let ((filled, inbox), (back, emptied)) = (sync_channel::<Vec<u8>>(WAITING_MAX), channel());
        let hash = move || {
            let mut hasher = Hasher::default();
            while let Ok(mut piece) = inbox.recv() {
                hasher.update(&piece);
                piece.clear();
                let _ = back.send(piece);
            }
            hasher.finish()
        };
        let thread = Builder::new().name("tarazy-hash".into()).spawn(hash).ok()?;
        Some(Self { filled, emptied, thread })
    }

    /// Hand a piece over, and return an empty one for what follows.
    pub fn pass_on(&mut self, piece: Vec<u8>) -> Vec<u8> {
        let capacity = piece.capacity();
        let _ = self.filled.send(piece); // where the thread is gone, `finish` tells why
        self.emptied.try_recv().unwrap_or_else(|_| Vec::with_capacity(capacity))
    }

    /// Return the hash of all pieces.
    pub fn finish(self) -> [u8; 32] {
        drop(self.filled);
        self.thread.join().unwrap_or_else(|payload| resume_unwind(payload))
    }
}

#[cfg(test)]
mod tests {
    use super::HasherBehind;
    use crate::digest::sha256;

    #[test]
    fn hash_behind_is_the_hash_of_all_pieces_in_order() {
        let data: Vec<u8> = (0..3_000_000u32).map(|at| (at / 7) as u8).collect();
        for size in [1, 4096, 70_000, 3_000_000] {
            let (mut behind, mut piece) = (HasherBehind::start().unwrap(), Vec::new());
            let pieces = data.chunks(size).take(1000);
            let whole: Vec<u8> = pieces.clone().flatten().copied().collect();
            for bytes in pieces {
                piece.extend_from_slice(bytes);
                piece = behind.pass_on(piece);
                assert!(piece.is_empty());
            }
            assert_eq!(behind.finish(), sha256(&whole), "pieces of {size} bytes");
        }
    }
}
