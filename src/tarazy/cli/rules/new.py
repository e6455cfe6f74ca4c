"""`tarazy rules new REGIME NAME`: the skeleton of a rule, which loads only when a person has written it."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.output import Output
from tarazy.rulebook.catalogue import FOLDER
from tarazy.rulebook.skeleton import new_rule

STEPS = (
    "write the sentence, title, provisions and the reason in rule.py; until then the rulebook does not load",
    "write values.toml: no number without unit, status, citation and grade",
    "write situations.toml: met, breached, both sides of every boundary, unknown",
    "define new words in src/tarazy/rulebook/terms",
    "tarazy rules lint",
    "make generate",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("regime", metavar="REGIME", help="aifc, kz_onshore, eu_mica or hk_vatp")
    parser.add_argument("name", metavar="NAME", help="words in lower case joined by underscores")
    parser.add_argument("--root", type=Path, default=FOLDER, metavar="DIR", help="folder of the regimes (this one's)")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write the folder and say what comes next."""
    folder = new_rule(arguments.regime, arguments.name, arguments.root)
    output.say(f"wrote {folder}")
    for number, step in enumerate(STEPS, 1):
        output.say(f"  {number}. {step}")
    output.result({"folder": str(folder), "next": list(STEPS)})
    return 0
