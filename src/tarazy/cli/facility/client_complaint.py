"""`tarazy facility client complaint DIR [--new CLIENT | --acknowledge N | --answer N]`: complaints and their clocks."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import positive
from tarazy.cli.documents.arguments import day
from tarazy.cli.facility.client_desk import actor_of, add_actor, add_desk, open_register
from tarazy.cli.output import Output
from tarazy.facility.accounts.complaints import acknowledge, answer, complaints, new_complaint


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--new", type=positive, metavar="CLIENT", help="take a complaint of a client in")
    chosen.add_argument("--acknowledge", type=positive, metavar="N", help="the client was told who handles it")
    chosen.add_argument("--answer", type=positive, metavar="N", help="the client was answered")
    chosen.add_argument("--all", action="store_true", help="list all, not only those without an answer")
    parser.add_argument("--received", type=day, metavar="DAY", help="the day on which it came (today)")
    parser.add_argument("--text", default="", metavar="TEXT", help="what is complained of, or what the answer was")
    add_actor(parser, needed=False)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one step, or list complaints; exit code 1 where a clock of those listed ran out."""
    with open_register(arguments) as register:
        today = register.today
        if arguments.new is not None:
            rows = [new_complaint(register, actor_of(arguments), arguments.new, arguments.text, arguments.received)]
        elif arguments.acknowledge is not None:
            rows = [acknowledge(register, actor_of(arguments), arguments.acknowledge)]
        elif arguments.answer is not None:
            rows = [answer(register, actor_of(arguments), arguments.answer, arguments.text)]
        else:
            rows = complaints(register, is_open=not arguments.all)
    for row in rows:
        late = f"; LATE: {', '.join(row.late(today))}" if row.late(today) else ""
        output.say(f"complaint {row.complaint} of client {row.client}, received {row.received}: {row.subject}")
        output.say(f"  acknowledge by {row.acknowledge_by}, answer by {row.answer_by}{late}")
    output.result({"complaints": [row.plain(today) for row in rows]})
    return 1 if any(row.late(today) for row in rows) else 0
