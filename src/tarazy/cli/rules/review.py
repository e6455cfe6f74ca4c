"""`tarazy rules review RULE`: the quarters before and after a rule took effect, from a facility's record and files."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.output import Output
from tarazy.cli.rules.arguments import add_facts, day_of, recorded, with_files
from tarazy.rulebook.catalogue import find_rule
from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.review import reviewed
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


def some_quarters(text: str) -> int:
    """Return how many quarters are looked at before a rule began."""
    number = positive(text)
    if number > QUARTERS_MAX:
        raise argparse.ArgumentTypeError(f"expected at most {QUARTERS_MAX}, found {number}")
    return number


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Ask one rule on the first day of every quarter."""
    rule, asof = find_rule(arguments.rule), day_of(arguments)

    def facts_on(day: date) -> FactSet:
        facts = recorded(arguments.facility, day, output).facts if arguments.facility else FactSet()
        return with_files(facts, arguments.facts)

    refusals = recorded(arguments.facility, asof, output).refusals if arguments.facility else {}
    found = reviewed(rule, facts_on, asof, arguments.quarters_before, refusals)
    for each in found:
        standing = "in force" if each.in_force else "before  "
        output.say(f"{each.day}  {standing}  {each.outcome:15} {each.refusals:>6} refused  {each.because}")
    sides = {
        side: {
            str(outcome): sum(each.outcome == outcome and each.in_force == flag for each in found)
            for outcome in Outcome
        }
        for side, flag in (("before", False), ("after", True))
    }
    output.result({"rule": rule.id, "begins": rule.rule.begins.isoformat(), "counts": sides,
                   "quarters": [each.plain() for each in found]})  # fmt: skip
    return 0
