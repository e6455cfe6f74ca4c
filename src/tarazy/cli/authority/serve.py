"""`tarazy authority serve DIR`: the public pages, and the officers' desk for this machine alone."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from tarazy.authority.desk import DESK as DESK_NUMBER
from tarazy.authority.desk import AuthorityDesk
from tarazy.authority.licensing.statements import COMPARED, compare_site, fetch_json, to_compare
from tarazy.authority.portal.store import PortalStore
from tarazy.cli.arguments import port
from tarazy.cli.authority.arguments import DESK_KEY, add_folder, open_desk
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.domain.signer import Signer
from tarazy.facility.officers.key_files import load_key_file
from tarazy.oversight.listing.report import backtest_report
from tarazy.platform.jobs.schedules import Schedule, Schedules
from tarazy.rulebook.facts import FactSet

PORT = 8020
COMPARE_S = 10.0  # between looks; each licensee is asked once a day


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_folder(parser)
    parser.add_argument("--port", type=port, default=PORT, metavar="P", help=f"port; 0 takes a free one ({PORT})")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="market data: show what the criteria would have done over the past"
    )
    parser.add_argument(
        "--facts",
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="a licensee and the folder of its record's fact tables (`tarazy rules facts`); repeat it",
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve until a signal ends it."""
    from tarazy.console.authority.app import DESK, PUBLIC, create_app
    from tarazy.console.authority.portal.address import APPLY
    from tarazy.console.authority.services import AuthorityServices
    from tarazy.platform.web.serving import ServeOptions, serve

    desk = open_desk(arguments)  # its lock lives as long as the process
    desk_key = load_key_file(arguments.directory / DESK_KEY)
    if desk_key.public_key.hex() != desk.state.desk_key:
        found = f"another in {arguments.directory / DESK_KEY}"
        raise CliError(f"expected the desk's key {desk.state.desk_key[:16]} of the record, found {found}")
    backtest = backtest_report(arguments.data) if arguments.data else None
    services = AuthorityServices(desk, desk_key, backtest, recorded=recorded_facts(desk, arguments.facts))
    services.portal = PortalStore(arguments.directory)
    parts = (daily_compare(desk, desk_key),)
    services.warm()

    def ready(url: str) -> None:
        output.say(f"{desk.state.title}: public pages at {url}{PUBLIC}/, the officers' desk at {url}{DESK}/")
        output.say(f"  applicants file at {url}{APPLY}/")
        output.result(
            {
                "url": f"{url}{PUBLIC}/",
                "desk": f"{url}{DESK}/",
                "apply": f"{url}{APPLY}/",
                "acts": len(desk.record.lines),
            }
        )

    serve(lambda: create_app(services, parts), ServeOptions(port=arguments.port, ready=ready))
    return 0


def daily_compare(desk: AuthorityDesk, desk_key: Signer) -> Schedules:
    """Return what compares licensees' public pages with the register, each once a day."""

    async def compare() -> None:
        for name in to_compare(desk.state, desk.now()[:10]):
            body = await asyncio.to_thread(compare_site, desk.state.licences[name], desk.now()[:10], fetch_json)
            await asyncio.to_thread(desk.act, DESK_NUMBER, desk_key, COMPARED, name, body)

    return Schedules((Schedule("statements", COMPARE_S, compare),))


def recorded_facts(desk: AuthorityDesk, texts: list[str]) -> dict[str, FactSet]:
    """Return the facts of licensees' records, by name; several folders of one join, as of quarters.

    Raises: CliError, StorageError.
    """
    found: dict[str, FactSet] = {}
    if not texts:
        return found
    from tarazy.oversight.facts.stored_facts import load_stored

    for text in texts:
        name, _, folder = text.partition("=")
        if name not in desk.state.licences or not folder:
            raise CliError(f"--facts: expected NAME=DIR with a name of the register, found {text[:80]!r}")
        facts = found.setdefault(name, FactSet())
        for fact in load_stored(Path(folder)).facts:
            facts.add(fact)
    return found
