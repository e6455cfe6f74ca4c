"""`tarazy custody asset DIR ASSET --chain CHAIN --contract CONTRACT --depth BLOCKS`."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import positive
from tarazy.cli.custody.desk import actor_of, add_actor, add_desk, open_store
from tarazy.cli.output import Output
from tarazy.facility.custody.inventory import CustodyAsset, add_asset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("asset", type=positive, metavar="ASSET", help="number of the asset in the record")
    parser.add_argument("--chain", required=True, metavar="CHAIN", help="CAIP-2 name: eip155:1, bip122:...")
    parser.add_argument("--contract", default="native", metavar="ADDRESS", help="the token's address (native)")
    parser.add_argument(
        "--depth", type=positive, required=True, metavar="N", help="blocks after which an arrival counts"
    )
    add_actor(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Enter one asset."""
    actor = actor_of(arguments)
    asset = CustodyAsset(arguments.asset, arguments.chain, arguments.contract, arguments.depth)
    with open_store(arguments) as store:
        found = add_asset(store, actor, asset)
    output.say(f"asset {found.asset_id}: {found.contract} on {found.chain}, {found.depth} blocks deep")
    output.result({"asset": found._asdict()})
    return 0
