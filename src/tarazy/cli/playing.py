"""Play a flow of orders into a new journal: the loop behind `tarazy demo` and `tarazy import`."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import NamedTuple, Protocol

from tarazy.cli.engines import load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.cli.tally import Tally
from tarazy.domain.records import EDITION, CommandKind, TakeCheckpoint
from tarazy.facility.flow.commands import CommandWriter
from tarazy.facility.flow.played import Flow, Report
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.create import create_facility
from tarazy.journal.identity import IDENTITY_NAME, load_identity

CHECKPOINT_COMMANDS = 50_000


class PlayableFlow(Flow, Protocol):
    """A flow whose writer can be told the next sequence number."""

    writer: CommandWriter


class Played(NamedTuple):
    """A flow that was played: its own report, the counts, and how long the playing took."""

    report: Report
    tally: Tally
    seconds: float


def check_free(directory: Path) -> None:
    """Refuse a folder that holds anything, before work goes into filling it."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise CliError(f"{directory}: expected an empty or new folder, found files; choose another with --out")


def new_journal(directory: Path, name: str, engine_name: str, *, replaces: bool = False) -> Sequencer:
    """Create a facility in a folder and open it for playing; with `replaces` the one of this name there gives way.

    Raises: CliError where the folder holds anything else.
    """
    if replaces and (directory / IDENTITY_NAME).exists() and load_identity(directory).name == name:
        shutil.rmtree(directory)
    check_free(directory)
    create_facility(directory, name, edition=EDITION)
    return Sequencer.open(directory, load_engine(engine_name), keep_timestamps=True)


def play_flow(flow: PlayableFlow, sequencer: Sequencer, output: Output, title: str) -> Played:
    """Play a flow to its end with a checkpoint every now and then; every batch is durable before the next.

    The flow numbers its orders itself, so it is told about every command that is not its own.
    """
    tally = Tally()
    since_checkpoint = 0
    started = time.perf_counter()
    with output.progress() as bar:
        task = bar.add_task(title, total=None)
        for batch in flow.batches():
            events = sequencer.execute(batch)
            tally.add(batch, events)
            flow.observe(events)
            done, total = flow.progress()
            bar.update(task, completed=done, total=total)
            since_checkpoint += len(batch) // len(TAKE_CHECKPOINT)
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
