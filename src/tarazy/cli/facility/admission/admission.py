"""`tarazy facility admission ACT`: the facility's admission desk and its disclosures."""

from __future__ import annotations

import argparse

from tarazy.cli.acts import add_acts, run_act
from tarazy.cli.output import Output

ACTS = {
    "new": ("facility.admission.new", "found the admission desk beside a facility's record"),
    "kinds": ("facility.admission.kinds", "list the kinds of acts, or the fields of one"),
    "act": ("facility.admission.act", "act as an officer: charter, imports, proposals, votes, papers"),
    "show": ("facility.admission.show", "show charter, list, decisions, orders to delist and papers"),
    "diff": ("facility.admission.diff", "show what changed between the last two lists that were imported"),
    "draft": ("facility.admission.draft", "write the instruction that a decision asks for, as a draft"),
    "check": ("facility.admission.check", "find what was listed past the committee, and what is missing or stale"),
    "acknowledge": ("facility.admission.acknowledge", "note that a client has confirmed the papers in force"),
    "serve": ("facility.admission.serve", "serve the desk's pages and its drafts to this machine alone"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    add_acts(parser, ACTS, dest="deed")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return run_act(arguments, output, ACTS, dest="deed")
