"""`tarazy rules review RULE`: the quarters before and after a rule took effect, from a facility's record and files.

What a quarter cost is what officers attested: signed at the facility's admission desk, taken in by the authority, or in
a file of facts. Costs are often recorded after a quarter's end, so what is known on the day of the question counts.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from tarazy.cli.arguments import positive
from tarazy.cli.output import Output
from tarazy.cli.rules.arguments import (
    add_authority,
    add_facts,
    check_authority,
    day_of,
    facts_of_authority,
    recorded,
    say_without_facts,
    with_files,
)
from tarazy.rulebook.catalogue import find_rule
from tarazy.rulebook.costs import costs_of, totals
from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.review import ReviewedQuarter, reviewed
from tarazy.rulebook.verdicts import Outcome

QUARTERS_MAX = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("rule", metavar="RULE", help="regime/name, or a name that one regime has")
    parser.add_argument(
        "--facility", type=Path, metavar="DIR", help="folder of a facility's journal; replayed per quarter"
    )
    parser.add_argument(
        "--quarters-before", type=some_quarters, default=4, metavar="N", help="quarters before it began (4)"
    )
    add_facts(parser)
    add_authority(parser)


def some_quarters(text: str) -> int:
    """Return how many quarters are looked at before a rule began."""
    number = positive(text)
    if number > QUARTERS_MAX:
        raise argparse.ArgumentTypeError(f"expected at most {QUARTERS_MAX}, found {number}")
    return number


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Ask one rule on the first day of every quarter."""
    rule, asof = find_rule(arguments.rule), day_of(arguments)
    check_authority(arguments)

    def facts_on(day: date) -> FactSet:
        facts = recorded(arguments.facility, day, output).facts if arguments.facility else FactSet()
        return joined(facts, arguments, day)

    record = recorded(arguments.facility, asof, output) if arguments.facility else None
    known = joined(record.facts if record else FactSet(), arguments, asof)
    refusals = record.refusals if record else {}
    costs = costs_of(rule.id, known, asof)
    found = reviewed(rule, facts_on, asof, arguments.quarters_before, refusals, costs)
    say_without_facts(arguments, output)
    output.say(
        f"{rule.rule.title} ({rule.id}), in force from {rule.rule.begins}, asked on the first day of each quarter"
    )
    for each in found:
        say(output, each, has_record=record is not None)
    sides = {name: [each for each in found if each.in_force == flag] for name, flag in SIDES}
    spent = {name: totals([each.cost for each in rows]) for name, rows in sides.items()}
    for name, sums in spent.items():
        output.say(f"{name}: {in_words(sums)}")
    output.result({"rule": rule.id, "begins": rule.rule.begins.isoformat(),
                   "counts": {name: counted(rows) for name, rows in sides.items()}, "costs": spent,
                   "quarters": [each.plain() for each in found]})  # fmt: skip
    return 0


SIDES = (("before", False), ("after", True))


def joined(facts: FactSet, arguments: argparse.Namespace, day: date) -> FactSet:
    """Return facts with those of files, and of an authority's record where one is named."""
    with_files(facts, arguments.facts)
    for fact in facts_of_authority(arguments.authority, arguments.licensee, day) if arguments.authority else ():
        facts.add(fact)
    return facts


def say(output: Output, quarter: ReviewedQuarter, has_record: bool) -> None:
    """Print one quarter; what was refused only a record knows."""
    standing = "in force" if quarter.in_force else "before  "
    cost = quarter.cost.words() if quarter.cost else "cost unknown"
    refused = f"{quarter.refusals:>6} refused" if has_record else "refusals unknown"
    answer = f"{quarter.day}  {standing}  {quarter.outcome:15} {refused}"
    output.say(f"{answer}  {cost}  {quarter.because}")


def counted(rows: list[ReviewedQuarter]) -> dict[str, int]:
    """Return how many quarters have each answer."""
    return {str(outcome): sum(each.outcome == outcome for each in rows) for outcome in Outcome}


def in_words(sums: dict[str, Any]) -> str:
    """Return what some quarters cost together, and how much of it nobody recorded."""
    hours = "hours unknown" if sums["hours"] is None else f"{sums['hours']} hours"
    money = sums["spent_minor"] or {}
    spent = ", ".join(f"{amount} minor units of {code}" for code, amount in sorted(money.items())) or "money unknown"
    unknown = (sums["quarters_without_hours"], sums["quarters_without_money"])
    return f"{hours} ({unknown[0]} quarters unknown), {spent} ({unknown[1]} quarters unknown)"
