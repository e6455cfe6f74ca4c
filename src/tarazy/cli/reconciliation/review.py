"""`tarazy reconciliation review RUN --store FILE --by NAME`: note who reviewed a run."""

from __future__ import annotations

import argparse
import time

from tarazy.cli.arguments import positive
from tarazy.cli.output import Output
from tarazy.cli.reconciliation.sides import add_store
from tarazy.facility.reconciliation.store import ReconciliationStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("run_id", type=positive, metavar="RUN", help="number of the run")
    add_store(parser)
    parser.add_argument("--by", required=True, metavar="NAME", help="who reviewed it")
    parser.add_argument("--remark", default="", metavar="TEXT", help="what was found")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Note one review."""
    with ReconciliationStore(arguments.store) as store:
        store.review(arguments.run_id, arguments.by, arguments.remark, time.time_ns())
        reviewed = store.run(arguments.run_id)
    output.say(f"run {reviewed.run_id}: prepared by {reviewed.prepared_by}, reviewed by {reviewed.reviewed_by}")
    output.result(reviewed._asdict())
    return 0
