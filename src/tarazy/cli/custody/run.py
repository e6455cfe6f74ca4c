"""`tarazy custody run DIR WALLET ... --node URL ...`: custody of hot wallets, as the one writer of the record.

Two machine officers sign what is journaled. The second one looks through nodes of its own (`--second-node`) and has a
store of its own, filled from the signed acts; without such a node it looks through the same ones. In production the two
keys lie on two machines. Beside the rounds runs the reconciliation, whose breaks stop an asset in the engine.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tarazy.cli.arguments import port, positive
from tarazy.cli.custody.chain_arguments import add_chain_nodes
from tarazy.cli.custody.desk import add_desk
from tarazy.cli.custody.run_parts import RunningCustody, opened
from tarazy.cli.custody.wallet_arguments import add_wallet_keys
from tarazy.cli.engines import CHOICES
from tarazy.cli.errors import CliError
from tarazy.cli.facility.serve import open_app
from tarazy.cli.output import Output
from tarazy.cli.passphrases import add_passphrase_file
from tarazy.facility.configuration import GatewaySection
from tarazy.facility.custody.service import CustodyRounds, RoundReport
from tarazy.facility.gateway.app import GatewayApp
from tarazy.platform.web.serving import ServeOptions, serve

PAUSE_S = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("wallet", nargs="+", metavar="WALLET", help="a hot wallet of the client estate, one a chain")
    add_chain_nodes(parser)
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
    parser.add_argument(
        "--reconcile", type=positive, metavar="S", help="compare ledger, books, chains and banks every so many seconds"
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
        return rounds(arguments, output, opened(arguments, output, stack).round)


def serve_too(arguments: argparse.Namespace, output: Output, stack: ExitStack) -> int:
    """Serve the gateway, with rounds of custody beside it, until a signal ends it."""
    directory: Path = arguments.directory

    def ready(url: str) -> None:
        names = ", ".join(arguments.wallet)
        output.say(f"custody of {names}, and {url}/api/v3; stop with Ctrl-C", style="bold")
        output.result({"url": url, "directory": str(directory)})

    def make_app() -> GatewayApp:
        running: RunningCustody = opened(arguments, output, stack)
        part = CustodyRounds(running.round, lambda report: tell(output, report), PAUSE_S)
        target, section = directory / "projections.sqlite3", GatewaySection()
        return open_app(running.sequencer, directory, target, section, output, stack, parts=(part,))

    serve(make_app, ServeOptions(host="127.0.0.1", port=arguments.port, ready=ready, websockets=True))
    return 0


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
    silent = ("faults", "height", "needs")
    done = {name: value for name, value in report.plain().items() if value and name not in silent}
    if done:
        words = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in done.items())
        output.say(f"block {report.height}: {words}")
    for need in report.needs:
        output.say(need, style="yellow")
    for fault in report.faults:
        output.warn(fault)
