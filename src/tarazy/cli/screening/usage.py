"""`tarazy screening usage`: what each key used of each product, by day. The service adds to the table every second."""

from __future__ import annotations

import argparse
import re
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from tarazy.cli.config.arguments import add_config, configuration
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.platform.access.keys import KEYED
from tarazy.platform.access.usage import FILE, Usage, usage_in


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `usage`."""
    add_config(parser)
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the service (var/screening)")
    parser.add_argument("--since", type=day, metavar="DAY", help="from this day on, YYYY-MM-DD in UTC (all)")
    parser.add_argument("--key", metavar="APP_KEY", help="of this key alone (all)")


def day(text: str) -> str:
    """Return a day as it stands in the table."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise argparse.ArgumentTypeError(f"expected a day as YYYY-MM-DD, found {text!r}")
    return text


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show the table."""
    folder = arguments.data or configuration(arguments).screening.data
    if not (folder / FILE).is_file():
        raise CliError(
            f"expected the use of a service, found no {folder / FILE}; give --data, or start the service once"
        )
    found = usage_in(folder, arguments.since or "", f"{KEYED}{arguments.key}" if arguments.key else "")
    show(output, found)
    return 0


def show(output: Output, found: list[Usage]) -> None:
    """Print the table and its sum."""
    table = Table("day", "caller", "product", "requests", "refused", box=None, padding=(0, 2, 0, 0))
    for each in found:
        table.add_row(each.day, each.caller, each.product, f"{each.requests:,}", f"{each.refused:,}")
    output.show(table)
    output.say(f"{sum(each.requests for each in found):,} requests")
    output.result({"usage": [asdict(each) for each in found]})
