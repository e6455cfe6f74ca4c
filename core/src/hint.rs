//! Hint that a value will be read soon: the one place of the venue that needs `unsafe`, because a hint takes a pointer.
#![allow(unsafe_code)]

/// Hint that the cache line of a value will be read soon.
#[inline(always)]
pub fn hint<T>(value: Option<&T>) {
    #[cfg(target_arch = "x86_64")]
    if let Some(value) = value {
        // SAFETY: a prefetch reads nothing and faults on nothing; the pointer comes from a live reference.
        unsafe {
            use core::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};
            _mm_prefetch((value as *const T).cast::<i8>(), _MM_HINT_T0);
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}
