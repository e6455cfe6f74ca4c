"""`tarazy custody deposits DIR`: what arrived, and what became of it."""

from __future__ import annotations

import argparse

from rich.table import Table

from tarazy.cli.custody.desk import add_desk, open_store
from tarazy.cli.output import Output
from tarazy.facility.custody.outputs import outputs

STATES = ("seen", "credited", "waiting", "undone", "own", "house")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("--state", choices=STATES, help="only arrivals in this state")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List arrivals."""
    with open_store(arguments) as store:
        rows = outputs(store, "state = ?", arguments.state) if arguments.state else outputs(store)
    table = Table("evidence", "asset", "amount", "account", "block", "state", "why", box=None, padding=(0, 2, 0, 0))
    for row in rows:
        block = "none" if row.height is None else str(row.height)
        account = str(row.account_id) if row.account_id else ""
        amount = f"{row.amount_minor:,}"
        table.add_row(row.evidence.hex()[:16], str(row.asset_id), amount, account, block, row.state, row.reason)
    output.show(table)
    output.result({"deposits": [row.plain() for row in rows]})
    return 0
