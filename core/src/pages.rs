//! Memory for tables that grow: large blocks are mappings of their own, and growing one moves no bytes.
//!
//! A `Vec` that outgrows its block asks for one of twice the size. From the usual allocator that is a copy (of 64 MB for
//! a million accounts) which one command would pay for. Here the kernel hangs the same pages under the new addresses;
//! those beyond are zero and exist once they are touched. Small blocks are left to the system's allocator.
//!
//! Blocks begin at a large page (2 MiB) and are whole ones, so that whoever asks for large pages gets them behind all of
//! a table (facility/sequencer/huge_pages.py, outside any command). This file does not ask: the kernel would look for
//! 2 MiB in one piece at the first touch, within a command, and took up to 36 ms.
//!
//! This file knows nothing of the venue and decides nothing. It needs `unsafe` because an allocator hands out memory.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::{c_int, c_void};
use std::ptr::{copy_nonoverlapping, null_mut};

/// Blocks from this size on are mappings.
const LARGE: usize = 1 << 20;
const LARGE_PAGE: usize = 2 << 20;

const PROT_READ_WRITE: c_int = 3;
const MAP_PRIVATE_ANONYMOUS: c_int = 0x22;
const MREMAP_MAYMOVE_FIXED: c_int = 3;

extern "C" {
    fn mmap(at: *mut c_void, size: usize, protection: c_int, flags: c_int, file: c_int, offset: i64) -> *mut c_void;
    fn munmap(at: *mut c_void, size: usize) -> c_int;
    fn mremap(at: *mut c_void, size: usize, new_size: usize, flags: c_int, ...) -> *mut c_void;
}

/// The allocator.
pub struct Pages;

fn is_large(size: usize, align: usize) -> bool {
    size >= LARGE && align <= LARGE_PAGE
}

/// Return the size of the mapping of a block.
fn mapped(size: usize) -> usize {
    size.next_multiple_of(LARGE_PAGE)
}

fn failed(at: *mut c_void) -> bool {
    at as isize == -1
}

/// Return a mapping of zero pages that begins at a large page, null where there is no memory.
///
/// # Safety
/// The caller owns what is returned, `mapped(size)` bytes.
unsafe fn map(size: usize) -> *mut u8 {
    let Some(wanted) = mapped(size).checked_add(LARGE_PAGE) else { return null_mut() };
    // SAFETY: a new private mapping; only its own ends are given back.
    unsafe {
        let start = mmap(null_mut(), wanted, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
        if failed(start) {
            return null_mut();
        }
        let before = (start as usize).next_multiple_of(LARGE_PAGE) - start as usize;
        let block = start.cast::<u8>().add(before);
        if before != 0 {
            munmap(start, before);
        }
        if before != LARGE_PAGE {
            munmap(block.add(mapped(size)).cast(), LARGE_PAGE - before);
        }
        block
    }
}

/// Return the block at a mapping of the new size, its pages moved and not copied; null where there is no memory.
///
/// # Safety
/// `block` is a mapping of `mapped(size)` bytes.
unsafe fn remap(block: *mut u8, size: usize, new_size: usize) -> *mut u8 {
    let (old, new) = (mapped(size), mapped(new_size));
    if old == new {
        return block;
    }
    // SAFETY: the block is the caller's; the target is a fresh mapping of the new size, which the kernel replaces.
    unsafe {
        if new < old {
            munmap(block.add(new).cast(), old - new);
            return block;
        }
        let target = map(new_size);
        if target.is_null() {
            return null_mut();
        }
        let moved = mremap(block.cast(), old, new, MREMAP_MAYMOVE_FIXED, target.cast::<c_void>());
        if failed(moved) {
            munmap(target.cast(), new);
            return null_mut();
        }
        moved.cast()
    }
}

// SAFETY: a block's size says which of the two allocators it is from; both keep the contract of the trait.
unsafe impl GlobalAlloc for Pages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match is_large(layout.size(), layout.align()) {
            true => unsafe { map(layout.size()) },
            false => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match is_large(layout.size(), layout.align()) {
            true => unsafe { map(layout.size()) },
            false => unsafe { System.alloc_zeroed(layout) },
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match is_large(layout.size(), layout.align()) {
            true => unsafe {
                munmap(block.cast(), mapped(layout.size()));
            },
            false => unsafe { System.dealloc(block, layout) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let (was, is) = (is_large(layout.size(), layout.align()), is_large(new_size, layout.align()));
        if was && is {
            return unsafe { remap(block, layout.size(), new_size) };
        }
        if !was && !is {
            return unsafe { System.realloc(block, layout, new_size) };
        }
        // SAFETY: the trait's caller promises that the new size is a valid one for the alignment.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(new_size, layout.align()));
            if !moved.is_null() {
                copy_nonoverlapping(block, moved, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_vector_keeps_its_values_through_every_size() {
        let mut values: Vec<[u64; 8]> = Vec::new();
        for value in 0..1_000_000u64 {
            values.push([value; 8]);
        }
        assert_eq!(values.as_ptr() as usize % 64, 0);
        assert!(values.iter().enumerate().all(|(at, value)| *value == [at as u64; 8]));
        values.truncate(100);
        values.shrink_to_fit();
        assert!(values.iter().enumerate().all(|(at, value)| *value == [at as u64; 8]));
    }

    #[test]
    fn zeroed_memory_is_zero_also_where_it_was_used_before() {
        for size in [1 << 10, 1 << 20, (1 << 20) + 1, 5 << 20] {
            let mut bytes = vec![0u8; size];
            assert!(bytes.iter().all(|&byte| byte == 0));
            bytes.fill(7);
        }
    }
}
