"""`tarazy rules ACT`: the rulebook as code."""

from __future__ import annotations

import argparse

from tarazy.cli.acts import add_acts, run_act
from tarazy.cli.output import Output

ACTS = {
    "list": ("rules.list", "print the rules of a regime, or the words that they ask for"),
    "show": ("rules.show", "print one rule: what it asks, its values, citations and situations"),
    "check": ("rules.check", "ask every rule of a regime about a facility on a day"),
    "attest": ("rules.attest", "add a person's attestation for a rule of judgement to a file of facts"),
    "coverage": ("rules.coverage", "count how much of the provisions the rulebook answers for"),
    "diff": ("rules.diff", "compare the answers of two regimes on the same facts"),
    "impact": ("rules.impact", "ask what other values would have changed at facilities in past quarters"),
    "review": ("rules.review", "print a rule's answers in the quarters before and after it took effect"),
    "lint": ("rules.lint", "find undefined words, contradictions, gaps, and rules that no situation pins down"),
    "export": ("rules.export", "write the whole rulebook as one JSON object with its SHA-256"),
    "facts": ("rules.facts", "write a facility's record as fact tables in Parquet"),
    "new": ("rules.new", "write the skeleton of a new rule"),
    "draft": ("rules.draft", "draft the instruction that brings a release's limits into the record"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    add_acts(parser, ACTS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return run_act(arguments, output, ACTS)
