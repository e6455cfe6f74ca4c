"""`tarazy authority decide DIR N`: approve or decline a proposal of another officer."""

from __future__ import annotations

import argparse

from tarazy.authority.desk import APPROVE, DECLINE
from tarazy.cli.arguments import positive
from tarazy.cli.authority.arguments import add_folder, add_officer, open_desk, signer_of
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_folder(parser)
    parser.add_argument("proposal", type=positive, metavar="N", help="number of the proposal")
    parser.add_argument("--approve", action="store_true", help="let it take effect")
    parser.add_argument("--decline", action="store_true", help="let it have none")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="reason, which the record keeps")
    add_officer(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Decide it."""
    if arguments.approve == arguments.decline:
        raise CliError("expected one of --approve and --decline, found both or none")
    body = {"proposal": arguments.proposal, "reason": arguments.reason}
    with open_desk(arguments) as desk:
        found = desk.state.proposals.get(arguments.proposal)
        subject, act = found.subject if found else "", APPROVE if arguments.approve else DECLINE
        line = desk.act(arguments.officer, signer_of(arguments), act, subject, body)
        outcome = desk.state.proposals[arguments.proposal].outcome
    output.say(f"act {line.unsigned.number}: proposal {arguments.proposal} {outcome}")
    output.result({"act": line.plain(), "outcome": outcome})
    return 0
