"""`tarazy reconciliation ACT`: ledger, book, chain and bank compared; reviewed by another; breaks lifted by two."""

from __future__ import annotations

import argparse

from tarazy.cli.acts import add_acts, run_act
from tarazy.cli.output import Output

ACTS = {
    "run": ("reconciliation.run", "compare the ledger with our book and with chains and banks; report, page, PDF"),
    "review": ("reconciliation.review", "note who reviewed a run; never the one who prepared it"),
    "items": ("reconciliation.items", "list the open items and how old they are"),
    "lift": ("reconciliation.lift", "write the command by which two people end a break, with their reason"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    add_acts(parser, ACTS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return run_act(arguments, output, ACTS)
