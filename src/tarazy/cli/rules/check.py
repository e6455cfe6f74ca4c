"""`tarazy rules check DIR --asof DATE`: every rule of a regime on a facility's record and on what people state.

Exit code 0 where nothing is breached, else 1. Unknown is no breach, and never good: it is counted by itself.
"""

from __future__ import annotations

import argparse

from rich.table import Table
from rich.text import Text

from tarazy.cli.arguments import add_journal
from tarazy.cli.output import Output
from tarazy.cli.rules.arguments import (
    add_authority,
    add_facts,
    add_regime,
    check_authority,
    day_of,
    facts_of_authority,
    recorded,
    with_files,
)
from tarazy.rulebook.judging import JudgedRule, counted, judge
from tarazy.rulebook.release import release_hash
from tarazy.rulebook.verdicts import Outcome

# Unknown is drawn so that nobody takes it for good.
MARKS = {Outcome.met: "met", Outcome.breached: "BREACHED", Outcome.not_applicable: "-", Outcome.unknown: "? unknown"}
STANDINGS = {"enacted_with_default": "enacted, our number"}
STYLES = {Outcome.met: "green", Outcome.breached: "bold red", Outcome.not_applicable: "dim", Outcome.unknown: "yellow"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_journal(parser)
    add_facts(parser)
    add_regime(parser)
    add_authority(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Judge one facility."""
    asof = day_of(arguments)
    check_authority(arguments)
    record = recorded(arguments.directory, asof, output)
    facts = with_files(record.facts, arguments.facts)
    for fact in facts_of_authority(arguments.authority, arguments.licensee, asof) if arguments.authority else ():
        facts.add(fact)
    judged = judge(arguments.regime, facts, asof)
    counts = counted(judged)
    show(output, judged)
    words = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
    output.say(f"\n{arguments.regime} on {asof}, {record.commands:,} commands of the record: {words}")
    output.result(
        {
            "regime": arguments.regime,
            "asof": asof.isoformat(),
            "commands": record.commands,
            "rulebook_sha256": release_hash().hex(),
            "counts": counts,
            "verdicts": [each.plain() for each in judged],
        }
    )
    return 1 if counts[Outcome.breached] else 0


def show(output: Output, judged: list[JudgedRule]) -> None:
    """Print the answers: breaches first, then what is unknown."""
    table = Table(box=None, pad_edge=False)
    for column in ("rule", "answer", "standing", "because"):
        table.add_column(column)
    order = (Outcome.breached, Outcome.unknown, Outcome.met, Outcome.not_applicable)
    for each in sorted(judged, key=lambda row: (order.index(row.verdict.outcome), row.loaded.id)):
        outcome = each.verdict.outcome
        table.add_row(
            each.loaded.id,
            Text(MARKS[outcome], STYLES[outcome]),
            STANDINGS.get(each.standing, each.standing),
            each.verdict.because + "".join(f"\nsettled by {words}" for words in each.verdict.settled_by),
        )
    output.show(table)
