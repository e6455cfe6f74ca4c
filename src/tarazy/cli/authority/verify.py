"""`tarazy authority verify DIR`: check the record of acts: chain, signatures, and that the rules allowed each."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import head
from tarazy.cli.authority.arguments import add_folder, open_desk
from tarazy.cli.output import Output
from tarazy.cli.words import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_folder(parser)
    parser.add_argument(
        "--known-head", type=head, metavar="ACT:HASH", help="a head noted earlier, which must still be in the record"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Check it; 1 where a noted head is not there."""
    with open_desk(arguments, reads_only=True) as desk:
        record = desk.record
    found = {"acts": len(record.lines), "head": f"{len(record.lines)}:{record.head}", "ok": True}
    if arguments.known_head is not None:
        number, known = arguments.known_head
        there = record.lines[number - 1].hash if number <= len(record.lines) else ""
        if there != known.hex():
            output.say(f"act {number} is not the one that was noted: the record was cut or written anew")
            output.result(found | {"ok": False})
            return 1
    output.say(f"whole: {counted(len(record.lines), 'act')}, each signed and allowed; head {found['head']}")
    output.result(found)
    return 0
