"""The process that is killed. Run as a program it waits for jobs and starts a fresh writer for each by forking.

A job is one line on standard input: engine, folder, first number of the flow, seed. Lines on standard output, each
written in one piece: `pid N` when the writer starts, `open` when it has recovered, `ack SEQ COUNT NUMBER` for commands
that were acknowledged, `named SEQ NUMBER` for an order with its client's text, `signed SEQ NUMBER` for an instruction,
`statement SEQ` for a checkpoint, `failed ...` for an error, `exit STATUS` when the writer is gone.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import random
import sys
import threading
import time
from pathlib import Path

from tarazy.domain.engine import Engine
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.identity import load_identity
from tarazy.journal.sections import RequestReference
from tarazy.market_data.acting import Desk
from tarazy.spec.venue import Venue
from tests.simulation.crash_flow import (
    CANCEL_EVERY,
    GENESIS_COUNT,
    batch,
    desk,
    further_account,
    opening,
    text_of,
)
from tests.simulation.tally_engine import TallyEngine

ENGINES: dict[str, type[Engine]] = {"tally": TallyEngine, "spec": Venue}
if importlib.util.find_spec("tarazy_core") is not None:
    ENGINES["core"] = importlib.import_module("tarazy_core").Venue


def say(line: str) -> None:
    """Write one line in one piece."""
    os.write(1, f"{line}\n".encode())


class Numbers:
    """Hand out runs of the flow to the threads of a writer."""

    def __init__(self, first: int) -> None:
        self._next = first
        self._lock = threading.Lock()

    def take(self, count: int) -> int:
        """Return the first of `count` fresh numbers."""
        with self._lock:
            first, self._next = self._next, self._next + count
        return first


def write_for_ever(sequencer: Sequencer, numbers: Numbers, desk: Desk, chance: random.Random) -> None:
    """Write single commands, batches, instructions and checkpoints and report what was acknowledged, until killed."""
    while True:
        count = chance.choice([1, 1, 7, 40, 300, 1500])
        first = numbers.take(count)
        draw = chance.random()
        if draw < 0.15:
            say(f"statement {sequencer.checkpoint().seq}")
        elif draw < 0.25 and desk.people:
            instruct(sequencer, desk, first)
        elif count == 1 and first % CANCEL_EVERY != CANCEL_EVERY - 1:
            reference = RequestReference(0, 7, bytes(32), text_of(first))
            receipt = sequencer.submit(batch(first, 1), references=[reference]).result()
            say(f"named {receipt.first_seq} {first}")
        elif chance.random() < 0.5 or first % CANCEL_EVERY == CANCEL_EVERY - 1:
            receipt = sequencer.submit(batch(first, count)).result()
            say(f"ack {receipt.first_seq} {count} {first}")
        else:
            events = sequencer.execute(batch(first, count))  # an order has an event, a cancellation maybe none
            say(f"ack {int.from_bytes(events[8:16], 'little')} {count} {first}")


def instruct(sequencer: Sequencer, desk: Desk, number: int) -> None:
    """Open two more accounts by one instruction."""
    mine = Desk(desk.facility_id, [person.key for person in desk.people], first_number=number + 1)
    packed = b"".join(further_account(number + more).pack() for more in range(2))
    assembled = mine.sign(packed, mine.people, time.time_ns())
    receipt = sequencer.submit(assembled.commands, instructions=assembled.entry).result()
    say(f"signed {receipt.first_seq} {number}")


def open_market(sequencer: Sequencer, desk: Desk) -> None:
    """Open the market, in one frame, where that is not done; the tally knows no officers."""
    if sequencer.engine.name == "tally":
        desk.people = ()
        return
    if sequencer.engine.next_seq == 1 + GENESIS_COUNT:
        assembled = desk.sign(b"".join(opening()), desk.people, time.time_ns())
        sequencer.execute(assembled.commands, instructions=assembled.entry)


def live(engine: str, directory: Path, first: int, seed: int) -> None:
    """Recover, open the market when there is none yet, and write with three threads."""
    try:
        sequencer = Sequencer.open(
            directory, ENGINES[engine], head_commands_max=2_000, head_interval_s=0.02, snapshot_bytes_per_s=1 << 20
        )
        say("open")
        officers = desk(load_identity(directory).facility_id, first + 1)
        open_market(sequencer, officers)
        numbers = Numbers(first + 1)
        arguments = [(sequencer, numbers, officers, random.Random(seed + index)) for index in range(3)]
        threads = [threading.Thread(target=write_for_ever, args=each, daemon=True) for each in arguments]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException as error:
        say(f"failed {type(error).__name__}: {error}")
    os._exit(1)


def serve() -> None:
    """Start a writer for every job and wait until it is gone."""
    for line in sys.stdin:
        engine, directory, first, seed = line.rstrip("\n").split("\t")
        pid = os.fork()
        if pid == 0:
            live(engine, Path(directory), int(first), int(seed))
        say(f"pid {pid}")
        _, status = os.waitpid(pid, 0)
        say(f"exit {status}")


if __name__ == "__main__":
    serve()
