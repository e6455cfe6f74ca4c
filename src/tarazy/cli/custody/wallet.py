"""`tarazy custody wallet DIR NAME --estate client --tier hot --chain CHAIN [--descriptor TEXT]`."""

from __future__ import annotations

import argparse

from tarazy.cli.custody.desk import actor_of, add_actor, add_desk, open_store
from tarazy.cli.output import Output
from tarazy.facility.custody.inventory import ESTATES, TIERS, add_wallet


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("name", metavar="NAME", help="letters, digits and hyphens")
    parser.add_argument("--estate", choices=ESTATES, required=True, help="whose coins: client or house")
    parser.add_argument("--tier", choices=TIERS, required=True, help="hot, warm or cold")
    parser.add_argument("--chain", required=True, metavar="CHAIN", help="CAIP-2 name: eip155:1, bip122:...")
    parser.add_argument("--descriptor", default="", metavar="TEXT", help="output descriptor of several public keys")
    add_actor(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Open one wallet."""
    actor = actor_of(arguments)
    terms = (arguments.name, arguments.estate, arguments.tier, arguments.chain, arguments.descriptor)
    with open_store(arguments) as store:
        row = add_wallet(store, actor, *terms)
    quorum = f", {row.threshold} of {row.key_count} keys sign" if row.descriptor else ""
    output.say(f"wallet {row.wallet} of the {row.estate} estate, {row.tier}, on {row.chain}{quorum}")
    output.result({"wallet": row._asdict()})
    return 0
