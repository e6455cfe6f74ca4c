"""`tarazy authority ACT DIR`: the regulator's desk: licences, green list, consultations."""

from __future__ import annotations

import argparse

from tarazy.cli.acts import add_acts, run_act
from tarazy.cli.output import Output

ACTS = {
    "new": ("authority.new", "found an authority: its record, its desk key, its first officers"),
    "kinds": ("authority.kinds", "list the kinds of acts, or the fields of one"),
    "act": ("authority.act", "act as an officer; an act for two is proposed"),
    "decide": ("authority.decide", "approve or decline what another officer has proposed"),
    "show": ("authority.show", "show licences, green list and consultations, or one of them"),
    "impact": ("authority.impact", "run a consultation's drafted values on the recorded facts of past quarters"),
    "verify": ("authority.verify", "check every act: chain, signatures, and that the rules allowed it"),
    "compare": ("authority.compare", "compare licensees' public pages with the register, and sign what was found"),
    "serve": ("authority.serve", "serve the public pages, and the officers' desk to this machine alone"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    add_acts(parser, ACTS, dest="deed")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return run_act(arguments, output, ACTS, dest="deed")
