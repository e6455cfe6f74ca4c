"""What the traders' pages ask of the facility: its gateway, feeds, logins, keys."""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.domain.records import ClientClass
from tarazy.facility.accounts.api_keys import ApiKeyStore
from tarazy.facility.accounts.front_desk import FrontDesk
from tarazy.facility.accounts.logins.logins import Logins
from tarazy.facility.accounts.logins.passkeys import Passkeys
from tarazy.facility.accounts.logins.users import WebUser
from tarazy.facility.feeds.service import Feeds
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.projections.venue import CLIENT_CLASS
from tarazy.oversight.requests.symbol import Symbol


@dataclass(frozen=True)
class TradingDesk:
    """One facility as its pages see it."""

    facility: str
    gateway: Gateway
    feeds: Feeds
    logins: Logins
    passkeys: Passkeys
    keys: ApiKeyStore
    front: FrontDesk

    def symbols(self) -> list[Symbol]:
        """Return the symbols of all markets."""
        return self.feeds.views.all_symbols()

    def symbol(self, name: str) -> Symbol | None:
        """Return a symbol by its name."""
        return next((each for each in self.symbols() if each.name == name), None)

    def account_ids(self, user: WebUser) -> list[int]:
        """Return the accounts of a user that the record has."""
        known = self.gateway.models.venue.accounts.rows
        return [number for number in user.accounts if number in known]

    def class_of(self, account_id: int) -> str:
        """Return an account's class in words."""
        row = self.gateway.models.venue.accounts.rows[account_id]
        return ClientClass(row[CLIENT_CLASS]).name.replace("_", " ")
