"""`tarazy bank ACT`: statements of banks read and kept, receipts matched to clients, payouts sent and followed."""

from __future__ import annotations

import argparse

from tarazy.cli.acts import add_acts, run_act
from tarazy.cli.output import Output

ACTS = {
    "read": ("bank.read", "read a file of a bank (camt.052, camt.053, camt.054, MT940) and check what it says"),
    "account": ("bank.account", "enter an account at a bank, as client money or as the house's"),
    "payer": ("bank.payer", "enter a client as a payer: its reference, names and own accounts"),
    "import": ("bank.imports", "take statements into the bank book, idempotent"),
    "items": ("bank.items", "list what came in: whose it is, what waits, until when it must go back"),
    "match": ("bank.match", "match what waits, or give an item to a client by an officer's word"),
    "hold": ("bank.hold", "list statements that are held; release one as two officers, or refuse it"),
    "commands": ("bank.commands", "write what the record lacks as commands for an instruction"),
    "follow": ("bank.follow", "read in the record what became of receipts"),
    "return": ("bank.returns", "ask the record to send money that nobody claims back to who paid it"),
    "pay": (
        "bank.pay",
        "propose the payment of an approved withdrawal, approve it as the second, take it back",
    ),
    "payouts": ("bank.payouts", "list payouts, and those that are not booked in time"),
    "send": ("bank.send", "write approved payouts as pain.001 and hand them to the bank's folder"),
    "poll": ("bank.poll", "take statements and reports of payments from the bank's folder"),
    "pages": ("bank.pages", "receipts, payouts and statements in the browser, on this machine alone"),
    "pack": ("bank.pack", "write what a bank may ask of a provider about client money"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    add_acts(parser, ACTS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return run_act(arguments, output, ACTS)
