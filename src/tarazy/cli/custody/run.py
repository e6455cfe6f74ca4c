"""`tarazy custody run DIR WALLET --node URL ...`: custody of one hot wallet, as the one writer of the record.

Two machine officers sign what is journaled. The second one looks through nodes of its own (`--second-node`) and has a
store of its own, filled from the signed acts; without such a node it looks through the same ones. In production the two
keys lie on two machines.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tarazy.chains.adapter import ChainAdapter
from tarazy.cli.arguments import port, positive
from tarazy.cli.custody.chain_arguments import adapter_of, add_nodes
from tarazy.cli.custody.desk import add_desk, open_store
from tarazy.cli.custody.wallet_arguments import add_wallet_keys, wallet_keys
from tarazy.cli.engines import CHOICES, fastest, load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.facility.publishing import published
from tarazy.cli.facility.serve import open_app
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.output import Output
from tarazy.cli.passphrases import add_passphrase_file, open_key
from tarazy.domain.engine import Engine
from tarazy.facility.accounts.destinations import Destinations
from tarazy.facility.configuration import GatewaySection
from tarazy.facility.custody.deposits import SecondWatcher
from tarazy.facility.custody.inventory import find_wallet
from tarazy.facility.custody.inventory_mirror import mirror_inventory
from tarazy.facility.custody.payment_makers import FeePolicy
from tarazy.facility.custody.record import CustodyRecord, MachineOfficer
from tarazy.facility.custody.service import CustodyRounds, CustodyService, RoundReport, open_adapter, open_signer
from tarazy.facility.custody.store import CustodyStore, custody_beside
from tarazy.facility.custody.watcher import ChainWatcher
from tarazy.facility.gateway.app import GatewayApp
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.keys import keys_folder
from tarazy.platform.web.serving import ServeOptions, serve

PAUSE_S = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("wallet", metavar="WALLET", help="the hot wallet of the client estate")
    add_nodes(parser)
    parser.add_argument("--second-node", action="append", metavar="URL", help="a node of the second watcher; repeat it")
    parser.add_argument(
        "--from-height", type=int, default=0, metavar="N", help="where a new watcher begins to read (0)"
    )
    add_wallet_keys(parser)
    parser.add_argument(
        "--officer", type=positive, required=True, metavar="N", help="number of the first machine officer"
    )
    parser.add_argument("--key", type=Path, required=True, metavar="KEY", help="its key file")
    parser.add_argument(
        "--second", type=positive, required=True, metavar="N", help="number of the second machine officer"
    )
    parser.add_argument("--second-key", type=Path, required=True, metavar="KEY", help="its key file")
    add_passphrase_file(parser)
    parser.add_argument(
        "--fee-rate", type=positive, default=10_000, metavar="N", help="satoshi for 1,000 vbytes (10000)"
    )
    parser.add_argument("--once", action="store_true", help="do one round and stop")
    parser.add_argument("--port", type=port, metavar="P", help="serve the traders' gateway too; 0 takes a free port")
    parser.add_argument("--engine", choices=CHOICES, default=None, help="default: core where it is built, else spec")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Run rounds; exit code 1 where the only round met a fault."""
    if arguments.once and arguments.port is not None:
        raise CliError("expected --once or --port P, found both")
    with ExitStack() as stack:
        if arguments.port is not None:
            return serve_too(arguments, output, stack)
        service, _ = opened(arguments, output, stack)
        return rounds(arguments, output, service.round)


def opened(arguments: argparse.Namespace, output: Output, stack: ExitStack) -> tuple[CustodyService, Sequencer]:
    """Open stores, nodes, the record for writing and the signer; the stack closes them."""
    engine = load_engine(arguments.engine or fastest())
    store = stack.enter_context(open_store(arguments))
    chain = find_wallet(store, arguments.wallet).chain
    adapter = adapter_of(arguments, chain)
    stack.callback(adapter.close)
    second = open_adapter(chain, arguments.second_node or arguments.node, traces=arguments.traces)
    stack.callback(second.close)
    mirror = stack.enter_context(CustodyStore(custody_beside(arguments.directory).with_name("second.sqlite3")))
    officers = {each.officer_id: each.public_key for each in reference_state(arguments.directory).authority.officers}
    mirror_inventory(store, mirror, officers)
    sequencer = Sequencer.open(arguments.directory, engine, accept_time_gap=True)
    stack.enter_context(published(sequencer, arguments.directory, output))
    return assemble(arguments, stack, store, mirror, (adapter, second), sequencer, engine), sequencer


def serve_too(arguments: argparse.Namespace, output: Output, stack: ExitStack) -> int:
    """Serve the gateway, with rounds of custody beside it, until a signal ends it."""
    directory: Path = arguments.directory

    def ready(url: str) -> None:
        output.say(f"custody of {arguments.wallet}, and {url}/api/v3; stop with Ctrl-C", style="bold")
        output.result({"url": url, "directory": str(directory)})

    def make_app() -> GatewayApp:
        service, sequencer = opened(arguments, output, stack)
        part = CustodyRounds(service.round, lambda report: tell(output, report), PAUSE_S)
        target, section = directory / "projections.sqlite3", GatewaySection()
        return open_app(sequencer, directory, target, section, output, stack, parts=(part,))

    serve(make_app, ServeOptions(host="127.0.0.1", port=arguments.port, ready=ready, websockets=True))
    return 0


def assemble(
    arguments: argparse.Namespace,
    stack: ExitStack,
    store: CustodyStore,
    mirror: CustodyStore,
    adapters: tuple[ChainAdapter, ChainAdapter],
    sequencer: Sequencer,
    engine: type[Engine],
) -> CustodyService:
    """Return the service over everything that is open."""
    record = CustodyRecord(sequencer, arguments.directory, machine_officers(arguments, mirror))
    stack.callback(record.close)
    wallet = find_wallet(store, arguments.wallet)
    keys = wallet_keys(arguments, wallet.wallet)
    path = custody_beside(arguments.directory).with_name(f"signer-{wallet.wallet}.sqlite3")
    signer = open_signer(store, adapters[0], arguments.directory, engine, wallet, keys, path)
    stack.callback(signer.close)
    destinations = Destinations(keys_folder(arguments.directory))
    stack.callback(destinations.close)
    stores = (store, mirror)
    watchers = [
        ChainWatcher(each, adapter, arguments.from_height) for each, adapter in zip(stores, adapters, strict=True)
    ]
    fees = FeePolicy(rate=arguments.fee_rate)
    return CustodyService(store, adapters[0], record, wallet, signer, watchers, fees=fees, destinations=destinations)


def machine_officers(arguments: argparse.Namespace, mirror: CustodyStore) -> list[MachineOfficer]:
    """Return the two officers; the second one looks first."""
    first = open_key(arguments.key, arguments.passphrase_file)
    second = open_key(arguments.second_key, arguments.passphrase_file)
    agrees = SecondWatcher(mirror).agrees
    return [MachineOfficer(arguments.officer, first), MachineOfficer(arguments.second, second, agrees)]


def rounds(arguments: argparse.Namespace, output: Output, round_: Callable[[], RoundReport]) -> int:
    """Do one round, or one after another until Ctrl-C."""
    while True:
        report = round_()
        tell(output, report)
        if arguments.once:
            output.result(report.plain())
            return 1 if report.faults else 0
        time.sleep(PAUSE_S)


def tell(output: Output, report: RoundReport) -> None:
    """Say what a round did, where it did anything."""
    done = {name: value for name, value in report.plain().items() if value and name not in ("faults", "height")}
    if done:
        words = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in done.items())
        output.say(f"block {report.height}: {words}")
    for fault in report.faults:
        output.warn(fault)
