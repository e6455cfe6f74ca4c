"""Keys of callers: an app key names the caller, an app secret proves it, an access token stands for both for a while.

The signature of an access token request is SHA-1 over app key, time and app secret, so a server must know the secret
itself: a hash of it would not do. No secret is stored: each is derived (HMAC-SHA-256) from one master secret in a file
of mode 0600, the app key and a salt. The table alone tells nobody a secret. Access tokens carry their own expiry and a
code over it, and are stored nowhere; a revoked key ends its tokens at once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tarazy.platform.access.audit import AuditTrail
from tarazy.platform.access.buckets import RateLimit
from tarazy.platform.refusals import (
    KEY_UNKNOWN,
    SIGNATURE_EXPIRED,
    SIGNATURE_WRONG,
    TOKEN_INVALID,
    TOKEN_UNKNOWN,
    RefusedError,
)
from tarazy.platform.signing.key_file import secret_file
from tarazy.platform.storage.sql import open_database, transaction

SCOPES = frozenset({"read", "screen", "simulate", "admin"})
DEFAULT_SCOPES = frozenset({"read", "screen", "simulate"})
TOKEN_LIFE_S = 7_200
TIME_WINDOW_S = 1_000
NAME_CHARS_MAX = 80
TOKEN_CHARS_MAX = 200
REMEMBERED_MAX = 100_000  # keys and tokens held in memory
KEYED = "key:"  # begins the name of a caller with a key; no address does

MIGRATIONS = (
    """
CREATE TABLE IF NOT EXISTS keys (
    app_key TEXT PRIMARY KEY, name TEXT NOT NULL, salt BLOB NOT NULL, scopes TEXT NOT NULL,
    created_s INTEGER NOT NULL, expires_s INTEGER, revoked_s INTEGER, per_second REAL, burst REAL
) STRICT;
""",
    """
CREATE TABLE used (
    app_key TEXT NOT NULL, time_s INTEGER NOT NULL, PRIMARY KEY (app_key, time_s)
) STRICT, WITHOUT ROWID;
""",
)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One caller's key. Units: seconds since 1970; `rate` None: the service's own."""

    app_key: str
    name: str
    scopes: frozenset[str]
    expires_s: int | None = None
    rate: RateLimit | None = None

    @property
    def caller(self) -> str:
        """Return how logs and limits name this caller."""
        return f"{KEYED}{self.app_key}"


def has_key(caller: str) -> bool:
    """Say whether a caller's name is that of a key."""
    return caller.startswith(KEYED)


class KeyStore:
    """The keys of one service folder."""

    def __init__(self, folder: Path, audit: AuditTrail, clock: Callable[[], float] = time.time) -> None:
        self._master = secret_file(folder / "master.key")
        self._connection = open_database(folder / "keys.sqlite", MIGRATIONS)
        self._audit = audit
        self._clock = clock
        self._version = self._data_version()
        self._known: dict[str, tuple[ApiKey, bytes] | None] = {}
        self._tokens: dict[str, tuple[ApiKey, int]] = {}

    def close(self) -> None:
        """Close the table."""
        self._connection.close()

    # ------------------------------------------------------------ acts of the operator

    def create(
        self,
        name: str,
        scopes: frozenset[str] = DEFAULT_SCOPES,
        life_s: int | None = None,
        rate: RateLimit | None = None,
        by: str = "operator",
    ) -> tuple[ApiKey, str]:
        """Make a key; return it with its secret, which is shown this once.

        Raises: ValueError where name or scopes are not as expected.
        """
        if not name or len(name) > NAME_CHARS_MAX or not name.isprintable():
            raise ValueError(f"expected a name of 1 to {NAME_CHARS_MAX} printable characters, found {name[:90]!r}")
        if not scopes or not scopes <= SCOPES:
            raise ValueError(f"expected scopes of {', '.join(sorted(SCOPES))}, found {', '.join(sorted(scopes))}")
        now_s = int(self._clock())
        app_key, salt = base64.b32encode(os.urandom(15)).decode(), os.urandom(16)
        expires_s = now_s + life_s if life_s else None
        limits = (rate.per_second, rate.burst) if rate else (None, None)
        row = (app_key, name, salt, " ".join(sorted(scopes)), now_s, expires_s, *limits)
        with self._act("key_created", by=by, app_key=app_key, name=name, scopes=sorted(scopes), expires_s=expires_s):
            self._connection.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?)", row)
        self._forget()
        return ApiKey(app_key, name, scopes, expires_s, rate), self._secret(app_key, salt)

    def revoke(self, app_key: str, reason: str, by: str = "operator") -> None:
        """End a key and its tokens.

        Raises: KeyError where there is no such key in force.
        """
        if self._find(app_key) is None:
            raise KeyError(f"expected the app key of a key in force, found {app_key[:40]!r}")
        with self._act("key_revoked", by=by, app_key=app_key, reason=reason[:200]):
            self._connection.execute("UPDATE keys SET revoked_s = ? WHERE app_key = ?", (int(self._clock()), app_key))
        self._forget()

    def list(self) -> list[ApiKey]:
        """Return the keys in force, oldest first."""
        rows = self._connection.execute("SELECT app_key FROM keys WHERE revoked_s IS NULL ORDER BY created_s, app_key")
        return [found[0] for (app_key,) in rows.fetchall() if (found := self._find(app_key)) is not None]

    # ------------------------------------------------------------ what callers send

    def access_token(self, app_key: str, time_s: int, sign: str) -> tuple[str, int]:
        """Return an access token and its life in seconds.

        Raises: RefusedError with the code for an unknown key, an old or a repeated time, a wrong signature.
        """
        found = self._find(app_key)
        if found is None:
            raise RefusedError(KEY_UNKNOWN)
        now_s = self._clock()
        if abs(now_s - time_s) > TIME_WINDOW_S:
            raise RefusedError(SIGNATURE_EXPIRED, f"the time must be within {TIME_WINDOW_S} s of the server's")
        key, salt = found
        expected = hashlib.sha1(f"{app_key}{time_s}{self._secret(app_key, salt)}".encode(), usedforsecurity=False)
        if not hmac.compare_digest(expected.hexdigest().encode(), sign.lower().encode("utf-8", "replace")):
            raise RefusedError(SIGNATURE_WRONG)
        self._use_once(app_key, time_s)
        life_s = TOKEN_LIFE_S if key.expires_s is None else max(1, min(TOKEN_LIFE_S, int(key.expires_s - now_s)))
        return self._token(app_key, int(now_s) + life_s), life_s

    def authenticate(self, authorization: str) -> ApiKey:
        """Return the key behind the header `Authorization`: an access token, or `app_key.app_secret`.

        Raises: RefusedError.
        """
        text = authorization.removeprefix("Bearer ").strip()
        if len(text) > TOKEN_CHARS_MAX:
            raise RefusedError(TOKEN_INVALID)
        known = self._tokens.get(text)
        if known is not None and known[1] > self._clock():
            return known[0]
        parts = text.split(".")
        if len(parts) == 2:
            return self._by_secret(*parts)
        if len(parts) == 3:
            return self._by_token(text, *parts)
        raise RefusedError(TOKEN_INVALID)

    def in_force(self, app_key: str) -> ApiKey | None:
        """Return a key by its app key, None where there is none in force."""
        found = self._find(app_key)
        return found[0] if found is not None else None

    def refresh(self) -> None:
        """Notice what other processes changed in the table; called about once a second."""
        version = self._data_version()
        if version != self._version:
            self._version = version
            self._forget()

    # ------------------------------------------------------------ inside

    @contextmanager
    def _act(self, act: str, **facts: Any) -> Iterator[None]:
        """Change the table and write the trail, both or neither."""
        with transaction(self._connection):
            yield
            self._audit.write(act, **facts)

    def _by_secret(self, app_key: str, secret: str) -> ApiKey:
        found = self._find(app_key)
        expected = self._secret(app_key, found[1] if found else b"")
        if not hmac.compare_digest(expected.encode(), secret.encode("utf-8", "replace")) or found is None:
            raise RefusedError(TOKEN_UNKNOWN)
        return found[0]

    def _by_token(self, text: str, app_key: str, expires: str, code: str) -> ApiKey:
        if not expires.isdecimal() or len(expires) > 12:
            raise RefusedError(TOKEN_INVALID)
        expected = self._token(app_key, int(expires))
        if not hmac.compare_digest(expected.encode(), text.encode("utf-8", "replace")):
            raise RefusedError(TOKEN_INVALID)
        if int(expires) <= self._clock():
            raise RefusedError(TOKEN_INVALID, "expired")
        found = self._find(app_key)
        if found is None:
            raise RefusedError(TOKEN_UNKNOWN)
        if len(self._tokens) >= REMEMBERED_MAX:
            self._tokens.clear()
        self._tokens[text] = (found[0], int(expires))
        return found[0]

    def _use_once(self, app_key: str, time_s: int) -> None:
        """Note a request for a token; it stays noted, through a restart, as long as it could be sent again.

        Raises: RefusedError where it was sent before.
        """
        with transaction(self._connection):
            self._connection.execute("DELETE FROM used WHERE time_s < ?", (int(self._clock()) - TIME_WINDOW_S,))
            done = self._connection.execute("INSERT OR IGNORE INTO used VALUES (?, ?)", (app_key, time_s))
        if not done.rowcount:
            raise RefusedError(SIGNATURE_EXPIRED, "this request was used; sign one with a later time")

    def _find(self, app_key: str) -> tuple[ApiKey, bytes] | None:
        if app_key not in self._known:
            row = self._connection.execute("SELECT * FROM keys WHERE app_key = ?", (app_key,)).fetchone()
            if len(self._known) >= REMEMBERED_MAX:
                self._known.clear()
            self._known[app_key] = read_row(row) if row else None
        found = self._known[app_key]
        if found is None or (found[0].expires_s is not None and found[0].expires_s <= self._clock()):
            return None
        return found

    def _forget(self) -> None:
        self._known.clear()
        self._tokens.clear()

    def _data_version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _secret(self, app_key: str, salt: bytes) -> str:
        derived = hmac.digest(self._master, b"app secret 1" + salt + app_key.encode("utf-8", "replace"), "sha256")
        return base64.b32encode(derived).decode().rstrip("=")

    def _token(self, app_key: str, expires_s: int) -> str:
        text = f"{app_key}.{expires_s}"
        code = hmac.digest(self._master, b"access token 1" + text.encode("utf-8", "replace"), "sha256")
        return f"{text}.{base64.b32encode(code).decode().rstrip('=')}"


def read_row(
    row: tuple[str, str, bytes, str, int, int | None, int | None, float | None, float | None],
) -> tuple[ApiKey, bytes] | None:
    """Return key and salt of a row of the table; None where it is revoked."""
    app_key, name, salt, scopes, _, expires_s, revoked_s, per_second, burst = row
    if revoked_s is not None:
        return None
    rate = RateLimit(per_second, burst or per_second) if per_second is not None else None
    return ApiKey(app_key, name, frozenset(scopes.split()), expires_s, rate), salt
