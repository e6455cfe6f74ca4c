"""`tarazy custody withdrawals DIR`: withdrawals and what they wait for."""

from __future__ import annotations

import argparse

from rich.table import Table

from tarazy.cli.custody.desk import add_desk, open_store
from tarazy.cli.output import Output
from tarazy.facility.custody.withdrawal_rows import OPEN, payments, withdrawals


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("--all", action="store_true", help="also those that are over")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List withdrawals."""
    with open_store(arguments) as store:
        rows = withdrawals(store) if arguments.all else withdrawals(store, *OPEN)
        sent = {
            row.request: [
                each.transaction_id for each in payments(store, "request = ?", row.request) if each.transaction_id
            ]
            for row in rows
        }
    table = Table(
        "request", "number", "account", "asset", "amount", "state", "waits for", box=None, padding=(0, 2, 0, 0)
    )
    for row in rows:
        numbers = (row.request, row.withdrawal_id, row.account_id, row.asset_id)
        table.add_row(*map(str, numbers), f"{row.amount_minor:,}", row.state, row.hold)
    output.show(table)
    output.result({"withdrawals": [{**row.plain(), "transactions": sent[row.request]} for row in rows]})
    return 0
