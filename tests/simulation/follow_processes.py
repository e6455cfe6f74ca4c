"""The two processes of the follow test, run as programs.

`writer DIR`: recover, then write and publish frames until killed; says `open` when it begins.
`reader DIR`: follow frames with events and say `NUMBER HASH EVENTS_DIGEST PUBLISHED` for each, until its input ends.
"""

from __future__ import annotations

import os
import random
import select
import sys
from hashlib import sha256
from pathlib import Path

from tarazy.journal.follow_events import EventsFollower
from tests.unit.journal.published import Life


def write_for_ever(directory: Path) -> None:
    """Write frames of all sizes without a pause."""
    life, chance = Life(directory), random.Random(os.getpid())
    os.write(1, b"open\n")
    while True:
        life.write(chance.choice([1, 1, 3, 20, 100]))


def read_for_ever(directory: Path) -> None:
    """Follow until standard input is closed and nothing has come for a while."""
    with EventsFollower(directory) as follower:
        while True:
            found = follower.wait(0.2)
            published = follower.frames.positions.read().frame_number
            for frame, events in found:
                line = (
                    f"{frame.header.frame_number} {frame.frame_hash.hex()} {sha256(events).hexdigest()} {published}\n"
                )
                os.write(1, line.encode())
            if not found and select.select([0], [], [], 0)[0]:
                return


if __name__ == "__main__":
    {"writer": write_for_ever, "reader": read_for_ever}[sys.argv[1]](Path(sys.argv[2]))
