"""`tarazy facility client classify DIR CLIENT CLASS --reason TEXT`, or `classify DIR --confirm N`."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.client_decide import tell
from tarazy.cli.facility.client_desk import actor_of, add_actor, add_desk, open_register
from tarazy.cli.output import Output
from tarazy.facility.accounts.classification import CLASSES, ClassEvidence, classify, confirm_class


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("client", type=positive, nargs="?", metavar="CLIENT", help="number of the client")
    parser.add_argument("class_", choices=CLASSES, nargs="?", metavar="CLASS", help=f"one of {', '.join(CLASSES)}")
    parser.add_argument("--reason", metavar="TEXT", help="why")
    parser.add_argument("--net-assets", type=positive, default=0, metavar="USD", help="net assets in whole dollars")
    parser.add_argument("--work-months", type=positive, default=0, metavar="N", help="months in a regulated firm")
    parser.add_argument("--assessed", action="store_true", help="knowledge and experience were assessed as enough")
    parser.add_argument("--confirm", type=positive, metavar="N", help="number of the decision to confirm")
    add_actor(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Propose one class, or confirm one."""
    asks = (arguments.client, arguments.class_, arguments.reason)
    if (arguments.confirm is None) == (None in asks) or (arguments.confirm is not None and any(asks)):
        raise CliError("expected CLIENT, CLASS and --reason, or --confirm N alone, found another choice of them")
    actor = actor_of(arguments)
    evidence = ClassEvidence(arguments.net_assets, arguments.work_months, arguments.assessed)
    with open_register(arguments) as register:
        if arguments.confirm is not None:
            row = confirm_class(register, actor, arguments.confirm)
        else:
            row = classify(register, actor, *asks, evidence)
    tell(output, row)
    return 0
