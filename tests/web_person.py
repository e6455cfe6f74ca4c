"""People at a facility's pages, for tests: users with an authenticator, and a client that logs in as a browser does."""

from __future__ import annotations

import re
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pyotp

from tarazy.facility.accounts.api_keys import api_keys_folder
from tarazy.facility.accounts.logins.configuration import LoginSection
from tarazy.facility.accounts.logins.logins import Logins
from tarazy.facility.accounts.logins.users import UserStore
from tarazy.journal.keys import keys_folder

PASSWORD = "a fine long sentence"
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')
CLIENT = ("client",)


class WebPerson:
    """Somebody who has set everything up; each login uses one spare code, as an authenticator shows one in 30 s."""

    def __init__(self, name: str, spare_codes: list[str], directory: Path | None = None) -> None:
        self.name, self.spare_codes, self._directory = name, spare_codes, directory

    def code(self) -> str:
        """Return a code that was not used; new ones are made where all were."""
        if not self.spare_codes and self._directory is not None:
            with closing(UserStore(api_keys_folder(keys_folder(self._directory)))) as users:
                user = users.named(self.name)
                assert user is not None
                self.spare_codes = users.renew_spare_codes(user)
        return self.spare_codes.pop()


def new_person(
    directory: Path, name: str, accounts: tuple[int, ...] = (), roles: tuple[str, ...] = CLIENT
) -> WebPerson:
    """Make a user of a facility who can log in."""
    users = UserStore(api_keys_folder(keys_folder(directory)))
    try:
        logins = Logins(users, LoginSection())
        user, invitation = users.create(name, accounts, roles, 1, "test")
        logins.accept(name, invitation, PASSWORD, "test")
        secret = users.begin_authenticator(user)
        invited = users.named(name)
        assert invited is not None
        codes = logins.set_authenticator(invited, pyotp.TOTP(secret).at(int(time.time())), "test")
    finally:
        users.close()
    return WebPerson(name, codes, directory)


class PageClient:
    """Asks the pages as a browser does: with its cookies and the tokens of forms."""

    def __init__(self, url: str) -> None:
        self.url, self.token = url, ""
        self.http = httpx.Client(base_url=url, timeout=30)
        self.others: list[PageClient] = []

    def another(self) -> PageClient:
        """Return another browser, which is closed with this one."""
        self.others.append(PageClient(self.url))
        return self.others[-1]

    def close(self) -> None:
        """Close the connections."""
        for each in (self, *self.others):
            each.http.close()

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Load a page, and remember the token of its forms."""
        answer = self.http.get(path, **more)
        found = TOKEN.search(answer.text)
        self.token = found[1] if found else self.token
        return answer

    def post(self, path: str, token: str | None = None, headers: dict[str, str] | None = None, **fields: str) -> Any:
        """Send a form."""
        data = {"form_token": self.token if token is None else token, **fields}
        return self.http.post(path, data=data, headers=headers or {})

    def log_in(self, person: WebPerson, code: str | None = None) -> httpx.Response:
        """Log somebody in; the token of the forms is there afterwards."""
        self.get("/trade/login")
        fields = {"name": person.name, "password": PASSWORD, "code": code or person.code(), "next": ""}
        answer: httpx.Response = self.post("/trade/login", **fields)
        self.get("/trade/security")
        return answer

    def act(self, account: int, name: str, **values: str) -> Any:
        """Do an act of the trading page and return its answer."""
        json = {"accept": "application/json"}
        return self.post(f"/trade/{account}/act/{name}", headers=json, symbol="BTCUSD", **values).json()
