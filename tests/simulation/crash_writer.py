"""The process that is killed. Run as a program it waits for jobs and starts a fresh writer for each by forking.

A job is one line on standard input: engine, folder, first number of the flow, seed. Lines on standard output, each
written in one piece: `pid N` when the writer starts, `open` when it has recovered, `ack SEQ COUNT NUMBER` for commands
that were acknowledged, `failed ...` for an error, `exit STATUS` when the writer is gone.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import random
import sys
import threading
from pathlib import Path

from tarazy.domain.engine import Engine
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.spec.venue import Venue
from tests.simulation.crash_flow import CANCEL_EVERY, batch, opening
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


def write_for_ever(sequencer: Sequencer, numbers: Numbers, chance: random.Random) -> None:
    """Write single commands, batches and checkpoints and report what was acknowledged, until killed."""
    while True:
        count = chance.choice([1, 1, 7, 40, 300, 1500])
        first = numbers.take(count)
        commands = batch(first, count)
        if chance.random() < 0.05:
            sequencer.checkpoint()
        if chance.random() < 0.5 or first % CANCEL_EVERY == CANCEL_EVERY - 1:
            receipt = sequencer.submit(commands).result()
            say(f"ack {receipt.first_seq} {count} {first}")
        else:
            events = sequencer.execute(commands)  # an order has at least one event, a cancellation may have none
            say(f"ack {int.from_bytes(events[8:16], 'little')} {count} {first}")


def live(engine: str, directory: Path, first: int, seed: int) -> None:
    """Recover, open the market when there is none yet, and write with three threads."""
    try:
        sequencer = Sequencer.open(directory, ENGINES[engine])
        say("open")
        if missing := opening()[sequencer.engine.next_seq - 1 :]:
            sequencer.execute(missing)
        numbers = Numbers(first)
        arguments = [(sequencer, numbers, random.Random(seed + index)) for index in range(3)]
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
