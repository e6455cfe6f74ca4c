"""`tarazy instruct submit DIR FILE`: hand a complete draft to the facility; exit code 1 where anything was refused.

The act opens the facility as its one writer. Where the writer runs already, the folder is in use and is left alone: the
draft stays as it is, and can be handed in later or by that process.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.cli.config.arguments import add_facility, configuration, facility_folder
from tarazy.cli.engines import CHOICES, fastest, load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.facility.publishing import published
from tarazy.cli.output import Output
from tarazy.cli.words import enum_word, moment
from tarazy.domain.instructions import assemble
from tarazy.domain.records import EVENTS, RECORD_SIZE, CommandRejected
from tarazy.facility.officers.drafts import Draft, instruction_of, read_draft
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.facility.sequencer.submission import Receipt
from tarazy.journal.errors import FolderInUseError
from tarazy.journal.identity import load_identity


class SubmissionResult(NamedTuple):
    """What came of one command: its number, its name, and the refusal's name, empty where it was done."""

    seq: int
    command: str
    refused: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_facility(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="the draft, signed by all its officers")
    parser.add_argument("--engine", choices=CHOICES, default=None, help="default: core where it is built, else spec")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Hand in one draft."""
    config = configuration(arguments)
    directory, facility = facility_folder(arguments, config), config.facility
    draft = read_draft(arguments.file)
    check(directory, draft)
    assembled = assemble(instruction_of(draft))
    try:
        engine = load_engine(arguments.engine or facility.engine or fastest())
        sequencer = Sequencer.open(directory, engine, **facility.sequencer.options())
        with published(sequencer, directory, output):
            receipt = sequencer.submit(assembled.commands, instructions=assembled.entry).result()
    except FolderInUseError as error:
        raise CliError(f"{error} The draft stays as it is: hand it in when the writer has stopped.") from error
    answers = answers_of(draft, receipt)
    for answer in answers:
        output.say(f"  {answer.seq:,} {answer.command}: {'refused: ' + answer.refused if answer.refused else 'done'}")
    refused = sum(bool(answer.refused) for answer in answers)
    output.say(f"{len(answers) - refused} done, {refused} refused; the record has them all")
    output.result({"first_seq": receipt.first_seq, "answers": [answer._asdict() for answer in answers]})
    return 1 if refused else 0


def check(directory: Path, draft: Draft) -> None:
    """Refuse a draft for another facility, or whose validity is over, before the folder is opened.

    Raises: CliError.
    """
    identity = load_identity(directory)
    if identity.facility_id != draft.facility_id:
        expected = f"an instruction to {identity.name} ({identity.facility_id.hex()})"
        raise CliError(f"expected {expected}, found one to {draft.facility} ({draft.facility_id.hex()})")
    if draft.valid_until_ns <= time.time_ns():
        until = moment(draft.valid_until_ns)
        raise CliError(f"expected an instruction that is valid, found one until {until}; draft it again")


def answers_of(draft: Draft, receipt: Receipt) -> list[SubmissionResult]:
    """Return what came of the instruction itself and of each of its commands."""
    refused = {event.seq: event for event in events_of(receipt.events) if isinstance(event, CommandRejected)}
    names = ["PresentInstruction", *(type(command).__name__ for command in draft.commands)]
    answers = []
    for seq, name in enumerate(names, receipt.first_seq):
        code = enum_word("RejectCode", refused[seq].reject_code).split(" ")[0] if seq in refused else ""
        answers.append(SubmissionResult(seq, name, code))
    return answers


def events_of(events: bytes) -> list[Any]:
    """Return events as records."""
    return [
        EVENTS[int.from_bytes(events[at : at + 2], "little")].unpack(events, at)
        for at in range(0, len(events), RECORD_SIZE)
    ]
