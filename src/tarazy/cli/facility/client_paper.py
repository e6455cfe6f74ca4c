"""`tarazy facility client paper DIR PARTY NAME=FILE ...`: keep files as papers of a party."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.client_desk import actor_of, add_actor, add_desk, documents_of, open_register
from tarazy.cli.output import Output
from tarazy.facility.accounts.parties import add_paper


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("party", type=positive, metavar="PARTY", help="number of the party")
    parser.add_argument("papers", nargs="+", metavar="NAME=FILE", help="such as identity=passport.pdf")
    add_actor(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Keep the papers, one after the other."""
    pairs = [text.partition("=") for text in arguments.papers]
    for name, equals, file in pairs:
        if not equals or not name or not file:
            raise CliError(f"expected NAME=FILE, found {name}{equals}{file}")
    actor, documents = actor_of(arguments), documents_of(arguments)
    found = []
    with open_register(arguments) as register:
        for name, _, file in pairs:
            digest = add_paper(register, documents, actor, arguments.party, name, Path(file))
            found.append({"paper": name, "sha256": digest})
            output.say(f"{digest}  {name}")
    output.result({"party": arguments.party, "papers": found})
    return 0
