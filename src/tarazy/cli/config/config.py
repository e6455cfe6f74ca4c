"""`tarazy config ACT`: the one file of a house, checked and shown."""

from __future__ import annotations

import argparse

from tarazy.cli.acts import add_acts, run_act
from tarazy.cli.output import Output

ACTS = {
    "check": ("config.check", "check a configuration file: every key, value and secret"),
    "show": ("config.show", "print every setting that is in force, and where it comes from"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    add_acts(parser, ACTS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return run_act(arguments, output, ACTS)
