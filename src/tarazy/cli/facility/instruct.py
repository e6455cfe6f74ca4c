"""`tarazy instruct ACT`: an instruction's way from draft to record. Between the acts it is a file."""

from __future__ import annotations

import argparse

from tarazy.cli.acts import add_acts, run_act
from tarazy.cli.output import Output

ACTS = {
    "draft": ("facility.instruct_draft", "write commands into a new draft, for the officers who are to sign it"),
    "show": (
        "facility.instruct_show",
        "tell in words what a signature on a draft would do, and the digest of its bytes",
    ),
    "sign": ("facility.instruct_sign", "add one officer's signature to a draft"),
    "serve": ("facility.instruct_serve", "show the drafts that wait for a signature, and sign them in the browser"),
    "submit": ("facility.instruct_submit", "hand a complete draft to the facility and tell what came of every command"),
    "kill": ("facility.instruct_kill", "stop a market, the venue, an account or a session at once, as one officer"),
    "status": ("facility.instruct_status", "tell what a draft still waits for, and what the record says of it"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    add_acts(parser, ACTS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return run_act(arguments, output, ACTS)
