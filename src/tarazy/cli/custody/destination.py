"""`tarazy custody destination DIR ACCOUNT CHAIN ADDRESS [--provider ID | --proof TEXT]`."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import positive
from tarazy.cli.custody.desk import add_desk, open_store
from tarazy.cli.custody.offline_chain import adapter_without_nodes
from tarazy.cli.output import Output
from tarazy.facility.custody.destinations import name_destination, ownership_message, prove_ownership
from tarazy.journal.identity import load_identity


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("account", type=positive, metavar="ACCOUNT", help="the client's account")
    parser.add_argument("chain", metavar="CHAIN", help="CAIP-2 name: eip155:1, bip122:...")
    parser.add_argument("address", metavar="ADDRESS", help="where the client's coins may go")
    parser.add_argument("--provider", default="", metavar="ID", help="the provider that hosts it; none: self-hosted")
    parser.add_argument("--proof", metavar="TEXT", help="the client's signature of the message that is printed")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Name one destination, or take its proof in."""
    facility_id = load_identity(arguments.directory).facility_id
    adapter = adapter_without_nodes(arguments.chain)
    with open_store(arguments) as store:
        row = name_destination(store, adapter, arguments.account, arguments.address, arguments.provider)
        if arguments.proof is not None:
            row = prove_ownership(store, facility_id, row, arguments.proof)
    message = ownership_message(facility_id, row)
    output.say(f"{row.address} of account {row.account_id}: usable from {row.usable_from}")
    if not row.provider and not row.proved_on:
        output.say(f"self-hosted; to show that it is the client's, its key signs: {message}")
    output.result({"destination": row._asdict(), "message": message})
    return 0
