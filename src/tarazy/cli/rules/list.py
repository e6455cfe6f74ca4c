"""`tarazy rules list`: the rules of a regime, or the words that rules ask for."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from rich.table import Table

from tarazy.cli.output import Output
from tarazy.cli.rules.arguments import add_regime
from tarazy.rulebook.catalogue import rules_of
from tarazy.rulebook.terms import terms


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_regime(parser)
    parser.add_argument("--terms", action="store_true", help="the words that rules ask for, instead of the rules")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Print one list."""
    table, today = Table(box=None, pad_edge=False), datetime.now(UTC).date()
    if arguments.terms:
        rows = [(each.name, each.kind, each.means) for each in terms().values()]
        columns = ("word", "kind", "means")
        output.result({"terms": [each._asdict() for each in terms().values()]})
    else:
        rules = rules_of(arguments.regime)
        columns = ("rule", "form", "standing")
        rows = [(each.id, f"{each.rule.form}, {each.standing(today)}", each.rule.title) for each in rules]
        columns = ("rule", "form, standing", "title")
        output.result(
            {
                "rules": [
                    {
                        "id": each.id,
                        "title": each.rule.title,
                        "form": str(each.rule.form),
                        "standing": each.standing(today),
                        "subject": each.rule.subject,
                        "provisions": list(each.rule.provisions),
                    }
                    for each in rules
                ]
            }
        )
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    output.show(table)
    return 0
