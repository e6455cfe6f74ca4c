"""The end of `tarazy demo --serve`: the facility goes on, a made-up market trades on it, and programs may join.

Clients with API keys are new accounts; their keys are written to `clients.json` in the folder of the demonstration. In
a real facility nobody but a client has its secret.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyotp

from tarazy.cli.demo.demo_admission import confirm_papers, observed_balances
from tarazy.cli.demo.demo_authority import authority_beside, served_authority
from tarazy.cli.demo.house_acts import evidence
from tarazy.cli.engines import load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.facility.publishing import published
from tarazy.cli.facility.serve import open_app
from tarazy.cli.journal.seek import readable
from tarazy.cli.output import Output
from tarazy.console.disclosures.app import PREFIX as PUBLIC
from tarazy.console.trading.router import PREFIX
from tarazy.domain import records as r
from tarazy.domain.reject_codes import RejectCode
from tarazy.facility.accounts.api_keys import READ, TRADE, ApiKeyStore, api_keys_folder
from tarazy.facility.accounts.logins.configuration import LoginSection
from tarazy.facility.accounts.logins.logins import Logins
from tarazy.facility.accounts.logins.users import ADMINISTRATOR, CLIENT, OPERATIONS, UserStore
from tarazy.facility.configuration import GatewaySection
from tarazy.facility.gateway.app import GatewayApp
from tarazy.facility.sequencer.errors import SequencerError
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.keys import keys_folder
from tarazy.market_data.acting import Desk
from tarazy.market_data.live_market import LiveMarket
from tarazy.platform.storage.files import write_whole
from tarazy.platform.web.serving import ServeOptions, serve
from tarazy.spec.state import State

CLIENTS = ("trader", "trader", "trader", "market_maker")
MAKERS, TAKERS = 3, 3
BASE_UNITS, QUOTE_UNITS = 1_000, 100_000_000  # of the asset, for each account
MARKET_ID, COLLAR_PPM, CORRIDOR_PPM, AUCTION_MS = 1, 100_000, 50_000, 5_000
DAY_MS = 86_400_000
STEP_S = 0.25
CLIENTS_NAME, USERS_NAME = "clients.json", "users.json"


class LiveTrading:
    """Lets the made-up market trade as long as the facility serves."""

    def __init__(self, sequencer: Sequencer, market: LiveMarket, step_s: float = STEP_S) -> None:
        self._sequencer, self._market, self._step_s = sequencer, market, step_s
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End between two steps."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            commands = b"".join(command.pack() for command in self._market.step())
            with contextlib.suppress(SequencerError):
                await asyncio.wrap_future(self._sequencer.submit(commands, timeout_s=0))
            await asyncio.sleep(self._step_s)


def serve_demo(directory: Path, desk: Desk, engine_name: str, port: int, output: Output) -> int:
    """Open the facility of the demonstration again, set the live market up, and serve until Ctrl-C.

    Raises: CliError; ServeError where the port is taken.
    """
    section = GatewaySection(port=port)

    def ready(url: str) -> None:
        houses = stack.enter_context(served_authority(directory, f"{url}{PUBLIC}/"))  # which looks at these pages
        output.say(f"\nA market trades live on {url}/api/v3; Ctrl-C ends it", style="bold")
        output.say(f"  keys of funded accounts: {directory / CLIENTS_NAME}")
        output.say(f"  trade in a browser: {url}{PREFIX}/, logins with passwords and codes: {directory / USERS_NAME}")
        output.say(f"  what it publishes, lists and decided: {url}{PUBLIC}/")
        output.say(f"  the authority that licensed it: {houses.get('url', houses.get('error'))}")
        if "desk" in houses:
            output.say(f"  its officers' desk: {houses['desk']}, their keys: {authority_beside(directory)}")

    with ExitStack() as stack:

        def make_app() -> GatewayApp:
            sequencer = Sequencer.open(directory, load_engine(engine_name), accept_time_gap=True)
            stack.enter_context(published(sequencer, directory, output))
            first, market = set_up(sequencer, desk)
            write_clients(directory, first)
            write_users(directory, first)
            confirm_papers(directory, range(first, first + len(CLIENTS) + MAKERS + TAKERS))
            parts = [LiveTrading(sequencer, market)]
            return open_app(sequencer, directory, directory / "projections.sqlite3", section, output, stack, parts)

        serve(make_app, ServeOptions(host=section.host, port=section.port, ready=ready, websockets=True))
    output.say("stopped; everything that was acknowledged is in the record")
    return 0


def set_up(sequencer: Sequencer, desk: Desk) -> tuple[int, LiveMarket]:
    """Open and fund the accounts, set the market's rules and let it trade; return the first client's number."""
    state = readable(sequencer.engine).state
    first = len(state.accounts) + 1
    numbers = list(range(first, first + len(CLIENTS) + MAKERS + TAKERS))
    owner = max(account.owner_id for account in state.accounts) + 1
    instruct(sequencer, desk, [open_account(owner + at) for at in range(len(numbers))])
    instruct(sequencer, desk, deposits(state, numbers))
    instruct(sequencer, desk, observed_balances(readable(sequencer.engine).state))
    market = state.markets[MARKET_ID - 1]
    price = market.last_price_ticks or market.reference_price_ticks
    instruct(sequencer, desk, market_rules(state, price))
    makers = numbers[len(CLIENTS) : len(CLIENTS) + MAKERS]
    coin = 10 ** state.assets[market.base_asset_id - 1].scale
    unit_lots = max(1, coin // 100 // market.lot_size_minor)
    takers = numbers[len(CLIENTS) + MAKERS :]
    return first, LiveMarket(MARKET_ID, makers, takers, price, unit_lots, time.time_ns())


def open_account(owner_id: int) -> r.OpenAccount:
    """Return the command that opens a professional client's account."""
    salt = int.from_bytes(evidence(f"salt of owner {owner_id}")[:16], "little")
    return r.OpenAccount(r.ClientClass.professional, r.AccountRole.client, 0, owner_id=owner_id, leaf_salt=salt)


def deposits(state: State, numbers: Sequence[int]) -> list[Any]:
    """Return the commands that credit each account with both assets of the market."""
    market, commands = state.markets[MARKET_ID - 1], []
    now_ns = time.time_ns()
    for asset_id, units in ((market.base_asset_id, BASE_UNITS), (market.quote_asset_id, QUOTE_UNITS)):
        asset = state.assets[asset_id - 1]
        location = r.CustodyLocation.bank if asset.asset_kind == r.AssetKind.fiat else r.CustodyLocation.cold
        for number in numbers:
            terms = (number, asset_id, now_ns, units * 10**asset.scale, evidence(f"{number} {asset_id} {now_ns}"))
            commands.append(r.CreditDeposit(location, 0, *terms))
    return commands


def market_rules(state: State, price_ticks: int) -> list[Any]:
    """Return the commands that bring the market, whatever its state, to continuous trading under everyday rules."""
    market = state.markets[MARKET_ID - 1]
    rules = r.SetMarketRules(
        market_id=MARKET_ID,
        maker_fee_ppm=market.maker_fee_ppm,
        taker_fee_ppm=market.taker_fee_ppm,
        collar_ppm=COLLAR_PPM,
        corridor_ppm=CORRIDOR_PPM,
        auction_duration_ms=AUCTION_MS,
        quantity_max_lots=market.quantity_max_lots,
        notional_min_minor=10 ** state.assets[market.quote_asset_id - 1].scale,
        notional_max_minor=market.notional_max_minor,
    )
    horizon = r.SetParameter(
        r.ParameterTable.client_id_horizon_ms, parameter_value=DAY_MS, rulebook_hash=evidence("rulebook of the day")
    )
    trades = market.market_state == r.MarketState.continuous
    states = () if trades else (r.MarketState.pre_open, r.MarketState.continuous)
    return [
        rules,
        horizon,
        *(r.SetMarketState(each, market_id=MARKET_ID, reference_price_ticks=price_ticks) for each in states),
    ]


def instruct(sequencer: Sequencer, desk: Desk, commands: Sequence[Any]) -> None:
    """Let the two people sign commands and order them.

    Raises: CliError where the venue refuses one.
    """
    packed = b"".join(command.pack() for command in commands)
    signed, entry = desk.sign(packed, desk.people, time.time_ns(), known_seq=sequencer.engine.next_seq - 1)
    events = sequencer.execute(signed, instructions=entry)
    for at in range(0, len(events), r.RECORD_SIZE):
        if int.from_bytes(events[at : at + 2], "little") == r.EventKind.command_rejected:
            event = r.CommandRejected.unpack(events, at)
            kind, code = r.CommandKind(event.command_kind).name, RejectCode(event.reject_code).name
            raise CliError(f"the live market: expected {kind} to be done, found {code}")


def write_clients(directory: Path, first: int) -> None:
    """Make a key for each client and write them all to a file that its owner alone reads."""
    store = ApiKeyStore(api_keys_folder(keys_folder(directory)))
    try:
        clients = []
        for number, role in enumerate(CLIENTS, first):
            key, secret = store.create(number, (TRADE, READ), label=f"demonstration, {role}", by="demonstration")
            clients.append({"account": number, "api_key": key.key_id, "api_secret": secret, "role": role})
    finally:
        store.close()
    write_whole(directory / CLIENTS_NAME, (json.dumps(clients, indent=2) + "\n").encode(), 0o600)


def write_users(directory: Path, first: int) -> None:
    """Make a login for each client, and one for the operator's pages, and write how to log in.

    In a real facility a person chooses its password and reads its secret from the page; nobody else has either.
    """
    users = UserStore(api_keys_folder(keys_folder(directory)))
    try:
        logins = Logins(users, LoginSection())
        rows = [
            new_login(users, logins, f"{role}{number}", (number,), (CLIENT,))
            for number, role in enumerate(CLIENTS, first)
        ]
        rows.append(new_login(users, logins, f"operator{first}", (), (OPERATIONS, ADMINISTRATOR)))
    finally:
        users.close()
    write_whole(directory / USERS_NAME, (json.dumps(rows, indent=2) + "\n").encode(), 0o600)


def new_login(
    users: UserStore, logins: Logins, name: str, accounts: tuple[int, ...], roles: tuple[str, ...]
) -> dict[str, Any]:
    """Make a user, take up its invitation and set up its authenticator, as a person does on the pages."""
    user, invitation = users.create(name, accounts, roles, 1, "demonstration")
    password = secrets.token_urlsafe(12)
    logins.accept(name, invitation, password, "demonstration")
    secret = users.begin_authenticator(user)
    invited = users.numbered(user.number) or user
    code = pyotp.TOTP(secret).at(int(users.clock()))
    codes = logins.set_authenticator(invited, code, "demonstration")
    return {
        "user": name,
        "password": password,
        "one_time_secret": secret,
        "spare_codes": codes,
        "accounts": list(accounts),
        "roles": list(roles),
    }
