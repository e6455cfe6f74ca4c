"""`tarazy screening wallet`: tokens and approvals of a wallet, a transaction in words, a revocation, from a node."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tarazy.chains.evm.code import CodeError, parse_code
from tarazy.chains.evm.node import Node
from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.cli.screening.screen import address, seconds
from tarazy.cli.screening.wallet_report import show_revocation, show_signing, show_wallet
from tarazy.platform.jobs.pool import WorkerPool
from tarazy.platform.jobs.process import WorkerLimits
from tarazy.screening.holder.judging import ScreenedContract
from tarazy.screening.holder.model import ALLOWANCE, COLLECTION, PIECE, THROUGH, ApprovalKey, HolderBounds
from tarazy.screening.holder.preparing import amount_now, revocation_view, revoking, signed_by, signing_view
from tarazy.screening.holder.reading import read_wallet
from tarazy.screening.holder.view import contracts_of, screened, wallet_view
from tarazy.screening.isolated import SCREEN
from tarazy.screening.request import ScreenRequest
from tarazy.screening.service.lists import AddressLists
from tarazy.screening.service.playing import Played, PlayWork
from tarazy.screening.service.work import QUICK_TASK
from tarazy.screening.simulation.transaction_request import TransactionRequest

WALL_S = 20.0  # one transaction, with its reads from the node
KILL_SPARE_S = 5.0
CONTRACTS_MAX = 100  # screened for one wallet
DATA_BYTES_MAX = 128 * 1024
WEI_MAX = 2**256


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `wallet`."""
    parser.add_argument("--rpc", required=True, metavar="URL", help="JSON-RPC node of the chain")
    parser.add_argument("--address", required=True, type=address, metavar="A", help="the wallet")
    looking = parser.add_argument_group("what it holds and who may take it (without --to and --revoke)")
    looking.add_argument("--blocks", type=positive, default=5_000_000, metavar="N", help="blocks back (5,000,000)")
    looking.add_argument("--time-limit", type=seconds, default=8.0, metavar="S", help="seconds for the reading (8)")
    looking.add_argument("--no-screening", action="store_true", help="give no verdicts on tokens and spenders")
    looking.add_argument("--criteria", metavar="FILE", help="criteria file, or the name of a built-in one (house)")
    looking.add_argument("--jobs", type=positive, metavar="N", help="worker processes (all processors)")
    parser.add_argument("--list", action="append", default=[], type=Path, metavar="FILE", help="list of addresses")
    signing = parser.add_argument_group("a transaction before it is signed")
    signing.add_argument("--to", type=address, metavar="A", help="whom it goes to")
    signing.add_argument("--data", type=call_data, default=b"", metavar="HEX", help="its call data (none)")
    signing.add_argument("--value", type=wei, default=0, metavar="WEI", help="native currency that it sends (0)")
    ending = parser.add_argument_group("a revocation")
    ending.add_argument("--revoke", type=address, metavar="TOKEN", help="token or collection whose approval ends")
    ending.add_argument("--spender", type=address, metavar="A", help="who may take no longer")
    ending.add_argument("--token-id", type=wei, metavar="N", help="the approval is of one piece")
    ending.add_argument("--collection", action="store_true", help="the approval is of all pieces")
    ending.add_argument("--through", type=address, metavar="A", help="contract that keeps the allowance (Permit2)")


def call_data(text: str) -> bytes:
    """Return call data from hexadecimal digits."""
    try:
        found = parse_code(text) if text not in ("", "0x") else b""
    except CodeError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if len(found) > DATA_BYTES_MAX:
        raise argparse.ArgumentTypeError(f"expected at most {DATA_BYTES_MAX:,} bytes, found {len(found):,}")
    return found


def wei(text: str) -> int:
    """Return a number of at most 256 bits, in decimal or with 0x."""
    try:
        found = int(text, 0) if len(text) <= 80 else -1
    except ValueError:
        found = -1
    if not 0 <= found < WEI_MAX:
        raise argparse.ArgumentTypeError(f"expected a whole number of at most 256 bits, found {text[:80]!r}")
    return found


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show the wallet, or what a transaction of it would do, or how an approval ends."""
    key = approval_key(arguments)
    lists = AddressLists.read(arguments.list)
    with Node(arguments.rpc) as node:
        if key is None and arguments.to is None:
            view = looked_at(arguments, output, node, lists)
            show_wallet(output, view)
            output.result(view)
            return 0
        chain_id = node.chain_id()
        if key is not None:
            stands = amount_now(node, arguments.address, key)
            asked = revoking(chain_id, arguments.address, key)
        else:
            asked = signed_by(chain_id, arguments.address, arguments.to, arguments.data, arguments.value)
        found = played(arguments.rpc, node, asked)
        if not isinstance(found, Played):
            output.fail(f"the transaction could not be played: {found.reason}")
            return 1
        suspicious = listed_in(lists, found.parties)
        if key is not None:
            view = revocation_view(asked, key, found.result, stands, node, suspicious)
            show_revocation(output, view)
        else:
            view = signing_view(asked, found.result, node, suspicious)
            show_signing(output, view)
        output.result(view)
    return 0


def approval_key(arguments: argparse.Namespace) -> ApprovalKey | None:
    """Return which approval is to end, None where none is named.

    Raises: CliError where the arguments do not name one thing to do.
    """
    kinds = {PIECE: arguments.token_id is not None, COLLECTION: arguments.collection, THROUGH: bool(arguments.through)}
    named = [kind for kind, given in kinds.items() if given]
    if arguments.revoke is None:
        if named or arguments.spender is not None:
            raise CliError("expected --revoke TOKEN with --spender, found the spender or its kind alone")
        if arguments.to is None and (arguments.data or arguments.value):
            raise CliError("expected --to A with --data or --value, found no --to")
        return None
    if arguments.to is not None or arguments.spender is None or len(named) > 1:
        raise CliError(
            "expected --revoke TOKEN with --spender A and at most one of --token-id, --collection, --through,"
            " without --to"
        )
    kind = named[0] if named else ALLOWANCE
    return ApprovalKey(kind, arguments.revoke, arguments.spender, arguments.token_id, arguments.through)


def looked_at(arguments: argparse.Namespace, output: Output, node: Node, lists: AddressLists) -> dict[str, Any]:
    """Return the wallet as plain data, with verdicts where they are wanted."""
    bounds = HolderBounds(arguments.blocks, seconds=arguments.time_limit)
    reading = read_wallet(node, node.chain_id(), arguments.address, bounds)
    contracts = [] if arguments.no_screening else contracts_of(reading)[:CONTRACTS_MAX]
    known = verdicts(arguments, output, contracts, reading.block_number)
    for spender in {each.key.spender for each in reading.approvals}:
        before = known.get(spender, ScreenedContract())
        known[spender] = ScreenedContract(before.word, before.report_id, before.text, held_by(lists, spender))
    return wallet_view(reading, known)


def verdicts(
    arguments: argparse.Namespace, output: Output, contracts: list[str], block: int
) -> dict[str, ScreenedContract]:
    """Return the verdict on each contract, screened in processes of their own."""
    if not contracts:
        return {}
    requests = [
        ScreenRequest(id=each, rpc_url=arguments.rpc, address=each, block=block, criteria=arguments.criteria)
        for each in contracts
    ]
    jobs = min(arguments.jobs or os.cpu_count() or 1, len(contracts))
    limits = WorkerLimits(wall_s=requests[0].time_limit_s + KILL_SPARE_S)
    with WorkerPool(SCREEN, jobs, limits) as pool, output.progress() as progress:
        bar = progress.add_task("screening", total=len(contracts), visible=len(contracts) > 1)
        found = {}
        for each, report in zip(contracts, pool.map(requests), strict=True):
            found[each] = screened(report)
            progress.update(bar, advance=1)
    return found


def played(rpc_url: str, node: Node, asked: TransactionRequest) -> Any:
    """Return what a transaction would do, played in a process of its own; else something with its `reason`."""
    block = node.block("latest")
    with WorkerPool(QUICK_TASK, 1, WorkerLimits(wall_s=WALL_S)) as pool:
        return pool.submit(PlayWork(rpc_url, block.number, block.hash, asked)).result()


def held_by(lists: AddressLists, account: str) -> tuple[str, ...]:
    """Return the lists that hold an account."""
    return tuple(sorted(key for key, held in lists.of(account)[0].items() if held))


def listed_in(lists: AddressLists, parties: Iterable[str]) -> Mapping[str, str]:
    """Return those who take part and are on a list, with the reason."""
    held = {each: held_by(lists, each) for each in parties}
    return {each: f"it is listed as {', '.join(found)}" for each, found in held.items() if found}
