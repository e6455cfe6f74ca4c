"""`tarazy bank pages DIR`: receipts, payouts and statements as pages, on this machine alone.

The pages are imported when they are served, so that the other acts start without a web server.
"""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import port
from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.output import Output
from tarazy.journal.identity import load_identity

PORT = 8031


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    parser.add_argument("--port", type=port, default=PORT, metavar="P", help=f"port; 0 takes a free one ({PORT})")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve until a signal ends it."""
    from tarazy.console.banking.app import PREFIX, create_app
    from tarazy.console.banking.desk import BankPages
    from tarazy.platform.web.serving import ServeOptions, serve

    name = load_identity(arguments.directory).name

    def ready(url: str) -> None:
        output.say(f"the bank book of {name} at {url}{PREFIX}/; stop with Ctrl-C")
        output.result({"url": f"{url}{PREFIX}/"})

    with open_book(arguments) as book:
        desk = BankPages(name, book)
        serve(lambda: create_app(desk), ServeOptions(port=arguments.port, ready=ready))
    return 0
