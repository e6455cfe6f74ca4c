"""`tarazy export DIR --parquet OUT`: a journal's commands and events as Parquet, one file per kind, integers only."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import add_journal, add_json
from tarazy.cli.engines import CHOICES, fastest, load_engine
from tarazy.cli.market_data.playing import check_free
from tarazy.cli.output import Output
from tarazy.journal.export import export_parquet
from tarazy.journal.identity import load_identity


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_journal(parser)
    parser.add_argument("--parquet", type=Path, required=True, metavar="OUT", help="folder for the files")
    parser.add_argument("--commands-only", action="store_true", help="leave the events out, which a replay derives")
    parser.add_argument("--engine", choices=CHOICES, help="for the events; default: core where it is built, else spec")
    add_json(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Export one journal."""
    load_identity(arguments.directory)
    check_free(arguments.parquet)
    engine = None if arguments.commands_only else load_engine(arguments.engine or fastest())()
    with output.progress() as bar:
        task = bar.add_task("export", total=None)
        report = export_parquet(
            arguments.directory, arguments.parquet, engine, lambda commands: bar.update(task, completed=commands)
        )
    for name, rows in report.rows.items():
        output.say(f"{rows:>12,}  {arguments.parquet / name}")
    output.result({"commands": report.commands, "events": report.events, "rows": report.rows})
    return 0
