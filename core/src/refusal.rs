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

/// Refuse an act whose document hash is all zeros.
pub fn require_hash(value: &[u8; 32], code: RejectCode) -> Result<(), Refusal> {
    if value == &[0u8; 32] {
        return refuse(code, 1, 0);
    }
    Ok(())
}
