"""`tarazy facility desk DIR [--kind KIND] [--take N --by NAME]`: what people handed in at the pages."""

from __future__ import annotations

import argparse
from contextlib import closing

from rich.table import Table

from tarazy.cli.arguments import positive
from tarazy.cli.config.arguments import add_facility, configuration, facility_folder
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.facility.accounts.api_keys import api_keys_folder
from tarazy.facility.accounts.errors import RegisterInputError
from tarazy.facility.accounts.front_desk import KINDS, FrontDesk
from tarazy.journal.identity import load_identity
from tarazy.journal.keys import keys_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_facility(parser)
    parser.add_argument("--kind", choices=KINDS, help="only these (all that wait)")
    parser.add_argument("--take", type=positive, metavar="N", help="note that it was taken into the register")
    parser.add_argument("--by", default="", metavar="NAME", help="who took it")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List what waits, or note that something was taken."""
    directory = facility_folder(arguments, configuration(arguments))
    load_identity(directory)
    with closing(FrontDesk(api_keys_folder(keys_folder(directory)))) as desk:
        if arguments.take is not None:
            if not arguments.by:
                raise CliError("expected --by NAME with --take, found none: say who took it")
            try:
                rows = [desk.take(arguments.take, arguments.by)]
            except RegisterInputError as error:
                raise CliError(str(error)) from None
        else:
            kinds = [arguments.kind] if arguments.kind else KINDS
            rows = [row for kind in kinds for row in desk.all(kind, is_open=True)]
    table = Table(
        "number", "kind", "who", "came", "acknowledge by", "answer by", "what", box=None, padding=(0, 2, 0, 0)
    )
    for row in rows:
        what = str(row.body.get("text") or row.body.get("name") or f"{row.body.get('permille', 'not ended')}")
        who = row.person or str(row.body.get("name", ""))
        table.add_row(str(row.number), row.kind, who, row.plain()["at"], row.acknowledge_by, row.answer_by, what[:120])
    output.show(table)
    output.result({"handed_in": [row.plain() for row in rows]})
    return 0
