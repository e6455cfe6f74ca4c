"""`tarazy rules impact`: what other values of rules would have changed at facilities in past quarters."""

from __future__ import annotations

import argparse
from datetime import date

from rich.table import Table

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.cli.rules.arguments import a_day, day_of
from tarazy.cli.rules.histories import add_facilities, histories
from tarazy.rulebook.impact import DraftValue, QuarterImpact, draft_value, impact, summed

COLUMNS = ("rule", "quarter", "facilities", "changed", "findings_in_force", "findings_draft", "clients", "unknown")
QUARTERS_MAX = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument(
        "--set", action="append", default=[], metavar="RULE.KEY=VALUE", help="a drafted value; repeat it"
    )
    add_run(parser)


def add_run(parser: argparse.ArgumentParser) -> None:
    """Declare on what a draft is run."""
    add_facilities(parser)
    parser.add_argument("--asof", type=a_day, default=None, metavar="DATE", help="quarters until this day (today, UTC)")
    parser.add_argument(
        "--quarters", type=some_quarters, default=4, metavar="N", help="quarters of a journal that is replayed (4)"
    )


def some_quarters(text: str) -> int:
    """Return how many quarters are asked."""
    number = positive(text)
    if number > QUARTERS_MAX:
        raise argparse.ArgumentTypeError(f"expected at most {QUARTERS_MAX}, found {number}")
    return number


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Run the draft."""
    drafts = [parsed(text) for text in arguments.set]
    if not drafts:
        raise CliError("expected one --set RULE.KEY=VALUE or more, found none")
    rows = run_draft(drafts, arguments, output)
    output.result(report(drafts, rows))
    return 0


def parsed(text: str) -> DraftValue:
    """Return a drafted value of an argument. Raises: CliError, RulebookError."""
    name, _, value = text.partition("=")
    rule, _, key = name.rpartition(".")
    if not rule or not value:
        raise CliError(f"--set: expected RULE.KEY=VALUE, as monthly_cap.monthly_cap_usd=500, found {text[:120]!r}")
    return draft_value(rule, key, value)


def run_draft(drafts: list[DraftValue], arguments: argparse.Namespace, output: Output) -> list[QuarterImpact]:
    """Ask every quarter, and show what changes."""
    asof: date = day_of(arguments)
    rows = impact(drafts, histories(arguments.facility, asof, arguments.quarters, output))
    if not rows:
        raise CliError(f"expected a record with a command until {asof}, found none: there is nothing to ask")
    table = Table(box=None, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column.replace("_", " "))
    for total in summed(rows):
        table.add_row(*(str(total[column]) for column in COLUMNS))
    output.show(table)
    for row in rows:
        if row.changes:
            output.say(f"{row.facility}, {row.day}, {row.rule}: {row.in_force} in force, {row.draft} by the draft")
    facilities = {row.facility for row in rows if row.changes}
    clients = {(row.facility, client) for row in rows for client in row.clients}
    output.say(f"{len(facilities)} facilities and {len(clients)} clients would have been answered otherwise")
    return rows


def report(drafts: list[DraftValue], rows: list[QuarterImpact]) -> dict[str, object]:
    """Return the whole run for programs."""
    return {
        "drafts": [each._asdict() for each in drafts],
        "facilities_changed": len({row.facility for row in rows if row.changes}),
        "clients_changed": len({(row.facility, client) for row in rows for client in row.clients}),
        "findings_in_force": sum(row.findings_in_force for row in rows),
        "findings_draft": sum(row.findings_draft for row in rows),
        "sums": summed(rows),
        "quarters": [row.plain() for row in rows],
    }
