"""Large pages before a fork: which regions are asked for, and that asking changes no byte."""

from __future__ import annotations

import mmap
from hashlib import sha256

from tarazy.facility.sequencer.huge_pages import collapse_memory, large_regions

MAPS = """\
55a55c500000-55a561900000 rw-p 00000000 00:00 0                          [heap]
7efd21200000-7efd29200000 rw-p 00000000 00:00 0
7efd29300000-7efd29a00000 rw-p 00000000 00:00 0
7efd34a2b000-7efd3f1b2000 rw-p 0002b000 fe:00 10183081                   /usr/lib/large.so
7efd40000000-7efd48000000 r--p 00000000 00:00 0
7efd50000000-7efd58000000 rw-s 00000000 00:00 0
7ffd21200000-7ffd29200000 rw-p 00000000 00:00 0                          [stack]
"""


def test_private_writable_regions_without_a_file_are_taken_in_whole_large_pages() -> None:
    """By hand: the heap from 0x55a55c600000 to 0x55a561800000 is 82 MiB, the second region is whole, 128 MiB."""
    assert list(large_regions(MAPS)) == [(0x55A55C600000, 82 << 20), (0x7EFD21200000, 128 << 20)]


def test_memory_has_the_same_bytes_afterwards() -> None:
    with mmap.mmap(-1, 32 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        for at in range(0, len(memory), 4096):
            memory[at : at + 8] = at.to_bytes(8, "little")
        before = sha256(memory).digest()
        assert collapse_memory() >= 0
        assert sha256(memory).digest() == before
