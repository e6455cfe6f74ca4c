"""`tarazy custody cold-make DIR FILE --from cold --to hot --asset N --amount MINOR --node URL`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.custody.chain_arguments import adapter_of, add_nodes
from tarazy.cli.custody.desk import add_desk, open_store, view_of
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.facility.custody.inventory import find_asset, find_wallet, main_address
from tarazy.facility.custody.offline_files import OfflineFile, write_offline
from tarazy.facility.custody.payment_makers import FeePolicy, WalletShortError
from tarazy.facility.custody.payment_notes import keep_payment
from tarazy.facility.custody.service import maker_for


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="the file to write")
    parser.add_argument("--from", dest="source", required=True, metavar="WALLET", help="the wallet that pays")
    parser.add_argument("--to", required=True, metavar="WALLET", help="a wallet of the same estate and chain")
    parser.add_argument("--asset", type=positive, required=True, metavar="N", help="number of the asset in the record")
    parser.add_argument("--amount", type=positive, required=True, metavar="MINOR", help="how much, in minor units")
    parser.add_argument(
        "--fee-rate", type=positive, default=10_000, metavar="N", help="satoshi for 1,000 vbytes (10000)"
    )
    add_nodes(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Draft one move and write it down."""
    view = view_of(arguments.directory)
    with open_store(arguments) as store:
        asset = find_asset(store, arguments.asset)
        wallets = [find_wallet(store, name) for name in (arguments.source, arguments.to)]
        if len({(each.estate, each.chain) for each in wallets}) > 1 or wallets[0].chain != asset.chain:
            raise CliError(f"expected two wallets of one estate on {asset.chain}, found others")
        adapter = adapter_of(arguments, asset.chain)
        try:
            maker = maker_for(store, adapter, arguments.source, FeePolicy(rate=arguments.fee_rate))
            draft = maker.make(asset.contract, main_address(store, arguments.to).address, arguments.amount)
        except WalletShortError as error:
            raise CliError(f"{arguments.source}: {error}") from error
        finally:
            adapter.close()
        with store.changing():
            terms = (asset.chain, arguments.source, draft, asset.asset_id, arguments.amount)
            keep_payment(store, "sweep", 0, *terms)
    code, scale = view.scales.get(asset.asset_id, (str(asset.asset_id), 0))
    purpose = f"move from {arguments.source} to {arguments.to}"
    body = write_offline(arguments.file, OfflineFile(asset.chain, draft, purpose), code, scale)
    for line in body["words"]:
        output.say(line)
    output.say(f"wrote {arguments.file}; sign it with tarazy custody cold-sign where the keys are")
    output.result({"file": str(arguments.file), "digest": body["digest"], "words": body["words"]})
    return 0
