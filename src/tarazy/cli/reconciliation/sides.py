"""Arguments and inputs that acts of the reconciliation share.

Both sides come from what the facility keeps beside its record: custody's file, whose chains are asked through
`--node CHAIN=URL`, and the bank book. With `--book FILE` they come from files instead.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from tarazy.chains.adapter import ChainAdapter
from tarazy.cli.arguments import add_journal, positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.client_desk import officer_with_key
from tarazy.cli.journal.seek import engine_after, last_seq, readable
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.banking.book import BankBook, book_beside
from tarazy.facility.custody.chain_kinds import check_chain
from tarazy.facility.custody.inventory import wallets
from tarazy.facility.custody.service import open_adapter
from tarazy.facility.custody.store import CustodyStore, custody_beside
from tarazy.facility.reconciliation.bank_side import add_statements
from tarazy.facility.reconciliation.chain_side import CLIENT
from tarazy.facility.reconciliation.inputs import ReconciledSide, read_side
from tarazy.facility.reconciliation.joined import JoinedSides, joined_sides
from tarazy.facility.reconciliation.matching import MatchingTerms
from tarazy.facility.reconciliation.report import RunFacts
from tarazy.facility.reconciliation.running import RunInputs, make_run
from tarazy.journal.identity import load_identity
from tarazy.spec.state import State


def add_store(parser: argparse.ArgumentParser) -> None:
    """Declare the file of runs."""
    parser.add_argument("--store", type=Path, required=True, metavar="FILE", help="the file of runs (SQLite)")


def add_chain_node(parser: argparse.ArgumentParser, words: str) -> None:
    """Declare nodes of chains, of which some words say what they are for."""
    parser.add_argument(
        "--node",
        type=chain_node,
        action="append",
        default=[],
        metavar="CHAIN=URL",
        help=f"a node {words}; repeatable",
    )


def add_sides(parser: argparse.ArgumentParser) -> None:
    """Declare what is compared."""
    add_journal(parser)
    add_chain_node(parser, "of a chain of custody's wallets, several of one chain must agree")
    parser.add_argument(
        "--book", type=Path, metavar="FILE", help="our own book from a file instead of custody's and the bank book"
    )
    parser.add_argument("--outside", type=Path, metavar="FILE", help="with --book: what chains and banks say")
    parser.add_argument(
        "--statement",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="with --book: a bank's file as well, camt.053 or MT940; repeatable",
    )
    parser.add_argument(
        "--at", type=positive, metavar="SEQ", help="the ledger after this command; default: the last one"
    )
    parser.add_argument(
        "--tolerance",
        type=tolerance,
        action="append",
        default=[],
        metavar="ASSET=MINOR",
        help="the largest difference of an asset that is no break (0); repeatable",
    )
    parser.add_argument("--timing-days", type=positive, default=3, metavar="N", help="how long an item may wait (3)")
    parser.add_argument(
        "--return-days", type=positive, default=30, metavar="N", help="when what nobody claims goes back (30)"
    )
    parser.add_argument("--prepared-by", type=positive, required=True, metavar="N", help="the officer who prepares it")
    parser.add_argument("--prepared-key", type=Path, required=True, metavar="KEY", help="its key file")


def tolerance(text: str) -> tuple[int, int]:
    """Return (asset, minor units) from ASSET=MINOR."""
    asset, equals, minor = text.partition("=")
    if not (equals and asset.isdecimal() and minor.isdecimal() and len(minor) < 40):
        raise argparse.ArgumentTypeError(f"expected ASSET=MINOR, two numbers, found {text!r}")
    return int(asset), int(minor)


def chain_node(text: str) -> tuple[str, str]:
    """Return (chain, URL) from CHAIN=URL."""
    chain, equals, url = text.partition("=")
    if not (chain and equals and url):
        raise argparse.ArgumentTypeError("expected CHAIN=URL, such as eip155:1=http://127.0.0.1:8545")
    return chain, url


def preparer_of(arguments: argparse.Namespace) -> Actor:
    """Return the officer who prepares. Raises: CliError for a key that is not the officer's."""
    return officer_with_key(
        arguments.directory, arguments.prepared_by, arguments.prepared_key, arguments.passphrase_file
    )


def run_of(arguments: argparse.Namespace) -> tuple[RunFacts, State]:
    """Return a run over what was asked for, and the state of the ledger."""
    seq = arguments.at or last_seq(arguments.directory)
    state = readable(engine_after(arguments.directory, seq)).state
    now_ns = time.time_ns()
    sides = from_files(arguments, state) if arguments.book else from_stores(arguments, state, now_ns)
    terms = MatchingTerms(now_ns, arguments.timing_days, arguments.return_days, sides.expected)
    prepared_by = f"officer {arguments.prepared_by}"
    inputs = RunInputs(sides.book, sides.outside, terms, dict(arguments.tolerance), prepared_by)
    return make_run(load_identity(arguments.directory), state, seq, inputs), state


def from_files(arguments: argparse.Namespace, state: State) -> JoinedSides:
    """Return both sides from files. Raises: ReconciliationError, BankFileError, OSError."""
    if arguments.node:
        raise CliError("expected --book FILE or --node CHAIN=URL, found both")
    book = read_side(arguments.book)
    outside = read_side(arguments.outside) if arguments.outside else ReconciledSide({}, [])
    numbers = {asset.asset_code.rstrip(b"\0").decode("ascii", "replace"): asset.asset_id for asset in state.assets}
    add_statements(outside, arguments.statement, numbers.get)
    return JoinedSides(book, outside, ())


def from_stores(arguments: argparse.Namespace, state: State, now_ns: int) -> JoinedSides:
    """Return both sides from what lies beside the record.

    Raises: CliError where there is nothing, or a chain that nobody looks at; NodeError, ReconciliationError.
    """
    if arguments.outside or arguments.statement:
        raise CliError("expected --book FILE with --outside and --statement, found none")
    custody, banks = custody_beside(arguments.directory), book_beside(arguments.directory)
    if not custody.exists() and not banks.exists():
        raise CliError(f"expected custody's file or a bank book beside {arguments.directory}, found none; give --book")
    with ExitStack() as stack:
        store = stack.enter_context(CustodyStore(custody)) if custody.exists() else None
        bank_book = stack.enter_context(BankBook(banks)) if banks.exists() else None
        adapters = open_chains(store, arguments.node, stack)
        return joined_sides(state, now_ns, store, adapters, bank_book)


def open_chains(store: CustodyStore | None, given: list[tuple[str, str]], stack: ExitStack) -> list[ChainAdapter]:
    """Return an adapter of each chain on which the client estate has wallets; the stack closes them."""
    needed = {each.chain for each in wallets(store) if each.estate == CLIENT} if store is not None else set()
    urls: dict[str, list[str]] = defaultdict(list)
    for chain, url in given:
        check_chain(chain)
        urls[chain].append(url)
    if needed != set(urls):
        found = ", ".join(sorted(urls)) or "none"
        raise CliError(f"expected --node CHAIN=URL for {', '.join(sorted(needed)) or 'no chain'}, found {found}")
    adapters = []
    for chain in sorted(urls):
        adapters.append(open_adapter(chain, urls[chain]))
        stack.callback(adapters[-1].close)
    return adapters
