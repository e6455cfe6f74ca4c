"""`tarazy import bitstamp|lobster|binance FILE --out DIR`: play a published file of order flow into a new journal.

An execution of the file is not copied: the order that caused it is played, and our matching has to make the trade. The
report says how often it did.

The folder is there with the whole journal or not at all. Exit codes: 0 imported, 1 the file is not what its format asks
for or the venue refused it, 2 wrong usage.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from tarazy.cli.arguments import add_json
from tarazy.cli.engines import CHOICES, fastest
from tarazy.cli.facility.publishing import published
from tarazy.cli.market_data.playing import ReplayedFlow, begun, new_journal, play_flow, take_checkpoint
from tarazy.cli.output import Output
from tarazy.market_data.codes import split_symbol
from tarazy.market_data.errors import printable
from tarazy.market_data.played import Flow

EPILOG = "examples: tarazy import bitstamp orders.csv.gz --trades trades.csv.gz --out var/bitstamp"
FILE = "the file: plain, .gz, .bz2, .xz or .zip; no pipe, it is read more than once"
NAME_MAX = 120
SYMBOL = {
    "bitstamp": "the pair, for example ETH/EUR (default BTC/USD; the file does not say)",
    "lobster": "the ticker (default: as the file's name begins)",
    "binance": "which symbol to play; needed where the capture holds several",
}


class RecordedFlow(Flow, Protocol):
    """A flow of a recorded file; `remarks` say what was done with its names and its clock."""

    remarks: list[str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.epilog = EPILOG
    formats = parser.add_subparsers(dest="format", required=True, metavar="FORMAT")
    for name, (words, _) in FORMATS.items():
        each = formats.add_parser(name, help=words, description=words)
        each.add_argument("file", type=Path, metavar="FILE", help=FILE)
        if name == "bitstamp":
            each.add_argument("--trades", type=Path, metavar="FILE", help="the exchange's own trades, to compare with")
        each.add_argument("--symbol", default="", metavar="SYMBOL", help=SYMBOL[name])
        each.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the new journal")
        each.add_argument("--engine", choices=CHOICES, help="default: core where it is built, else spec")
        add_json(each)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Import one file."""
    engine_name = arguments.engine or fastest()
    with begun(arguments.out) as work:
        flow = FORMATS[arguments.format][1](arguments)
        for remark in flow.remarks:
            output.say(remark)
        name = printable(arguments.file.name)[:NAME_MAX]
        played, digest = play_into(work, flow, name, engine_name, output)
    for line in played.report.in_words():
        output.say(line)
    refused = played.report.to_json().get("refused", {})
    for name, count in refused.items():
        output.say(f"{count:,} commands refused by the venue: {name}")
    output.say(f"journal in {arguments.out}; check it with: tarazy replay {arguments.out}")
    output.result(
        played.report.to_json()
        | {"remarks": flow.remarks, "engine": engine_name, "seconds": round(played.seconds, 3), "digest": digest}
    )
    return 0


def play_into(work: Path, flow: Flow, name: str, engine_name: str, output: Output) -> tuple[ReplayedFlow, bytes]:
    """Play a flow into a new journal; return what came of it and the state's digest."""
    sequencer, desk = new_journal(work, f"Import of {name}", engine_name, created_ns=flow.writer.ts_ns)
    with published(sequencer, work, output):
        played = play_flow(flow, sequencer, desk, output, f"import {name}")
        take_checkpoint(sequencer, played.tally)
        return played, sequencer.engine.state_digest()


def bitstamp(arguments: argparse.Namespace) -> RecordedFlow:
    """Return the flow of a Bitstamp order file."""
    from tarazy.market_data.bitstamp import BitstampFlow

    base, quote = split_symbol(arguments.symbol or "BTC/USD")
    return BitstampFlow(arguments.file, arguments.trades, base_code=base, quote_code=quote)


def lobster(arguments: argparse.Namespace) -> RecordedFlow:
    """Return the flow of a LOBSTER message file."""
    from tarazy.market_data.lobster import LobsterFlow

    return LobsterFlow(arguments.file, base_code=arguments.symbol)


def binance(arguments: argparse.Namespace) -> RecordedFlow:
    """Return the flow of a Binance stream capture."""
    from tarazy.market_data.binance import BinanceFlow

    return BinanceFlow(arguments.file, symbol=arguments.symbol)


FORMATS: dict[str, tuple[str, Callable[[Any], RecordedFlow]]] = {
    "bitstamp": ("Bitstamp orders, level 3: one row per event of an order", bitstamp),
    "lobster": ("LOBSTER messages: submissions, cancels, executions", lobster),
    "binance": ("Binance spot stream capture: depth, trades, book tickers", binance),
}
