"""The traders' section as one router: its addresses, its WebSocket stream, its static files."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from tarazy.console.layout.page_layout import ConsoleSection, PageError
from tarazy.console.trading import acts
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.pages import disclosures, keys, login, market, operator, rights, security, statement, wallet
from tarazy.console.trading.refusal_words import grouped
from tarazy.console.trading.routing import ANYBODY, STAFF, TradingRoute, TradingRoutes
from tarazy.console.trading.visit import COOKIE, own_account
from tarazy.facility.feeds.person_streams import serve_person
from tarazy.platform.web.mounting import Mounted

PREFIX = "/trade"
STREAMS_MAX = 20
PAGE_LINKS = (
    ("home", "Trade"),
    ("wallet", "Wallet"),
    ("statement", "Statement"),
    ("keys", "API keys"),
    ("rights", "Your rights"),
    ("disclosures", "Disclosures"),
)
STAFF_LINKS = (("accounts", "Accounts"), ("markets", "Markets"), ("health", "Health"))
SECTION = ConsoleSection(
    "trading",
    "Trade",
    "home",
    (),
    Path(__file__).parent / "templates",
    filters={"grouped": grouped},
    globals={"page_links": PAGE_LINKS, "staff_links": STAFF_LINKS},
)
ROUTES = (
    TradingRoute("home", "/", market.home),
    TradingRoute("login", "/login", login.show, who=ANYBODY),
    TradingRoute("log_in", "/login", login.log_in, "POST", who=ANYBODY),
    TradingRoute("passkey_challenge", "/login/passkey-challenge", login.passkey_challenge, "POST", who=ANYBODY),
    TradingRoute("passkey_log_in", "/login/passkey", login.passkey_log_in, "POST", who=ANYBODY),
    TradingRoute("log_out", "/logout", login.log_out, "POST"),
    TradingRoute("invitation", "/invitation", login.invitation, who=ANYBODY),
    TradingRoute("accept", "/invitation", login.accept, "POST", who=ANYBODY),
    TradingRoute("recovery", "/recovery", login.recovery, who=ANYBODY),
    TradingRoute("ask_recovery", "/recovery", login.ask_recovery, "POST", who=ANYBODY),
    TradingRoute("security", "/security", security.show),
    TradingRoute("change_password", "/security/password", security.change_password, "POST"),
    TradingRoute("renew_spare_codes", "/security/spare-codes", security.renew_spare_codes, "POST"),
    TradingRoute("second_factor", "/security/second-factor", security.second_factor, has_twin=False),
    TradingRoute("set_second_factor", "/security/second-factor", security.set_second_factor, "POST"),
    TradingRoute("passkey_options", "/security/passkey-options", security.passkey_options, "POST"),
    TradingRoute("passkey_add", "/security/passkey", security.passkey_add, "POST"),
    TradingRoute("sign_up", "/sign-up", rights.sign_up, who=ANYBODY),
    TradingRoute("ask_to_sign_up", "/sign-up", rights.ask_to_sign_up, "POST", who=ANYBODY),
    TradingRoute("accounts", "/operator/accounts", operator.accounts, who=STAFF),
    TradingRoute("markets", "/operator/markets", operator.markets, who=STAFF),
    TradingRoute("health", "/operator/health", operator.health, who=STAFF),
    TradingRoute("wallet", "/{account}/wallet", wallet.show),
    TradingRoute("withdraw", "/{account}/wallet", wallet.withdraw, "POST"),
    TradingRoute("statement", "/{account}/statement", statement.show),
    TradingRoute("download", "/{account}/statement/{form}", statement.download, has_twin=False),
    TradingRoute("keys", "/{account}/keys", keys.show),
    TradingRoute("make_key", "/{account}/keys", keys.make, "POST"),
    TradingRoute("revoke_key", "/{account}/keys/revoke", keys.revoke, "POST"),
    TradingRoute("rights", "/{account}/rights", rights.show),
    TradingRoute("complain", "/{account}/rights", rights.complain, "POST"),
    TradingRoute("disclosures", "/{account}/disclosures", disclosures.show),
    TradingRoute("confirm_disclosures", "/{account}/disclosures", disclosures.confirm, "POST"),
    TradingRoute("begin_test", "/{account}/test/begin", rights.begin, "POST"),
    TradingRoute("test", "/{account}/test", rights.test),
    TradingRoute("answer_test", "/{account}/test", rights.answer, "POST"),
    TradingRoute("market", "/{account}/market/{symbol}", market.show),
    TradingRoute("own", "/{account}/market/{symbol}/own", market.own, has_twin=False),
    TradingRoute("act", "/{account}/act/{act}", acts.act, "POST"),
)


def trading_pages(desk: TradingDesk) -> Mounted:
    """Return the section; the verb that serves hands it in."""
    router = TradingRoutes(SECTION, desk).router(ROUTES)

    async def stream(socket: WebSocket) -> None:
        """Serve the stream of a page to who is logged in, from our own page (`Feeds.connect` looks at the origin)."""
        token = socket.cookies.get(COOKIE, "")
        user = desk.logins.find(token)
        symbol = desk.symbol(socket.path_params["symbol"])
        try:
            account_id = own_account(desk, user, socket.path_params["account"], "en") if user is not None else 0
        except PageError:
            account_id = 0
        if user is None or symbol is None or not account_id or not user.has_second_factor:
            await socket.close()  # before it is accepted: 403
            return

        def is_valid() -> bool:
            return desk.logins.find(token, is_use=False) is not None

        streams = socket.query_params.get("streams", "").split("/")[:STREAMS_MAX]
        await serve_person(desk.feeds, socket, account_id, symbol.name, [each for each in streams if each], is_valid)

    router.routes.append(WebSocketRoute("/{account}/stream/{symbol}", stream))
    return Mounted(PREFIX, router)
