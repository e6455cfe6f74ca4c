"""`tarazy facility admission acknowledge DIR --account N`: note that a client has confirmed the papers in force.

For clients who confirm on paper or by a program; others confirm on the page of their account.
"""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.admission.arguments import add_facility_folder
from tarazy.cli.output import Output
from tarazy.facility.admission.view import view_beside
from tarazy.journal.identity import load_identity

PERSON_MAX = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_facility_folder(parser)
    parser.add_argument("--account", type=positive, required=True, metavar="N", help="number of the account")
    parser.add_argument("--person", metavar="NAME", help="who confirmed; without it, only show what is confirmed")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Note it."""
    view = view_beside(arguments.directory, load_identity(arguments.directory).facility_id)
    if view is None:
        raise CliError("expected an admission desk, found none: tarazy facility admission new DIR")
    try:
        if arguments.person is not None:
            if not 0 < len(arguments.person) <= PERSON_MAX or not arguments.person.isprintable():
                raise CliError(f"--person: expected a name of 1 to {PERSON_MAX} printable characters, found another")
            view.acknowledgements.confirm(arguments.account, view.to_confirm(arguments.account), arguments.person)
        rows = view.acknowledgements.of(arguments.account)
        missing = sorted(view.to_confirm(arguments.account))
    finally:
        view.close()
    for row in rows:
        output.say(f"{row.head}, version {row.version}: {row.person}, {row.plain()['at']}")
    output.say(f"not confirmed: {', '.join(missing) or 'nothing'}")
    output.result({"confirmed": [row.plain() for row in rows], "missing": missing})
    return 0
