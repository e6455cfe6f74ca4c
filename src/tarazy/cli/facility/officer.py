"""`tarazy officer new|list`: officers' keys, and who the officers of a facility are."""

from __future__ import annotations

import argparse

from tarazy.cli.acts import add_acts, run_act
from tarazy.cli.output import Output

ACTS = {
    "new": ("facility.officer_new", "make an officer's key file and print its public key"),
    "list": ("facility.officer_list", "list a facility's officers and mandates as its record has them now"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    add_acts(parser, ACTS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return run_act(arguments, output, ACTS)
