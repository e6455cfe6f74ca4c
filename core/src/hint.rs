//! Hint that a value will be read soon: the one place of the venue that needs `unsafe`, because a hint takes a pointer.
#![allow(unsafe_code)]

const CACHE_LINE: usize = 64;

/// Hint that the cache line in which a value begins will be read soon.
#[inline(always)]
pub fn hint<T>(value: Option<&T>) {
    if let Some(value) = value {
        hint_line(value, 0);
    }
}

/// Hint that a large value will be read soon, all of its cache lines.
#[inline(always)]
pub fn hint_whole<T>(value: Option<&T>) {
    hint_first(value, size_of::<T>());
}

/// Hint that the first bytes of a large value will be read soon.
#[inline(always)]
pub fn hint_first<T>(value: Option<&T>, bytes: usize) {
    if let Some(value) = value {
        for line in 0..bytes.div_ceil(CACHE_LINE) {
            hint_line(value, line);
        }
    }
}

#[inline(always)]
fn hint_line<T>(value: &T, line: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch reads nothing and faults on nothing; the pointer comes from a live reference.
    unsafe {
        use core::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};
        _mm_prefetch((value as *const T).cast::<i8>().wrapping_add(line * CACHE_LINE), _MM_HINT_T0);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (value, line);
}
