"""`tarazy bank follow DIR`: read in the record what became of receipts, and note it in the bank book."""

from __future__ import annotations

import argparse

from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.journal.seek import engine_after, last_seq, readable
from tarazy.cli.output import Output
from tarazy.facility.banking.items import follow, items


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Follow the record to its end."""
    state = readable(engine_after(arguments.directory, last_seq(arguments.directory))).state
    recorded = {each.hex(): entry.seq for each, entry in state.evidence.items() if not entry.is_undone}
    receipts = {each.evidence_hash.hex(): each.receipt_id for each in state.receipts.values()}
    with open_book(arguments) as book:
        new = follow(book, recorded, receipts)
        count = {name: len(items(book, name)) for name in ("unallocated", "matched", "credited", "received")}
    output.say(f"{new} receipts are in the record now; " + ", ".join(f"{value} {key}" for key, value in count.items()))
    output.result({"new": new, **count})
    return 0
