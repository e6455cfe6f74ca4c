"""`tarazy greenlist backtest --data DIR`: the list as it would have been, from what markets published."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from tarazy.cli.output import Output
from tarazy.cli.words import counted
from tarazy.console.greenlist.timeline import timeline
from tarazy.oversight.listing.report import backtest_report
from tarazy.platform.storage.files import write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder with cm_daily*, cmc_monthly* and px_daily* files",
    )
    parser.add_argument(
        "--criteria", type=Path, metavar="FILE", help="criteria of your own in place of the shipped ones"
    )
    parser.add_argument(
        "--renames", type=Path, metavar="FILE", help="assets that changed their symbol, as [[rename]] tables"
    )
    parser.add_argument("--picture", type=Path, metavar="FILE", help="write every stay on the list as an SVG picture")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Run the criteria and tell the list at each quarter, what left and why."""
    report = backtest_report(arguments.data, arguments.criteria, arguments.renames)
    if arguments.picture:
        write_whole(arguments.picture, timeline(report).encode())
    output.say(
        f"{counted(report['observations'], 'observation')} of {counted(report['assets'], 'asset')},"
        f" {report['from']} to {report['to']}; criteria {report['criteria_sha256'][:12]}"
    )
    output.show(_quarters(report))
    output.show(_leavers(report))
    output.say(f"Not tested: {report['not_tested']}.")
    output.result(report)
    return 0


def _quarters(report: Mapping[str, Any]) -> Table:
    table = Table("quarter", "listed", "entered", "left", title="The list at each meeting")
    for each in report["quarters"]:
        if each["listed"] or each["left"]:
            table.add_row(each["on"], str(len(each["listed"])), ", ".join(each["entered"]), ", ".join(each["left"]))
    return table


def _leavers(report: Mapping[str, Any]) -> Table:
    table = Table("asset", "listed", "left", "how", "why", title="Who left")
    for each in report["entries"]:
        if each["removed_on"]:
            table.add_row(
                each["identity"], each["listed_on"], each["removed_on"], each["how"], "; ".join(each["reasons"])
            )
    return table
