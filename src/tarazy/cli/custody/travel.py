"""`tarazy custody travel DIR`: travel data of transfers, in and out."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import digest, positive
from tarazy.cli.custody.desk import actor_of, add_actor, add_desk, open_store
from tarazy.cli.errors import CliError
from tarazy.cli.facility.instruct_draft import read_json
from tarazy.cli.output import Output
from tarazy.facility.custody.travel_data import FULL, SHORT, missing, read_travel_data
from tarazy.facility.custody.travel_messages import IN, OUT, answer, keep_message, messages, send_to_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--receive", type=Path, metavar="FILE", help="data that came with an arrival, as JSON")
    chosen.add_argument("--attach", type=Path, metavar="FILE", help="data of a withdrawal that came in at the gateway")
    chosen.add_argument("--send", type=Path, metavar="FOLDER", help="write what waits to be sent, one file each")
    chosen.add_argument("--accept", type=positive, metavar="N", help="the other provider accepted message N")
    chosen.add_argument("--refuse", type=positive, metavar="N", help="the other provider refused message N")
    chosen.add_argument("--of", metavar="REFERENCE", help="list the messages of a request or of an arrival")
    parser.add_argument("--arrival", type=digest, metavar="EVIDENCE", help="the arrival's evidence, with --receive")
    parser.add_argument("--request", type=positive, metavar="N", help="the request's number, with --attach")
    parser.add_argument("--provider", default="", metavar="ID", help="the other provider; none: self-hosted")
    add_actor(parser, needed=False)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act on messages."""
    with open_store(arguments) as store:
        found = []
        if arguments.receive is not None or arguments.attach is not None:
            is_in = arguments.receive is not None
            reference = arguments.arrival.hex() if is_in and arguments.arrival else str(arguments.request or "")
            if not reference or (arguments.arrival is None) == is_in:
                raise CliError("expected --arrival with --receive, or --request with --attach, found another choice")
            data = read_travel_data(read_json(arguments.receive or arguments.attach))
            set_name = SHORT if missing(data, FULL) else FULL
            lacking = missing(data, SHORT)
            if lacking:
                raise CliError(f"expected travel data with {', '.join(lacking)}, found none")
            found = [keep_message(store, IN if is_in else OUT, reference, arguments.provider, set_name, data)]
        elif arguments.send is not None:
            found = send_to_folder(store, arguments.send)
        elif arguments.of is not None:
            found = [*messages(store, IN, arguments.of), *messages(store, OUT, arguments.of)]
        else:
            state = "accepted" if arguments.accept else "refused"
            answer(store, actor_of(arguments), arguments.accept or arguments.refuse, state)
    for each in found:
        output.say(f"message {each.message} {each.direction}, {each.reference}: {each.data_set} set, {each.state}")
    output.result({"messages": [each._asdict() for each in found]})
    return 0
