"""`tarazy custody withdraw DIR --account N --asset N --amount MINOR --address ADDRESS --travel FILE`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.custody.desk import add_desk, open_store, view_of
from tarazy.cli.custody.offline_chain import adapter_without_nodes
from tarazy.cli.facility.instruct_draft import read_json
from tarazy.cli.output import Output
from tarazy.facility.custody.inventory import find_asset
from tarazy.facility.custody.travel_data import read_travel_data
from tarazy.facility.custody.withdrawal_requests import WithdrawalAsk, ask_withdrawal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("--account", type=positive, required=True, metavar="N", help="the client's account")
    parser.add_argument("--asset", type=positive, required=True, metavar="N", help="number of the asset in the record")
    parser.add_argument("--amount", type=positive, required=True, metavar="MINOR", help="how much, in minor units")
    parser.add_argument("--address", required=True, metavar="ADDRESS", help="a destination that the client has named")
    parser.add_argument(
        "--travel", type=Path, required=True, metavar="FILE", help="originator and beneficiary, as JSON"
    )
    parser.add_argument(
        "--reference-scale", type=int, default=2, metavar="N", help="places of the reference currency (2)"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Take one request in."""
    travel = read_travel_data(read_json(arguments.travel))
    ask = WithdrawalAsk(arguments.account, arguments.asset, arguments.amount, arguments.address, travel)
    view = view_of(arguments.directory)
    with open_store(arguments) as store:
        adapter = adapter_without_nodes(find_asset(store, arguments.asset).chain)
        row = ask_withdrawal(store, adapter, view, ask, arguments.reference_scale)
    output.say(f"request {row.request}: {row.amount_minor} of asset {row.asset_id} to {row.address}")
    output.say("  tarazy custody run takes it to the record")
    output.result({"withdrawal": row.plain()})
    return 0
