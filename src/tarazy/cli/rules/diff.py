"""`tarazy rules diff FIRST SECOND`: two regimes on the same facts, subject by subject."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.table import Table

from tarazy.cli.output import Output
from tarazy.cli.rules.arguments import add_facts, day_of, recorded, say_without_facts, with_files
from tarazy.rulebook.differences import differences
from tarazy.rulebook.facts import FactSet


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("first", metavar="FIRST", help="a regime")
    parser.add_argument("second", metavar="SECOND", help="another regime")
    parser.add_argument("--facility", type=Path, metavar="DIR", help="folder of a facility's journal")
    add_facts(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Compare two regimes."""
    asof = day_of(arguments)
    facts = recorded(arguments.facility, asof, output).facts if arguments.facility else FactSet()
    found = differences(arguments.first, arguments.second, with_files(facts, arguments.facts), asof)
    table = Table(box=None, pad_edge=False)
    for column in ("subject", arguments.first, arguments.second, ""):
        table.add_column(column)
    for each in found:
        if "none" not in each.outcomes:
            table.add_row(each.subject, *each.outcomes, "differs" if each.differs else "")
    say_without_facts(arguments, output)
    output.show(table)
    alone = [sum(each.outcomes[1 - side] == "none" for each in found) for side in (0, 1)]
    output.say(f"\n{sum(each.differs for each in found)} answers differ; {alone[0]} subjects of {arguments.first} and "
               f"{alone[1]} of {arguments.second} have no rule on the other side")  # fmt: skip
    output.result(
        {
            "first": arguments.first,
            "second": arguments.second,
            "asof": asof.isoformat(),
            "differing": sum(each.differs for each in found),
            "subjects": [each.plain() for each in found],
        }
    )
    return 0
