"""`tarazy screen`: what a token's code allows, who holds each power, and the verdict under stated criteria."""

from __future__ import annotations

import argparse
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.cli.screening.screen_inputs import Unreadable, count_of, requests_of
from tarazy.platform.jobs.pool import WorkerPool
from tarazy.platform.jobs.process import WorkerLimits
from tarazy.screening.isolated import SCREEN
from tarazy.screening.model import Report
from tarazy.screening.request import ScreenRequest
from tarazy.screening.unanswered import unanswered

SAY_EVERY_S = 10.0
KILL_SPARE_S = 5.0  # beyond the screening's own limit, for what it does before and after


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    given = parser.add_argument_group("what to screen")
    given.add_argument(
        "--bytecode", type=Path, metavar="FILE", help="runtime code: hex with or without 0x, or raw bytes"
    )
    given.add_argument(
        "--bytecode-dir", type=Path, metavar="DIR", help="every file of a folder, by name, one line each"
    )
    given.add_argument("--creation", type=Path, metavar="FILE", help="creation code with its arguments")
    given.add_argument("--source", type=Path, metavar="FILE", help="verified Solidity source, compiled here (Node.js)")
    given.add_argument("--contract", metavar="NAME", help="which contract of the source (the one with the most code)")
    given.add_argument(
        "--arguments", nargs="+", default=(), metavar="A", help="the constructor's arguments, with --source"
    )
    given.add_argument("--rpc", metavar="URL", help="JSON-RPC node of an EVM chain; with --address")
    given.add_argument("--address", type=address, metavar="A", help="the contract's address on that chain")
    given.add_argument("--block", type=block, metavar="N", help="block number, or latest, safe, finalized (latest)")
    given.add_argument("--chain-id", type=positive, metavar="N", help="chain to name in the report (the node's own)")
    how = parser.add_argument_group("how")
    how.add_argument("--criteria", metavar="FILE", help="criteria file, or the name of a built-in one (house)")
    how.add_argument(
        "--table", type=Path, metavar="FILE", help="owner, holders and pools as JSON or CSV, without a node"
    )
    how.add_argument(
        "--no-simulation", action="store_true", help="read the code only: what needs trading stays unknown"
    )
    how.add_argument("--time-limit", type=seconds, default=10.0, metavar="S", help="seconds for each contract (10)")
    how.add_argument("--jobs", type=positive, metavar="N", help="worker processes (all processors)")
    how.add_argument("--language", choices=("en", "ru", "kk"), default="en", help="of what is printed for people (en)")
    parser.add_argument("--json", action="store_true", help="print one JSON object a contract, a line each")


def address(text: str) -> str:
    """Return an address of 20 bytes in lower case."""
    if not re.fullmatch(r"0[xX][0-9a-fA-F]{40}", text):
        raise argparse.ArgumentTypeError(f"expected 0x and 40 hexadecimal digits, found {text!r}")
    return text.lower()


def block(text: str) -> int | str:
    """Return a block number or a tag."""
    if text in ("latest", "safe", "finalized", "earliest", "pending"):
        return text
    try:
        return int(text, 0)
    except ValueError:
        message = f"expected a block number, or latest, safe, finalized; found {text!r}"
        raise argparse.ArgumentTypeError(message) from None


def seconds(text: str) -> float:
    """Return a time limit."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.01 <= value <= 3600:
        raise argparse.ArgumentTypeError(f"expected seconds from 0.01 to 3600, found {text!r}")
    return value


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Screen what was given; every input gets its report, and one that could not be screened says why."""
    check_inputs(arguments)
    if arguments.criteria is not None:
        from tarazy.screening.criteria.file import criteria_named

        criteria_named(arguments.criteria, datetime.now(UTC).date())
    count = count_of(arguments)
    jobs = min(arguments.jobs or os.cpu_count() or 1, max(1, count))
    limits = WorkerLimits(wall_s=arguments.time_limit + KILL_SPARE_S)
    with WorkerPool(SCREEN, jobs, limits) as pool:
        from tarazy.cli.screening.screen_json import report_json  # loaded while the worker starts
        from tarazy.cli.screening.screen_report import show_report

        reports = watched(output, pool.map(requests_of(arguments), ask=ask), count)
        if arguments.bytecode_dir is not None:
            show_batch(output, reports)
        else:
            for report in reports:
                output.result(report_json(report))
                if not output.as_json:
                    show_report(output, report, arguments.language)
    return 0


def check_inputs(arguments: argparse.Namespace) -> None:
    """Refuse arguments that do not name one thing to screen.

    Raises: CliError.
    """
    names = ("bytecode", "bytecode_dir", "creation", "source", "rpc", "address")
    given = {name for name in names if getattr(arguments, name) is not None}
    shown = ", ".join(f"--{name.replace('_', '-')}" for name in names if name in given) or "nothing"
    if given not in ({"bytecode_dir"}, {"bytecode"}, {"creation"}, {"source"}, {"rpc", "address"}):
        raise CliError(
            "expected one of --bytecode FILE, --bytecode-dir DIR, --creation FILE, --source FILE, or --rpc URL with"
            f" --address A; found {shown}"
        )


def ask(pool: WorkerPool, given: ScreenRequest | Unreadable) -> Future[Report]:
    """Return the future of an input's report; what could not be read is answered at once."""
    if isinstance(given, Unreadable):
        done: Future[Report] = Future()
        done.set_result(unanswered(given.request, given.reason))
        return done
    return pool.submit(given)


def watched(output: Output, reports: Iterator[Report], count: int) -> Iterator[Report]:
    """Pass the reports on and say on stderr how far it is."""
    said, done = time.monotonic(), 0
    with output.progress() as progress:
        bar = progress.add_task("screening", total=count, visible=count > 1)
        for report in reports:
            done += 1
            progress.update(bar, completed=done)
            if not output.draws and time.monotonic() - said > SAY_EVERY_S:
                said = time.monotonic()
                output.warn(f"screened {done:,} of {count:,}")
            yield report


def show_batch(output: Output, reports: Iterator[Report]) -> None:
    """Print a line for each report, and how many there were of each verdict."""
    from tarazy.cli.screening.screen_json import report_json
    from tarazy.cli.screening.screen_report import batch_line, batch_table

    verdicts: Counter[str] = Counter()
    lines = []
    for report in reports:
        line = batch_line(report)
        verdicts[line[1]] += 1
        output.result(report_json(report))
        if not output.as_json:
            lines.append(line)
    if lines:
        output.show(batch_table(lines))
    counted = ", ".join(f"{count:,} {word}" for word, count in sorted(verdicts.items())) or "none"
    output.say(f"{verdicts.total():,} screened: {counted}")
