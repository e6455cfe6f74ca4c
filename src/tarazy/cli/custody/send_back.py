"""`tarazy custody return DIR RECEIPT ADDRESS`: send back what two officers journaled with RequestReturn."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import positive
from tarazy.cli.custody.desk import add_desk, open_store, view_of
from tarazy.cli.custody.offline_chain import adapter_without_nodes
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.facility.custody.inventory import find_asset
from tarazy.facility.custody.withdrawal_requests import keep_return
from tarazy.oversight.requests.withdrawal_requests import destination_hash


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("receipt", type=positive, metavar="RECEIPT", help="number of the receipt in the record")
    parser.add_argument("address", metavar="ADDRESS", help="where it goes; its hash stands in the instruction")
    parser.add_argument("--hash", action="store_true", help="only print the hash that RequestReturn takes")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Take one return on its way."""
    view = view_of(arguments.directory)
    receipt = view.receipts.get(arguments.receipt)
    if receipt is None:
        raise CliError(f"expected a receipt of the record, found {arguments.receipt}; see tarazy custody deposits")
    with open_store(arguments) as store:
        adapter = adapter_without_nodes(find_asset(store, receipt.asset_id).chain)
        if arguments.hash:
            hashed = destination_hash(adapter.canonical(arguments.address)).hex()
            output.say(hashed)
            output.result({"destination_hash": hashed})
            return 0
        row = keep_return(store, adapter, view, arguments.receipt, arguments.address)
    output.say(f"request {row.request}: {row.amount_minor} of receipt {row.receipt_id} to {row.address}")
    output.result({"withdrawal": row.plain()})
    return 0
