"""Who looks at a page: the person of the session, in which language, at which account."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from tarazy.console.layout.language_choice import language_asked
from tarazy.console.layout.page_layout import PageError
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.messages import Translate, translator
from tarazy.facility.accounts.logins.passkeys import Place
from tarazy.facility.accounts.logins.users import CLIENT, DEALING, WebUser
from tarazy.platform.web.middleware import network

COOKIE = "tarazy_trader"
ACTING = frozenset({CLIENT, DEALING})


@dataclass(frozen=True, slots=True)
class Visit:
    """One request as pages see it. `user` None: nobody is logged in; `account_id` 0: the page is of no account."""

    language: str
    network: str
    address: str
    place: Place
    token: str = ""
    user: WebUser | None = None
    account_id: int = 0

    @property
    def words(self) -> Translate:
        """Return what puts texts into the visitor's language."""
        return translator(self.language)

    @property
    def person(self) -> WebUser:
        """Return who is logged in; pages of this kind are shown to nobody else."""
        if self.user is None:
            raise PageError(401, self.words("Log in"), self.words("Your session is over. Log in again."))
        return self.user

    def require_acting(self) -> None:
        """Raise PageError for a login that may look at an account and not act for it."""
        if not self.person.roles & ACTING:
            raise PageError(403, self.words("Not allowed"), self.words("This login may look and not trade."))


def visit_of(desk: TradingDesk, request: Request) -> Visit:
    """Return the visit of a request; an account is there only where it is the person's own.

    Raises: PageError for an account of others.
    """
    language = language_asked(request)
    address = request.client.host if request.client else "unknown"
    host = request.headers.get("host", "")
    name = host.partition(":")[0].lower()
    place = Place(name, f"{request.url.scheme}://{host}")
    token = request.cookies.get(COOKIE, "")
    user = desk.logins.find(token)
    account_id = 0
    given = request.path_params.get("account")
    if user is not None and given is not None:
        account_id = own_account(desk, user, str(given), language)
    return Visit(language, network(address), address, place, token, user, account_id)


def own_account(desk: TradingDesk, user: WebUser, text: str, language: str) -> int:
    """Return an account that a person named, if it is one of its own.

    Raises: PageError, the same for an account of others and for one that nobody has.
    """
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if number not in desk.account_ids(user):
        words = translator(language)
        raise PageError(404, words("No such account"), words("None of your accounts has this number."))
    return number
