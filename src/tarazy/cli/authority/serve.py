"""`tarazy authority serve DIR`: the public pages, and the officers' desk for this machine alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import port
from tarazy.cli.authority.arguments import DESK_KEY, add_folder, open_desk
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.facility.officers.key_files import load_key_file
from tarazy.oversight.listing.report import backtest_report

PORT = 8020


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_folder(parser)
    parser.add_argument("--port", type=port, default=PORT, metavar="P", help=f"port; 0 takes a free one ({PORT})")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="market data: show what the criteria would have done over the past"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve until a signal ends it."""
    from tarazy.console.authority.app import DESK, PUBLIC, create_app
    from tarazy.console.authority.services import AuthorityServices
    from tarazy.platform.web.serving import ServeOptions, serve

    desk = open_desk(arguments)  # its lock lives as long as the process
    desk_key = load_key_file(arguments.directory / DESK_KEY)
    if desk_key.public_key.hex() != desk.state.desk_key:
        found = f"another in {arguments.directory / DESK_KEY}"
        raise CliError(f"expected the desk's key {desk.state.desk_key[:16]} of the record, found {found}")
    backtest = backtest_report(arguments.data) if arguments.data else None
    services = AuthorityServices(desk, desk_key, backtest)

    def ready(url: str) -> None:
        output.say(f"{desk.state.title}: public pages at {url}{PUBLIC}/, the officers' desk at {url}{DESK}/")
        output.result({"url": f"{url}{PUBLIC}/", "desk": f"{url}{DESK}/", "acts": len(desk.record.lines)})

    serve(lambda: create_app(services), ServeOptions(port=arguments.port, ready=ready))
    return 0
