"""`tarazy instruct status FILE [--facility DIR]`: what a draft waits for, and whether the record has it."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from tarazy.cli.journal.seek import command_frames
from tarazy.cli.output import Output
from tarazy.domain.instructions import instructions_in
from tarazy.facility.officers.command_text import moment_text
from tarazy.facility.officers.drafts import Draft, read_draft


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the draft")
    parser.add_argument("--facility", type=Path, metavar="DIR", help="folder in whose record to look for it")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Tell where one draft stands; exit code 1 where it can do nothing any more and is not in the record."""
    draft = read_draft(arguments.file)
    seqs = presented(arguments.facility, draft) if arguments.facility is not None else []
    is_over = draft.valid_until_ns <= time.time_ns()
    for line in lines(draft, seqs, is_over):
        output.say(line)
    found: dict[str, Any] = {"digest": draft.digest, "missing": draft.missing, "is_over": is_over}
    output.result(found | ({"presented_seqs": seqs} if arguments.facility is not None else {}))
    return 1 if is_over and not seqs else 0


def lines(draft: Draft, seqs: list[int], is_over: bool) -> list[str]:
    """Return the draft's standing in words."""
    signed = [number for number, _ in draft.signatures]
    told = [f"digest {draft.digest.hex()}"]
    told += [f"signed by officer {number}" for number in signed]
    told += [f"waits for officer {number}" for number in draft.missing]
    until = moment_text(draft.valid_until_ns)
    told.append(f"validity is over since {until}: draft it again" if is_over else f"valid until {until}")
    told += [f"in the record as command {seq:,}; tarazy explain DIR {seq} tells what came of it" for seq in seqs]
    return told


def presented(directory: Path, draft: Draft) -> list[int]:
    """Return the numbers of the commands that presented this instruction, in the facility's record."""
    found = []
    message = draft.message
    for frame in command_frames(directory):
        for place, instruction in instructions_in(frame.commands, frame.instructions):
            if instruction.message(draft.facility_id) == message:
                found.append(frame.header.first_seq + place)
    return found
