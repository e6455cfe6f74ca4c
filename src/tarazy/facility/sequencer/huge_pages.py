"""Ask the kernel for large pages behind the engine's tables, so that a fork has few entries to copy.

A fork copies the page tables while the engine stands still: one entry for every 4 KiB, about 30 ms for each GiB of
state; with pages of 2 MiB it is about 3 ms. A large page that the writer touches later is split, and only 4 KiB of it
are copied, so nothing is lost afterwards. The work is done before the mark, in the thread that asks for a checkpoint,
while the engine runs. Where the kernel cannot do it (before Linux 6.1, or where it is switched off) nothing happens.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

HUGE_PAGE = 2 << 20
REGION_BYTES_MIN = 8 << 20
MADV_HUGEPAGE = 14
MADV_COLLAPSE = 25


def collapse_memory() -> int:
    """Put large pages behind this process's large private regions; return how many regions took the advice.

    Cost: copies what lies on small pages, about a second for each GiB the first time, little later.
    """
    try:
        madvise = ctypes.CDLL(None, use_errno=True).madvise
        regions = list(large_regions(Path("/proc/self/maps").read_text()))
    except (OSError, AttributeError):
        return 0
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    taken = 0
    for start, size in regions:
        if madvise(start, size, MADV_HUGEPAGE):
            continue  # the region is gone, or the kernel has no large pages
        taken += 1
        for page in range(start, start + size, HUGE_PAGE):  # one by one, as the first that cannot be had ends a call
            madvise(page, HUGE_PAGE, MADV_COLLAPSE)
    return taken


def large_regions(maps: str) -> Iterator[tuple[int, int]]:
    """Yield start and size, in whole large pages, of private writable regions without a file in `/proc/PID/maps`."""
    for line in maps.splitlines():
        span, rights, _, _, inode, *name = line.split(maxsplit=5)
        if rights != "rw-p" or inode != "0" or name not in ([], ["[heap]"]):
            continue
        first, last = (int(end, 16) for end in span.split("-"))
        start, end = -(-first // HUGE_PAGE) * HUGE_PAGE, last // HUGE_PAGE * HUGE_PAGE
        if end - start >= REGION_BYTES_MIN:
            yield start, end - start
