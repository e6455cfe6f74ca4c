"""Arguments and inputs that acts of the reconciliation share."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from tarazy.cli.arguments import add_journal, positive
from tarazy.cli.journal.seek import engine_after, last_seq, readable
from tarazy.facility.reconciliation.bank_side import add_statements
from tarazy.facility.reconciliation.inputs import ReconciledSide, read_side
from tarazy.facility.reconciliation.matching import MatchingTerms
from tarazy.facility.reconciliation.report import RunFacts
from tarazy.facility.reconciliation.running import RunInputs, make_run
from tarazy.journal.identity import load_identity
from tarazy.spec.state import State


def add_store(parser: argparse.ArgumentParser) -> None:
    """Declare the file of runs."""
    parser.add_argument("--store", type=Path, required=True, metavar="FILE", help="the file of runs (SQLite)")


def add_sides(parser: argparse.ArgumentParser) -> None:
    """Declare what is compared."""
    add_journal(parser)
    parser.add_argument("--book", type=Path, required=True, metavar="FILE", help="our own book: balances and entries")
    parser.add_argument("--outside", type=Path, metavar="FILE", help="what chains and banks say")
    parser.add_argument(
        "--statement",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a bank's file as well: camt.053 or MT940; repeatable",
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
    parser.add_argument("--prepared-by", required=True, metavar="NAME", help="who prepares it")


def tolerance(text: str) -> tuple[int, int]:
    """Return (asset, minor units) from ASSET=MINOR."""
    asset, equals, minor = text.partition("=")
    if not (equals and asset.isdecimal() and minor.isdecimal() and len(minor) < 40):
        raise argparse.ArgumentTypeError(f"expected ASSET=MINOR, two numbers, found {text!r}")
    return int(asset), int(minor)


def run_of(arguments: argparse.Namespace) -> tuple[RunFacts, State]:
    """Return a run over what was asked for, and the state of the ledger."""
    terms = MatchingTerms(time.time_ns(), arguments.timing_days, arguments.return_days)
    book = read_side(arguments.book)
    outside = read_side(arguments.outside) if arguments.outside else ReconciledSide({}, [])
    seq = arguments.at or last_seq(arguments.directory)
    state = readable(engine_after(arguments.directory, seq)).state
    numbers = {asset.asset_code.rstrip(b"\0").decode("ascii", "replace"): asset.asset_id for asset in state.assets}
    add_statements(outside, arguments.statement, numbers.get)
    inputs = RunInputs(book, outside, terms, dict(arguments.tolerance), arguments.prepared_by)
    return make_run(load_identity(arguments.directory), state, seq, inputs), state
