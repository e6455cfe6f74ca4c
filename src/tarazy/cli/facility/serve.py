"""`tarazy facility serve DIR`: the writer and the gateway of a facility in one process, its read models beside it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from fastapi import APIRouter

from tarazy.cli.arguments import port
from tarazy.cli.config.arguments import add_facility, configuration, facility_folder, given
from tarazy.cli.engines import CHOICES, fastest, load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.facility.fix import FixPart, fix_tls
from tarazy.cli.facility.publishing import published
from tarazy.cli.output import Output
from tarazy.console.disclosures.app import public_pages
from tarazy.console.disclosures.services import PublicServices
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.router import PREFIX, trading_pages
from tarazy.facility.accounts.api_keys import ApiKeyStore, api_keys_folder
from tarazy.facility.accounts.errors import AccountsError
from tarazy.facility.accounts.front_desk import FrontDesk
from tarazy.facility.accounts.logins.configuration import LoginSection
from tarazy.facility.accounts.logins.logins import Logins
from tarazy.facility.accounts.logins.passkeys import Passkeys
from tarazy.facility.accounts.logins.users import UserStore
from tarazy.facility.accounts.parameters import DatedParameters, load_parameters
from tarazy.facility.admission.view import AdmissionView
from tarazy.facility.banking.book import PARAMETERS as BANK_PARAMETERS
from tarazy.facility.configuration import GATEWAY_PORT, GatewaySection
from tarazy.facility.database.errors import DatabaseError
from tarazy.facility.feeds.api.routes import api_route, listen_key_endpoints
from tarazy.facility.feeds.configuration import FeedsSection
from tarazy.facility.feeds.routes import StreamRoutes
from tarazy.facility.feeds.service import Feeds
from tarazy.facility.gateway.app import GatewayApp, GatewayOptions, create_app
from tarazy.facility.gateway.fix.server import FixServer
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.instructions import FollowedDrafts
from tarazy.facility.gateway.limits import limit_set
from tarazy.facility.gateway.read_models import ReadModels
from tarazy.facility.officers.draft_folder import DraftFolder
from tarazy.facility.officers.errors import DraftError
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.facility.statements.tax_prices import TaxPrices
from tarazy.journal.identity import load_identity
from tarazy.journal.keys import keys_folder
from tarazy.platform.jobs.parts import RunningPart
from tarazy.platform.web.mounting import Mounted
from tarazy.platform.web.serving import ServeOptions, serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_facility(parser)
    parser.add_argument("--host", metavar="H", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=port, metavar="P", help=f"port; 0 takes a free one ({GATEWAY_PORT})")
    parser.add_argument(
        "--fix-port", type=port, metavar="P", help="also serve FIX orders and drop copies; 0: a free port"
    )
    parser.add_argument("--fix-market-data-port", type=port, metavar="P", help="also serve FIX market data")
    parser.add_argument("--engine", choices=CHOICES, help="default: core where it is built, else spec")
    parser.add_argument("--sql", metavar="DATABASE", help="read models: a file, or postgresql://USER@HOST:PORT/NAME")
    parser.add_argument(
        "--drafts", type=Path, metavar="FOLDER", help="hand in complete drafts of instructions in this folder"
    )
    parser.add_argument("--allow-host", action="append", metavar="NAME", help="name by which it is asked")
    parser.add_argument("--accept-time-gap", action="store_true", help="go on though the last command is long ago")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve until a signal ends it."""
    config = configuration(arguments)
    directory, facility = facility_folder(arguments, config), config.facility
    hosts = tuple(arguments.allow_host) if arguments.allow_host else None
    over = given(host=arguments.host, port=arguments.port, hosts=hosts, drafts=arguments.drafts)
    section: GatewaySection = facility.gateway.model_copy(update=over)
    fix_over = given(port=arguments.fix_port, market_data_port=arguments.fix_market_data_port)
    fix_section = section.fix.model_copy(update=fix_over)
    tls = fix_tls(fix_section)
    identity = load_identity(directory)
    if facility.stream.url is not None:
        raise CliError("facility.stream: expected a record in local files, found a replicated log; serve has none yet")
    engine = load_engine(arguments.engine or facility.engine or fastest())
    target = arguments.sql or config.projections.place() or directory / "projections.sqlite3"

    options = facility.sequencer.options()
    options["accept_time_gap"] = arguments.accept_time_gap

    fix: list[FixServer] = []

    def ready(url: str) -> None:
        output.say(f"{identity.name} serves {url}/api/v3, pages at {url}{PREFIX}/; stop with Ctrl-C", style="bold")
        found = {"url": url, "facility": identity.name, "directory": str(directory)}
        addresses = fix[0].addresses if fix else {}
        for name, address in addresses.items():
            output.say(f"FIX 4.4, {name.replace('_', ' ')}: {address}")
        output.result(found | ({"fix": addresses} if addresses else {}))

    with ExitStack() as stack:

        def make_app() -> GatewayApp:
            sequencer = Sequencer.open(directory, engine, **options)
            stack.enter_context(published(sequencer, directory, output))
            part, limits, logins = FixPart(fix_section, tls, fix), facility.feeds, facility.logins
            return open_app(
                sequencer, directory, target, section, output, stack, limits=limits, logins=logins, fix=part
            )

        serve(make_app, ServeOptions(host=section.host, port=section.port, ready=ready, websockets=True))
    output.say("stopped; everything that was acknowledged is in the record")
    return 0


def open_app(
    sequencer: Sequencer,
    directory: Path,
    target: str | Path,
    section: GatewaySection,
    output: Output,
    stack: ExitStack,
    parts: Sequence[RunningPart] = (),
    limits: FeedsSection | None = None,
    logins: LoginSection | None = None,
    fix: FixPart | None = None,
) -> GatewayApp:
    """Return the application over an open sequencer, with read models and feeds that have caught up.

    `parts` run with it; `limits` are those of the feeds, `logins` those of people at the pages; `fix` says what is
    served by FIX.
    Raises: CliError for a database that cannot be used.
    """
    keys = ApiKeyStore(api_keys_folder(keys_folder(directory)))
    stack.callback(keys.close)
    feeds = Feeds(sequencer, directory, limits or FeedsSection(), hosts=section.hosts)
    try:
        models = ReadModels(directory, target, feeds.views.venue, feeds.reaching)
        with output.progress() as bar:
            task = bar.add_task("read models", total=None)
            models.catch_up(lambda commands: bar.update(task, completed=commands))
    except DatabaseError as error:
        raise CliError(str(error)) from error
    stack.callback(models.close)
    fix_server = fix.made(feeds, directory) if fix is not None else None
    with output.progress() as bar:
        task = bar.add_task("feeds", total=None)
        feeds.catch_up(lambda commands: bar.update(task, completed=commands))
    limits_of_clients = limit_set(
        section.weight_per_minute,
        section.orders_per_ten_seconds,
        section.orders_per_day,
        section.requests_per_five_minutes,
    )
    waiting_max = section.waiting_commands_max
    gateway = Gateway(
        sequencer,
        models,
        feeds.views,
        feeds.reaching,
        keys,
        limits=limits_of_clients,
        waiting_max=waiting_max,
        disclosures=section.disclosures,
        tax_prices=read_tax_prices(section.tax_prices),
        bank_parameters=read_bank_parameters(section.bank_parameters),
        admission=AdmissionView(directory, load_identity(directory).facility_id),
    )
    gateway.heard = feeds.heard
    if section.drafts is not None:
        parts = [*parts, followed_drafts(gateway, section.drafts)]
    streams = StreamRoutes(feeds).mounted(api_route(feeds, gateway))
    pages = trading_pages(open_desk(directory, gateway, feeds, keys, logins or LoginSection(), stack))
    mounted = [streams, pages]
    if gateway.admission is not None:  # its pages answer from the moment at which there is a desk
        mounted.append(public_pages(PublicServices(gateway.identity.name, gateway.admission)))
    if fix_server is not None:  # behind the feeds, which tell it what happens
        fix_server.gateway = gateway
        mounted.append(Mounted("", APIRouter(), (fix_server,)))
    log = directory.with_name(f"{directory.name}.log") / "access.jsonl" if section.log_requests else None
    options = GatewayOptions(section.hosts, log, f"{PREFIX}/")
    return create_app(gateway, options, endpoints=listen_key_endpoints(feeds), mounted=mounted, parts=parts)


def open_desk(
    directory: Path, gateway: Gateway, feeds: Feeds, keys: ApiKeyStore, section: LoginSection, stack: ExitStack
) -> TradingDesk:
    """Return what the pages ask of the facility; its users lie beside its API keys."""
    users = UserStore(api_keys_folder(keys_folder(directory)))
    stack.callback(users.close)
    front = FrontDesk(api_keys_folder(keys_folder(directory)))
    stack.callback(front.close)
    logins, name = Logins(users, section), load_identity(directory).name
    return TradingDesk(name, gateway, feeds, logins, Passkeys(logins, name), keys, front)


def read_tax_prices(path: Path | None) -> TaxPrices | None:
    """Return the imported prices for tax, None where none are configured.

    Raises: CliError for a file that is none.
    """
    try:
        return TaxPrices(path) if path is not None else None
    except AccountsError as error:
        raise CliError(str(error)) from error


def read_bank_parameters(path: Path | None) -> DatedParameters:
    """Return the dated parameters of the bank rails.

    Raises: CliError for a file that holds none.
    """
    try:
        return load_parameters(path or BANK_PARAMETERS)
    except (AccountsError, OSError) as error:
        raise CliError(str(error)) from error


def followed_drafts(gateway: Gateway, folder: Path) -> FollowedDrafts:
    """Return what follows a folder of drafts.

    Raises: CliError where it is none.
    """
    drafts = DraftFolder(folder, gateway.identity.facility_id)
    try:
        drafts.all()
    except DraftError as error:
        raise CliError(str(error)) from error
    return FollowedDrafts(gateway.instructions, drafts)
