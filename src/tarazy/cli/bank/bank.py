"""`tarazy bank ACT`: statements of banks read and kept, receipts matched to clients, payouts sent and followed."""

from __future__ import annotations

import argparse

from tarazy.cli.acts import add_acts, run_act
from tarazy.cli.output import Output

ACTS = {
    "read": ("bank.read", "read a file of a bank (camt.052, camt.053, camt.054, MT940) and check what it says"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    add_acts(parser, ACTS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return run_act(arguments, output, ACTS)
