"""`tarazy import bitstamp|lobster|binance FILE --out DIR`: play a published file of order flow into a new journal.

An execution of the file is not copied: the order that caused it is played, and our matching has to make the trade. The
report says how often it did.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tarazy.cli.arguments import add_json
from tarazy.cli.engines import CHOICES, fastest
from tarazy.cli.output import Output
from tarazy.cli.playing import check_free, new_journal, play_flow, take_checkpoint
from tarazy.cli.publishing import published
from tarazy.facility.flow.played import Flow

EPILOG = "examples: tarazy import bitstamp orders.csv.gz --trades trades.csv.gz --out var/bitstamp"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.epilog = EPILOG
    formats = parser.add_subparsers(dest="format", required=True, metavar="FORMAT")
    for name, (words, _) in FORMATS.items():
        each = formats.add_parser(name, help=words, description=words)
        each.add_argument("file", type=Path, metavar="FILE", help="the file, plain, .gz or .zip")
        if name == "bitstamp":
            each.add_argument("--trades", type=Path, metavar="FILE", help="the exchange's own trades, to compare with")
        each.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the new journal")
        each.add_argument("--engine", choices=CHOICES, help="default: core where it is built, else spec")
        add_json(each)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Import one file."""
    engine_name = arguments.engine or fastest()
    check_free(arguments.out)
    flow = FORMATS[arguments.format][1](arguments)
    name = f"Import of {arguments.file.name}"
    sequencer, desk = new_journal(arguments.out, name, engine_name, created_ns=flow.writer.ts_ns)
    with published(sequencer, arguments.out, output):
        played = play_flow(flow, sequencer, desk, output, f"import {arguments.file.name}")
        take_checkpoint(sequencer, played.tally)
        digest = sequencer.engine.state_digest()
    for line in played.report.in_words():
        output.say(line)
    output.say(f"journal in {arguments.out}; check it with: tarazy replay {arguments.out}")
    output.result(
        played.report.to_json() | {"engine": engine_name, "seconds": round(played.seconds, 3), "digest": digest}
    )
    return 0


def bitstamp(arguments: argparse.Namespace) -> Flow:
    """Return the flow of a Bitstamp order file."""
    from tarazy.facility.flow.bitstamp import BitstampFlow

    return BitstampFlow(arguments.file, arguments.trades)


def lobster(arguments: argparse.Namespace) -> Flow:
    """Return the flow of a LOBSTER message file."""
    from tarazy.facility.flow.lobster import LobsterFlow

    return LobsterFlow(arguments.file)


def binance(arguments: argparse.Namespace) -> Flow:
    """Return the flow of a Binance stream capture."""
    from tarazy.facility.flow.binance import BinanceFlow

    return BinanceFlow(arguments.file)


FORMATS: dict[str, tuple[str, Callable[[Any], Flow]]] = {
    "bitstamp": ("Bitstamp orders, level 3: one row per event of an order", bitstamp),
    "lobster": ("LOBSTER messages: submissions, cancels, executions", lobster),
    "binance": ("Binance spot stream capture: depth, trades, book tickers", binance),
}
