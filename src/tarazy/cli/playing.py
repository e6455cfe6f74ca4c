"""Play a flow of orders into a new journal: the loop behind `tarazy demo` and `tarazy import`.

The new facility has officers of its own: two people who found it and set the venue up, and two machine watchers who
credit deposits under mandates. Their keys are made for it and lie in the folder of keys beside the journal, which in a
real facility no two of them would.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tarazy.cli.engines import load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.cli.tally import Tally
from tarazy.domain.records import CommandKind, TakeCheckpoint
from tarazy.facility.acting import Desk
from tarazy.facility.flow.played import Flow, Report
from tarazy.facility.officers.founding import Founder, found_facility
from tarazy.facility.officers.key_files import new_key_file
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.identity import IDENTITY_NAME, load_identity
from tarazy.journal.keys import keys_folder

CHECKPOINT_COMMANDS = 50_000
KEY_NAMES = ("officer-1", "officer-2", "watcher-1", "watcher-2")
PEOPLE = 2


class Played(NamedTuple):
    """A flow that was played: its own report, the counts, and how long the playing took."""

    report: Report
    tally: Tally
    seconds: float


def check_free(directory: Path) -> None:
    """Refuse a folder that holds anything, before work goes into filling it."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise CliError(f"{directory}: expected an empty or new folder, found files; choose another with --out")


def new_journal(
    directory: Path, name: str, engine_name: str, *, created_ns: int, replaces: bool = False
) -> tuple[Sequencer, Desk]:
    """Found a facility in a folder and open it for playing; with `replaces` the one of this name there gives way.

    Units: `created_ns` UTC nanoseconds, not after the flow's first command.
    Raises: CliError where the folder holds anything else.
    """
    if replaces and (directory / IDENTITY_NAME).exists() and load_identity(directory).name == name:
        shutil.rmtree(directory)
        shutil.rmtree(keys_folder(directory), ignore_errors=True)
    check_free(directory)
    keys = [Ed25519PrivateKey.generate() for _ in KEY_NAMES]
    founders = [Founder(key) for key in keys[:PEOPLE]]
    identity = found_facility(directory, name, founders, created_ns=created_ns)
    for key_name, key in zip(KEY_NAMES, keys, strict=True):
        new_key_file(keys_folder(directory) / f"{key_name}.key", f"{key_name} of {name}", key=key)
    sequencer = Sequencer.open(directory, load_engine(engine_name), keep_timestamps=True)
    return sequencer, Desk(identity.facility_id, keys)


def play_flow(flow: Flow, sequencer: Sequencer, desk: Desk, output: Output, title: str) -> Played:
    """Play a flow to its end with a checkpoint every now and then; every batch is durable before the next.

    The flow numbers its orders itself, so it is told about every command that is not its own.
    """
    tally = Tally()
    since_checkpoint = 0
    flow.writer.start(desk, sequencer.engine.next_seq)
    started = time.perf_counter()
    with output.progress() as bar:
        task = bar.add_task(title, total=None)
        for batch in flow.batches():
            events = sequencer.execute(batch.commands, instructions=batch.instructions)
            tally.add(batch.commands, events)
            flow.observe(events)
            done, total = flow.progress()
            bar.update(task, completed=done, total=total)
            since_checkpoint += len(batch.commands) // len(TAKE_CHECKPOINT)
            if since_checkpoint >= CHECKPOINT_COMMANDS:
                take_checkpoint(sequencer, tally)
                flow.writer.next_seq += 1
                since_checkpoint = 0
    return Played(flow.report(), tally, time.perf_counter() - started)


TAKE_CHECKPOINT = TakeCheckpoint().pack()


def take_checkpoint(sequencer: Sequencer, tally: Tally) -> None:
    """Sign and store the state."""
    sequencer.checkpoint()
    tally.commands[CommandKind.take_checkpoint] += 1
