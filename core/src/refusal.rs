//! A refusal: the value a handler gives back when a command may not be done. It changes nothing.

use crate::records::RejectCode;

/// Why a command was refused: the code, what its check expected and what it found.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    pub code: RejectCode,
    pub expected: u128,
    pub found: u128,
}

/// Return the refusal as the error of a handler.
#[cold]
pub fn refuse<T>(code: RejectCode, expected: u128, found: u128) -> Result<T, Refusal> {
    Err(Refusal { code, expected, found })
}

/// Refuse a number that nothing has; a missing number says that one is needed.
#[cold]
pub fn unknown<T>(code: RejectCode, number: u64) -> Result<T, Refusal> {
    refuse(code, (number == 0) as u128, number as u128)
}

/// Refuse a number that is not among 1 to `count`.
#[cold]
pub fn beyond<T>(code: RejectCode, count: usize, number: u64) -> Result<T, Refusal> {
    refuse(code, if number == 0 { 1 } else { count as u128 }, number as u128)
}

/// Refuse an act whose document hash is all zeros.
pub fn require_hash(value: &[u8; 32], code: RejectCode) -> Result<(), Refusal> {
    if value == &[0u8; 32] {
        return refuse(code, 1, 0);
    }
    Ok(())
}
