"""`tarazy events ACT DIR`: check the events file against the journal, or make it anew. Exit code 1 when it differs."""

from __future__ import annotations

import argparse
from typing import Any

from tarazy.cli.arguments import add_journal, add_json
from tarazy.cli.engines import CHOICES, fastest, load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.journal.events_rebuild import EventsReport, check_events, rebuild_events
from tarazy.journal.events_record import events_folder
from tarazy.journal.identity import load_identity
from tarazy.journal.lock import FolderLock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    check = acts.add_parser("check", help="compare the events file with every frame; needs no engine")
    rebuild = acts.add_parser("rebuild", help="make the events file anew by a replay; the facility must not run")
    for act in (check, rebuild):
        add_journal(act)
        add_json(act)
    rebuild.add_argument("--engine", choices=CHOICES, help="who replays; default: core where it is built, else spec")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    load_identity(arguments.directory)
    if arguments.act == "check" and not events_folder(arguments.directory).is_dir():
        advice = "make one with `tarazy events rebuild DIR`"
        raise CliError(f"{arguments.directory}: expected an events file beside the journal, found none; {advice}")
    with output.progress() as bar:
        task = bar.add_task(f"events {arguments.act}", total=None)

        def progress(commands: int) -> None:
            bar.update(task, completed=commands)

        report = (
            check_events(arguments.directory, progress) if arguments.act == "check" else rebuild(arguments, progress)
        )
    if report.damage is not None:
        output.say("DIFFERS", style="bold red")
        output.say(str(report.damage))
    else:
        word = "has" if arguments.act == "check" else "was made anew and has"
        output.say(
            f"the events file {word} the {report.events:,} events of {report.frames:,} frames", style="bold green"
        )
    output.result(as_json(report))
    return 0 if report.damage is None else 1


def rebuild(arguments: argparse.Namespace, progress: Any) -> EventsReport:
    """Make the events file anew, under the facility's lock."""
    engine = load_engine(arguments.engine or fastest())()
    lock = FolderLock(arguments.directory)
    try:
        return rebuild_events(arguments.directory, engine, progress)
    finally:
        lock.release()


def as_json(report: EventsReport) -> dict[str, Any]:
    """Return the outcome for programs."""
    damage = report.damage
    return {
        "whole": damage is None,
        "frames": report.frames,
        "commands": report.commands,
        "events": report.events,
        "damage": str(damage) if damage else None,
    }
