"""`tarazy facility client list DIR`: clients, classes to be reviewed, or the trail of acts after checking it."""

from __future__ import annotations

import argparse

from rich.table import Table

from tarazy.cli.facility.client_desk import add_desk, open_register
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.output import Output
from tarazy.facility.accounts.classification import reviews_due
from tarazy.facility.accounts.clients import ClientRow, list_clients
from tarazy.facility.accounts.register import Register
from tarazy.facility.accounts.trail import acts, verify_trail
from tarazy.facility.officers.key_history import keys_of_officers

STATES = ("applied", "checks_open", "approved", "refused", "suspended", "closed")
DAYS_MAX = 36_500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--state", choices=STATES, help="only clients in this state")
    chosen.add_argument("--reviews", type=days, metavar="DAYS", help="only classes to be reviewed within so many days")
    chosen.add_argument("--acts", action="store_true", help="the trail of acts, every hash and signature checked")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List clients or acts."""
    with open_register(arguments) as register:
        if arguments.acts:
            return list_acts(register, arguments, output)
        if arguments.reviews is not None:
            rows = reviews_due(register, arguments.reviews)
        else:
            rows = list_clients(register, arguments.state or "")
    output.show(table_of(rows))
    output.result({"clients": [row.plain() for row in rows]})
    return 0


def list_acts(register: Register, arguments: argparse.Namespace, output: Output) -> int:
    """Check the trail with the keys of the record, and print it."""
    keys = {each.officer_id: each.public_key for each in reference_state(arguments.directory).authority.officers}
    last = verify_trail(register.connection, keys_of_officers(arguments.directory, keys))
    found = acts(register.connection)
    for act in found:
        output.say(f"{act.number:>6}  {act.at}  officer {act.officer_id}  {act.act}  {act.subject}")
    output.say(f"{len(found)} acts hold; the last has the hash {last}: keep it elsewhere")
    output.result({"acts": [act.plain() for act in found], "last": last})
    return 0


def table_of(rows: list[ClientRow]) -> Table:
    """Return clients for people."""
    table = Table("client", "state", "since", "class", "review by", "relation", box=None, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(str(row.client), row.state, row.state_since, row.class_, row.review_by, row.relation)
    return table


def days(text: str) -> int:
    """Return a number of days."""
    if not text.isdecimal() or int(text) > DAYS_MAX:
        raise argparse.ArgumentTypeError(f"expected 0 to {DAYS_MAX} days, found {text!r}")
    return int(text)
