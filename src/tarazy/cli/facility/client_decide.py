"""`tarazy facility client decide DIR CLIENT STATE --reason TEXT`, or `decide DIR --confirm N` as the second officer."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.client_desk import actor_of, add_actor, add_desk, documents_of, open_register
from tarazy.cli.output import Output
from tarazy.facility.accounts.clients import parties_of
from tarazy.facility.accounts.decisions import FROM, DecisionRow, confirm_state, decide
from tarazy.facility.accounts.parties import prolong_papers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("client", type=positive, nargs="?", metavar="CLIENT", help="number of the client")
    parser.add_argument("state", choices=FROM, nargs="?", metavar="STATE", help=f"one of {', '.join(FROM)}")
    parser.add_argument("--reason", metavar="TEXT", help="why")
    parser.add_argument("--confirm", type=positive, metavar="N", help="number of the decision to confirm")
    add_actor(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Make one decision, or confirm one."""
    asks = (arguments.client, arguments.state, arguments.reason)
    if (arguments.confirm is None) == (None in asks) or (arguments.confirm is not None and any(asks)):
        raise CliError("expected CLIENT, STATE and --reason, or --confirm N alone, found another choice of them")
    actor = actor_of(arguments)
    with open_register(arguments) as register:
        if arguments.confirm is not None:
            row = confirm_state(register, actor, arguments.confirm)
        else:
            row = decide(register, actor, *asks)
        if row.standing == "done":
            prolong_papers(register, documents_of(arguments), actor, parties_of(register, row.client))
    tell(output, row)
    return 0


def tell(output: Output, row: DecisionRow) -> None:
    """Say what became of a decision, and what comes next."""
    output.say(f"decision {row.decision} on client {row.client}: {row.kind} {row.value}, {row.standing}")
    if row.standing == "proposed":
        output.say("  another officer confirms it with --confirm")
    else:
        output.say(f"  tell the record with: tarazy facility client draft DIR FILE --client {row.client}")
    output.result({"decision": row.plain()})
