"""`tarazy reconciliation items --store FILE`: what is open after the last run, and the newest runs."""

from __future__ import annotations

import argparse
import time

from tarazy.cli.output import Output
from tarazy.cli.reconciliation.sides import add_store
from tarazy.facility.reconciliation.store import ReconciliationStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_store(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List items and runs."""
    with ReconciliationStore(arguments.store) as store:
        items, runs = store.open_items(time.time_ns()), store.runs()
    for item in items:
        what = f"asset {item.asset_id} {item.account} {item.reference or '-'}"
        output.say(f"{item.age_days:5} days  {item.state:12} {item.difference_minor:>24}  {what}  {item.text}")
    for each in runs[:10]:
        reviewed = each.reviewed_by or "nobody yet"
        output.say(
            f"run {each.run_id} after command {each.seq:,}: prepared by {each.prepared_by}, reviewed by {reviewed}"
        )
    shown = [item._asdict() | {"difference_minor": str(item.difference_minor)} for item in items]
    output.result({"items": shown, "runs": [each._asdict() for each in runs]})
    return 0
