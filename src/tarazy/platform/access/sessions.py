"""Sessions of people at the pages: a login with an API key, whose scopes are the person's roles.

The browser holds a random token in a cookie that no script reads and no other site's request carries; here lies its
digest with the app key. A session ends with its time, with idleness, with a logout, or with its key. After too many
wrong secrets from one network, or for one key, logins are refused for a while.
Sessions are in memory on purpose (`session_table.py`). The pages lead back after the new login. Known limit: the counts
of wrong secrets begin anew as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from tarazy.platform.access.audit import AuditTrail
from tarazy.platform.access.keys import ApiKey, KeyStore
from tarazy.platform.access.lockout import Lockout
from tarazy.platform.access.session_table import SessionTable
from tarazy.platform.refusals import TOKEN_INVALID, RefusedError

LIFE_S = 12 * 3_600.0
IDLE_S = 30 * 60.0
WRONG_MAX = 10  # secrets, before logins are refused
LOCKED_S = 15 * 60.0
COOKIE = "tarazy_session"


class SessionBook(Protocol):
    """What a login of pages asks of sessions, whatever the credentials are."""

    def begin(self, credentials: str, network: str) -> str:
        """Return the token of a new session. Raises: RefusedError."""

    def end(self, token: str) -> None:
        """End a session; nothing where it is over already."""


class Sessions:
    """The sessions of one service."""

    def __init__(self, keys: KeyStore, audit: AuditTrail, clock: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._audit = audit
        self._table = SessionTable(clock, LIFE_S, IDLE_S)
        self._lockout = Lockout(clock, WRONG_MAX, LOCKED_S)

    def begin(self, credentials: str, network: str) -> str:
        """Return the token of a new session for `app_key.app_secret`.

        Raises: RefusedError for a wrong key or secret, or too many of them.
        """
        app_key, _, secret = credentials.strip().partition(".")
        named = [f"network {network}", *([f"key {app_key}"] if self._keys.in_force(app_key) else [])]
        for who in named:
            self._lockout.require_unlocked(who)
        if "." in secret:
            raise RefusedError(TOKEN_INVALID, "expected app_key.app_secret, found an access token")
        try:
            key = self._keys.authenticate(credentials.strip())
        except RefusedError:
            for who in named:
                self._lockout.note_wrong(who)
            self._audit.write("login_refused", network=network)
            raise
        self._audit.write("logged_in", app_key=key.app_key, network=network)
        self._lockout.forget(f"key {key.app_key}")
        return self._table.begin(key.app_key)

    def find(self, token: str) -> ApiKey | None:
        """Return the key of a session that is in force, None for any other text."""
        app_key = self._table.find(token)
        if app_key is None:
            return None
        key = self._keys.in_force(app_key)
        if key is None:
            self._table.end(token)
        return key

    def end(self, token: str) -> None:
        """End a session; nothing where it is over already."""
        app_key = self._table.end(token)
        if app_key is not None:
            self._audit.write("logged_out", app_key=app_key)
