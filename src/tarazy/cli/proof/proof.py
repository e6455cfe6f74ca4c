"""`tarazy proof ACT`: what a facility owes and has, under what it signed; for clients, supervisors and anybody."""

from __future__ import annotations

import argparse

from tarazy.cli.acts import add_acts, run_act
from tarazy.cli.output import Output

ACTS = {
    "make": ("proof.make", "make the report at a command, and clients' proofs that their balances are in it"),
    "reserves": ("proof.reserves", "write what lies against the liabilities: addresses, bank accounts, custodians"),
    "verify": ("proof.verify", "check a report or a client's proof, alone or against a journal"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    add_acts(parser, ACTS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return run_act(arguments, output, ACTS)
