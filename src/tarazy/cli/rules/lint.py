"""`tarazy rules lint`: words, contradictions, gaps and conflicts over the quarters, and what no situation pins down.

With a facility or files of facts it also names the rules that decided nothing. Exit code 1 where there is any fault.
"""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path

from tarazy.cli.output import Output
from tarazy.cli.rules.arguments import add_facts, add_regime, day_of, recorded, with_files
from tarazy.rulebook.catalogue import all_rules
from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.lint import LintFault, contradictions, idle_rules, word_faults
from tarazy.rulebook.mutation import surviving
from tarazy.rulebook.situations import failures
from tarazy.rulebook.sweep import quarters, swept

YEAR = timedelta(days=365)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("--facility", type=Path, metavar="DIR", help="folder of a journal: rules that never decided")
    add_facts(parser)
    add_regime(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Look at the whole rulebook."""
    asof = day_of(arguments)
    faults = [*word_faults(), *contradictions()]
    faults += [LintFault("gap or conflict", "sweep", text) for text in swept(asof + YEAR)]
    for rule in all_rules():
        faults += [LintFault("situation", rule.id, text) for text in failures(rule)]
        faults += [LintFault("mutant", rule.id, text) for text in surviving(rule)]
    idle: list[LintFault] = []
    about_idle = "no facts were given: --facility or --facts tells which rules never decide anything"
    if arguments.facility or arguments.facts:
        facts = recorded(arguments.facility, asof, output).facts if arguments.facility else FactSet()
        facts = with_files(facts, arguments.facts)
        idle = list(idle_rules(arguments.regime, facts, [*quarters(asof - YEAR, asof), asof]))
        about_idle = f"{len(idle)} rules of {arguments.regime} never decided on these facts"
    for each in (*faults, *idle):
        output.say(f"{each.kind:16} {each.about}: {each.sentence}")
    output.say(f"{len(all_rules())} rules, {len(faults)} faults; {about_idle}")
    output.result(
        {"faults": [each._asdict() for each in faults], "never_decided": [each.about for each in idle]}
    )  # fmt: skip
    return 1 if faults else 0
