//! The invariants: how often each was checked, and what happens when one breaks (the writer stops).

pub const NAMES: [&str; 7] = ["CONSERVE", "SEGREGATE", "COVER", "EXIT", "ADMIT", "OWN", "ORDER"];

/// Counts of checks by invariant; `seq` is the command under way.
#[derive(Default)]
pub struct Invariants {
    pub conserve: u64,
    pub segregate: u64,
    pub cover: u64,
    pub exit: u64,
    pub admit: u64,
    pub own: u64,
    pub order: u64,
    pub seq: u64,
}

/// A broken invariant. It travels as a panic's payload from the check to `Venue::apply`, which gives it to the caller.
#[derive(Clone, Debug)]
pub struct Broken {
    pub invariant: &'static str,
    pub seq: u64,
    pub detail: String,
}

impl Invariants {
    /// Stop the engine: an invariant does not hold.
    #[cold]
    #[inline(never)]
    pub fn broken(&self, invariant: &'static str, detail: String) -> ! {
        std::panic::resume_unwind(Box::new(Broken { invariant, seq: self.seq, detail }))
    }

    /// Return the counts in the order of NAMES.
    pub fn counts(&self) -> [u64; 7] {
        [self.conserve, self.segregate, self.cover, self.exit, self.admit, self.own, self.order]
    }
}
