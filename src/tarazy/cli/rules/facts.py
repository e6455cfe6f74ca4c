"""`tarazy rules facts DIR OUT`: a facility's record as fact tables, one Parquet file for each.

Beside them lie the facts that were read from the state and from the stores beside the record.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import add_journal
from tarazy.cli.output import Output
from tarazy.cli.rules.arguments import a_day, day_of, gathered, stores_beside
from tarazy.journal.identity import load_identity


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_journal(parser)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the tables")
    parser.add_argument(
        "--asof", type=a_day, default=None, metavar="DATE", help="the last day of the record (today, UTC)"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write the tables of one facility."""
    from tarazy.oversight.facts.parquet import FactWriter
    from tarazy.oversight.facts.stored_facts import of_replay, store_facts

    identity, asof = load_identity(arguments.directory), day_of(arguments)
    writer = FactWriter(arguments.out, f"facility {identity.facility_id.hex()}, replayed")
    try:
        record = gathered(arguments.directory, asof, output, writer.add)
    finally:
        rows = writer.close()
    for fact in stores_beside(arguments.directory, of_replay(record), asof):
        record.facts.add(fact)
    store_facts(arguments.out, identity.facility_id, record)
    for table, count in sorted(rows.items()):
        output.say(f"{count:>12,}  {table}")
    output.say(f"{record.commands:,} commands replayed into {arguments.out}")
    output.result({"folder": str(arguments.out), "commands": record.commands, "rows": rows})
    return 0
