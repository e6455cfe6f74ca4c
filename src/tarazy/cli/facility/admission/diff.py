"""`tarazy facility admission diff DIR`: what changed between the last two lists, or since the list of a day."""

from __future__ import annotations

import argparse

from rich.table import Table

from tarazy.cli.errors import CliError
from tarazy.cli.facility.admission.arguments import add_facility_folder, open_admission
from tarazy.cli.output import Output
from tarazy.oversight.publications.green_list import difference


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_facility_folder(parser)
    parser.add_argument("--since", metavar="DATE", help="the last list of this day or before (the one before the last)")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show it."""
    with open_admission(arguments.directory, reads_only=True) as desk:
        lists = desk.state.lists
    if not lists:
        raise CliError("expected an imported list, found none: tarazy facility admission act DIR list.import ...")
    if arguments.since:
        before = next((row for row in reversed(lists) if row["on"] <= arguments.since), None)
        if before is None:
            raise CliError(f"expected a list of {arguments.since} or before, found the first one of {lists[0]['on']}")
    else:
        before = lists[-2] if len(lists) > 1 else {"on": "", "data": {}}
    changes = difference(before["data"], lists[-1]["data"])
    table = Table("token", "what", "before", "after", title=f"{before['on'] or 'nothing'} to {lists[-1]['on']}")
    for each in changes:
        table.add_row(*each)
    output.show(table)
    output.result({"from": before["on"], "to": lists[-1]["on"], "changes": [each._asdict() for each in changes]})
    return 0
