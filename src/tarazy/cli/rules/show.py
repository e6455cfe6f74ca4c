"""`tarazy rules show RULE`: what a rule asks, why it is coded so, its values, citations and situations."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from tarazy.cli.output import Output
from tarazy.rulebook.catalogue import find_rule
from tarazy.rulebook.gates import refusals_of
from tarazy.rulebook.release import exported_rule
from tarazy.rulebook.situations import situations_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("rule", metavar="RULE", help="regime/name, or a name that one regime has")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Print one rule."""
    loaded = find_rule(arguments.rule)
    rule, text, today = loaded.rule, loaded.asks, datetime.now(UTC).date()
    output.say(f"{loaded.id}: {rule.title}", style="bold")
    output.say(f"{text}\n\n{rule.form}, {loaded.standing(today)}; {rule.kind} on {rule.subject}, from {rule.begins}")
    output.say(f"why so: {rule.why}\n")
    exported = exported_rule(loaded)
    for each in exported["citations"]:
        where = f"{each['provision']}: {each['corpus']}, {each['segment']} ({each['body']})"
        output.say(f"{where}; seen: {each['seen']}; {', '.join(each['addresses'])}")
    for row in loaded.values.rows:
        period = f"from {row.begins}{f' to {row.ends}' if row.ends else ''}"
        output.say(
            f"{row.key} = {row.value} {row.unit}, {period}, {row.status} ({row.citation}, {row.grade}) {row.note}"
        )
    situations = situations_of(loaded)
    output.say("")
    for situation in situations:
        output.say(f"  {situation.outcome:15} {situation.name}")
    codes = refusals_of(loaded)
    if codes:
        output.say(f"\nthe venue keeps it with: {', '.join(code.name for code in codes)}")
    rows = [{"name": each.name, "outcome": str(each.outcome)} for each in situations]
    output.result({**exported, "situations": rows, "refusals": [code.name for code in codes]})
    return 0
