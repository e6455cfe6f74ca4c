"""The garbage collector rests while one code is read.

Reading makes many objects, which stay as long as the facts, and no cycles: looking through them again and again for
garbage takes a third of the time and finds none. So what was there before is looked through, and what the pause made
counts as old at once, where the collector seldom looks.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 1  # the generations up to this one are collected before a pause


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector; who found it running starts it again, so that pauses may lie within each other."""
    running = gc.isenabled()
    if running:
        gc.collect(YOUNG)
        gc.disable()
    try:
        yield
    finally:
        if running:
            if not gc.get_freeze_count():  # what the application froze stays frozen
                gc.freeze()
                gc.unfreeze()
            gc.enable()
