"""Sessions of people at the pages: a login with an API key, whose scopes are the person's roles.

The browser holds a random token in a cookie that no script reads and no other site's request carries; here lies its
digest with the app key. A session ends with its time, with idleness, with a logout, or with its key. After too many
wrong secrets from one network, or for one key, logins are refused for a while.
Sessions are in memory on purpose, and a restart ends them all: who restarts a service after a doubt about its machine
lets nobody in who has not shown the secret again, and nothing on the disk stands for a login. The pages lead back after
the new login. Known limit: the counts of wrong secrets begin anew as well.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from tarazy.platform.access.audit import AuditTrail
from tarazy.platform.access.keys import ApiKey, KeyStore
from tarazy.platform.refusals import RATE_LIMIT, TOKEN_INVALID, RefusedError

LIFE_S = 12 * 3_600.0
IDLE_S = 30 * 60.0
SESSIONS_MAX = 10_000
WRONG_MAX = 10  # secrets, before logins are refused
LOCKED_S = 15 * 60.0
COOKIE = "tarazy_session"


@dataclass(slots=True)
class Session:
    """One person's session. Units: seconds on the store's clock."""

    app_key: str
    ends_s: float
    idle_s: float


class Sessions:
    """The sessions of one service."""

    def __init__(self, keys: KeyStore, audit: AuditTrail, clock: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._audit = audit
        self._clock = clock
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()  # who -> wrong secrets, of the time until

    def begin(self, credentials: str, network: str) -> str:
        """Return the token of a new session for `app_key.app_secret`.

        Raises: RefusedError for a wrong key or secret, or too many of them.
        """
        app_key, _, secret = credentials.strip().partition(".")
        named = [f"network {network}", *([f"key {app_key}"] if self._keys.in_force(app_key) else [])]
        for who in named:
            self._require_unlocked(who)
        if "." in secret:
            raise RefusedError(TOKEN_INVALID, "expected app_key.app_secret, found an access token")
        try:
            key = self._keys.authenticate(credentials.strip())
        except RefusedError:
            for who in named:
                self._note_wrong(who)
            self._audit.write("login_refused", network=network)
            raise
        self._audit.write("logged_in", app_key=key.app_key, network=network)
        self._wrong.pop(f"key {key.app_key}", None)
        token, now_s = secrets.token_urlsafe(32), self._clock()
        self._sessions[digest(token)] = Session(key.app_key, now_s + LIFE_S, now_s + IDLE_S)
        while len(self._sessions) > SESSIONS_MAX:
            self._sessions.popitem(last=False)
        return token

    def find(self, token: str) -> ApiKey | None:
        """Return the key of a session that is in force, None for any other text."""
        session = self._sessions.get(digest(token))
        if session is None:
            return None
        now_s = self._clock()
        key = self._keys.in_force(session.app_key)
        if key is None or now_s >= min(session.ends_s, session.idle_s):
            del self._sessions[digest(token)]
            return None
        session.idle_s = now_s + IDLE_S
        return key

    def end(self, token: str) -> None:
        """End a session; nothing where it is over already."""
        session = self._sessions.pop(digest(token), None)
        if session is not None:
            self._audit.write("logged_out", app_key=session.app_key)

    def _require_unlocked(self, who: str) -> None:
        count, until_s = self._wrong.get(who, (0, 0.0))
        wait_s = until_s - self._clock()
        if count >= WRONG_MAX and wait_s > 0:
            raise RefusedError(RATE_LIMIT, f"too many wrong secrets; try again in {wait_s:.0f} s", int(wait_s) + 1)

    def _note_wrong(self, who: str) -> None:
        now_s = self._clock()
        count, until_s = self._wrong.pop(who, (0, 0.0))
        self._wrong[who] = (count + 1 if until_s > now_s else 1, now_s + LOCKED_S)
        while len(self._wrong) > SESSIONS_MAX:
            self._wrong.popitem(last=False)


def digest(token: str) -> bytes:
    """Return what is kept of a token: a look into the table then tells nothing by its time."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
