"""`tarazy facility client ACT DIR`: the register of clients beside a facility's record."""

from __future__ import annotations

import argparse

from tarazy.cli.acts import add_acts, run_act
from tarazy.cli.output import Output

ACTS = {
    "new": ("facility.client_new", "enter a client, an owner of a company or a payer"),
    "paper": ("facility.client_paper", "keep files as papers of a party, by their hashes"),
    "show": ("facility.client_show", "tell what the register knows of a client, and what stands against its approval"),
    "list": ("facility.client_list", "list clients, classes to be reviewed, or the trail of acts after checking it"),
    "decide": ("facility.client_decide", "bring a client to a state, or confirm what another officer proposed"),
    "classify": ("facility.client_classify", "propose or confirm a client's class"),
    "test": ("facility.client_test", "draw a paper of the test of knowledge, mark it, lift the cap for a pass"),
    "screen": ("facility.client_screen", "take lists in, compare everybody with them, end hits"),
    "complaint": ("facility.client_complaint", "take complaints in, acknowledge and answer them, show their clocks"),
    "draft": ("facility.client_draft", "draft the instruction that tells the record of a decision, or of the cap"),
}
DEST = "client_act"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    add_acts(parser, ACTS, DEST)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return run_act(arguments, output, ACTS, DEST)
