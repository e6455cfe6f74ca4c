"""Play a flow of orders into a new journal: the loop behind `tarazy demo` and `tarazy import`.

The new facility has officers of its own: two people who found it and set the venue up, and two machine watchers who
credit deposits under mandates. Their keys are made for it and lie in the folder of keys beside the journal, which in a
real facility no two of them would.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tarazy.cli.engines import load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.market_data.tally import Tally
from tarazy.cli.output import Output
from tarazy.domain.records import CommandKind, TakeCheckpoint
from tarazy.domain.signer import KeySigner
from tarazy.facility.officers.founding import Founder, found_facility
from tarazy.facility.officers.key_files import new_key_file
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.identity import IDENTITY_NAME, load_identity
from tarazy.journal.keys import keys_folder
from tarazy.journal.lock import FolderLock
from tarazy.journal.opening import is_there
from tarazy.market_data.acting import Desk
from tarazy.market_data.played import Flow, FlowReport

CHECKPOINT_COMMANDS = 50_000
KEY_NAMES = ("officer-1", "officer-2", "watcher-1", "watcher-2")
PEOPLE = 2
WORKING_SUFFIX = ".importing"


class ReplayedFlow(NamedTuple):
    """A flow that was played: its own report, the counts, and how long the playing took."""

    report: FlowReport
    tally: Tally
    seconds: float


def check_free(directory: Path) -> None:
    """Refuse a folder that holds anything, before work goes into filling it."""
    if is_there(directory) and (not directory.is_dir() or any(directory.iterdir())):
        found = "files in it" if directory.is_dir() else "a file"
        raise CliError(f"{directory}: expected an empty or new folder, found {found}; choose another")


@contextmanager
def begun(directory: Path) -> Iterator[Path]:
    """Give a folder to make a journal in; it gets its name once all is done, and leaves nothing behind where it is not.

    The work is done beside the place, in `<directory>.importing`: what a stopped import left there gives way.
    Raises: CliError where the place holds anything.
    """
    directory = Path(os.path.realpath(directory))
    check_free(directory)
    if is_there(keys_folder(directory)):
        raise CliError(f"{keys_folder(directory)}: expected no folder of keys, found one; choose another with --out")
    work = directory.with_name(directory.name + WORKING_SUFFIX)
    made = make_parents(work.parent)
    lock = take_over(work)
    try:
        yield work
        keys_folder(work).rename(keys_folder(directory))
        work.rename(directory)
    except BaseException:
        remove(work)
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        raise
    finally:
        os.close(lock)


def take_over(work: Path) -> int:
    """Make room to work in; return the descriptor that locks its folder of keys until it is closed.

    The folder itself is locked by the journal's writer.
    Raises: CliError where another import is at work there.
    """
    keys = keys_folder(work)
    while True:
        keys.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(keys, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise CliError(f"{work}: expected no other import at work there, found one; choose another --out") from None
        if not is_there(work) and not any(keys.iterdir()):
            return lock
        remove(work)
        os.close(lock)


def make_parents(folder: Path) -> list[Path]:
    """Make a folder and those that it is in; return the ones that were not there, deepest first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def remove(work: Path) -> None:
    """Remove a journal that was begun, and its keys."""
    for folder in (work, keys_folder(work)):
        shutil.rmtree(folder, ignore_errors=True)


def new_journal(
    directory: Path, name: str, engine_name: str, *, created_ns: int, replaces: bool = False
) -> tuple[Sequencer, Desk]:
    """Found a facility in a folder and open it for playing; with `replaces` the one of this name there gives way.

    Units: `created_ns` UTC nanoseconds, not after the flow's first command.
    Raises: CliError where the folder holds anything else.
    """
    if replaces and (directory / IDENTITY_NAME).exists() and load_identity(directory).name == name:
        remove_journal(directory)
    check_free(directory)
    keys = [KeySigner.generate() for _ in KEY_NAMES]
    founders = [Founder(key) for key in keys[:PEOPLE]]
    identity = found_facility(directory, name, founders, created_ns=created_ns)
    for key_name, key in zip(KEY_NAMES, keys, strict=True):
        new_key_file(keys_folder(directory) / f"{key_name}.key", f"{key_name} of {name}", key=key)
    sequencer = Sequencer.open(directory, load_engine(engine_name), keep_timestamps=True)
    return sequencer, Desk(identity.facility_id, keys)


def remove_journal(directory: Path) -> None:
    """Remove a facility with its keys, unless a writer has it.

    Raises: FolderInUseError.
    """
    lock = FolderLock(directory)
    try:
        shutil.rmtree(directory)
    finally:
        lock.release()
    shutil.rmtree(keys_folder(directory), ignore_errors=True)


def play_flow(flow: Flow, sequencer: Sequencer, desk: Desk, output: Output, title: str) -> ReplayedFlow:
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
            pieces = (sequencer.execute(each.commands, instructions=each.instructions) for each in batch.pieces())
            events = b"".join(pieces)
            tally.add(batch.commands, events)
            flow.observe(events)
            done, total = flow.progress()
            bar.update(task, completed=done, total=total)
            since_checkpoint += len(batch.commands) // len(TAKE_CHECKPOINT)
            if since_checkpoint >= CHECKPOINT_COMMANDS:
                take_checkpoint(sequencer, tally)
                flow.writer.next_seq += 1
                since_checkpoint = 0
    return ReplayedFlow(flow.report(), tally, time.perf_counter() - started)


TAKE_CHECKPOINT = TakeCheckpoint().pack()


def take_checkpoint(sequencer: Sequencer, tally: Tally) -> None:
    """Sign and store the state."""
    sequencer.checkpoint()
    tally.commands[CommandKind.take_checkpoint] += 1
