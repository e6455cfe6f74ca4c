"""API keys of accounts: a program names its key and signs each request, with a shared secret or with Ed25519.

Of an Ed25519 key only the public half is here. A shared secret must be known to verify, so a hash of it would not do.
It is stored nowhere either: each is derived (HMAC-SHA-256) from one master secret in a file of mode 0600, a salt and
the key's id. The table alone lets nobody sign. Why: docs/decisions/2026-11-30-api-keys.md
"""

from __future__ import annotations

import base64
import hmac
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tarazy.oversight.requests.document import verifies
from tarazy.platform.access.audit import AuditTrail
from tarazy.platform.signing.key_file import secret_file
from tarazy.platform.storage.sql import open_database, transaction

TRADE, READ, WITHDRAW, SUPERVISE = SCOPES = ("trade", "read", "withdraw", "supervise")
NOBODY = 0  # the account of a supervisor's key
LABEL_CHARS_MAX = 80
NETWORKS_MAX = 30
KEYS_READY_MAX = 1_000

MIGRATIONS = (
    """
CREATE TABLE api_keys (
    number INTEGER PRIMARY KEY, key_id TEXT NOT NULL UNIQUE, account_id INTEGER NOT NULL, label TEXT NOT NULL,
    salt BLOB NOT NULL, public_key BLOB, scopes TEXT NOT NULL, networks TEXT NOT NULL,
    created_s INTEGER NOT NULL, expires_s INTEGER, revoked_s INTEGER
) STRICT;
""",
    "ALTER TABLE api_keys ADD COLUMN signed_only INTEGER NOT NULL DEFAULT 0;",
)
COLUMNS = (
    "number, key_id, account_id, label, salt, public_key, scopes, networks, created_s, expires_s, "
    "revoked_s, signed_only"
)


class ApiKeyError(Exception):
    """A key cannot be made or ended as asked: says what was expected and what was found."""


@dataclass(frozen=True, slots=True)
class AccountKey:
    """One key of an account. Units: seconds since 1970. No networks: from anywhere; no public key: a shared secret.

    `signed_only`: while it is in force the account orders nothing but by requests that are signed with a public key.
    """

    number: int
    key_id: str
    account_id: int
    label: str
    scopes: frozenset[str]
    networks: tuple[IPv4Network | IPv6Network, ...]
    created_s: int
    expires_s: int | None
    revoked_s: int | None
    public_key: bytes | None
    secret: bytes = b""
    signed_only: bool = False

    def __repr__(self) -> str:
        return f"AccountKey({self.key_id}, account {self.account_id}, {'+'.join(sorted(self.scopes))})"

    def allows(self, address: str) -> bool:
        """Say whether a request may come from an address."""
        if not self.networks:
            return True
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self.networks)

    def verifies(self, payload: bytes, signature: str) -> bool:
        """Say whether a signature is this key's over a payload: hexadecimal for a shared secret, base64 for Ed25519."""
        if self.public_key is None:
            made = _begun(self.secret).copy()  # lets no other thread in between, as hmac.digest does
            made.update(payload)
            return hmac.compare_digest(made.hexdigest().encode(), signature.lower().encode("utf-8", "replace"))
        return verifies(self.public_key, payload, signature)


@lru_cache(KEYS_READY_MAX)
def _begun(secret: bytes) -> hmac.HMAC:
    """Return a code over nothing yet, of which each request takes a copy."""
    return hmac.new(secret, digestmod="sha256")


class ApiKeyStore:
    """The keys of one facility, in a folder of their own beside the facility's keys."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._master = secret_file(folder / "api_master.key")
        self._connection = open_database(folder / "api_keys.sqlite", MIGRATIONS)
        self._audit = AuditTrail(folder / "audit.jsonl")
        self._clock = clock
        self._version = self._data_version()
        self._known: dict[str, AccountKey] | None = None

    def close(self) -> None:
        """Close the table."""
        self._connection.close()

    def create(
        self,
        account_id: int,
        scopes: Iterable[str],
        *,
        label: str = "",
        public_key: bytes | None = None,
        networks: Iterable[str] = (),
        life_s: int | None = None,
        signed_only: bool = False,
        by: str = "operator",
    ) -> tuple[AccountKey, str]:
        """Make a key; return it with its secret, shown this once, or with none where a public key is given.

        Raises: ApiKeyError.
        """
        wanted, places = check_terms(scopes, label, public_key, networks)
        if (account_id == NOBODY) != (SUPERVISE in wanted) or (SUPERVISE in wanted and len(wanted) > 1):
            found = f"account {account_id} with {', '.join(wanted)}"
            expected = "an account, or for a supervisor none and the scope supervise alone"
            raise ApiKeyError(f"expected {expected}, found {found}")
        if signed_only and (public_key is None or not {TRADE, WITHDRAW} & set(wanted)):
            raise ApiKeyError("expected a public key that trades or withdraws for a client that signs everything")
        now_s = int(self._clock())
        key_id, salt = base64.b32encode(os.urandom(25)).decode(), os.urandom(16)
        expires_s = now_s + life_s if life_s else None
        texts = (label, salt, public_key, " ".join(wanted), " ".join(places))
        row = (key_id, account_id, *texts, now_s, expires_s, int(signed_only))
        facts = {"key_id": key_id, "account_id": account_id, "scopes": wanted, "networks": places, "label": label}
        facts |= {"signed_only": True} if signed_only else {}
        with self._act("api_key_created", by=by, **facts, expires_s=expires_s):
            self._connection.execute(
                "INSERT INTO api_keys (key_id, account_id, label, salt, public_key, scopes, networks, created_s, "
                "expires_s, signed_only) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        key = self._table()[key_id]
        return key, key.secret.decode()

    def revoke(self, key_id: str, reason: str, by: str = "operator") -> AccountKey:
        """End a key.

        Raises: ApiKeyError where there is no such key in force.
        """
        key = self._table().get(key_id)
        if key is None or key.revoked_s is not None:
            raise ApiKeyError(f"expected the id of a key in force, found {key_id[:50]!r}")
        with self._act("api_key_revoked", by=by, key_id=key_id, account_id=key.account_id, reason=reason[:200]):
            values = (int(self._clock()), key_id)
            self._connection.execute("UPDATE api_keys SET revoked_s = ? WHERE key_id = ?", values)
        return self._table()[key_id]

    def list(self) -> list[AccountKey]:
        """Return all keys, also ended ones, oldest first."""
        return sorted(self._table().values(), key=lambda key: key.number)

    def find(self, key_id: str) -> AccountKey | None:
        """Return a key in force, None where there is none."""
        key = self._table().get(key_id)
        if key is None or key.revoked_s is not None:
            return None
        return key if key.expires_s is None or key.expires_s > self._clock() else None

    def refresh(self) -> None:
        """Notice what other processes changed; called about once a second."""
        version = self._data_version()
        if version != self._version:
            self._version, self._known = version, None

    # ------------------------------------------------------------ inside

    @contextmanager
    def _act(self, act: str, **facts: Any) -> Iterator[None]:
        """Change the table and write the trail, both or neither."""
        with transaction(self._connection):
            yield
            self._audit.write(act, **facts)
        self._known = None

    def _table(self) -> dict[str, AccountKey]:
        """Return all keys by id."""
        if self._known is None:
            rows = self._connection.execute(f"SELECT {COLUMNS} FROM api_keys ORDER BY number").fetchall()
            self._known = {row[1]: self._key(row) for row in rows}
        return self._known

    def _key(self, row: Any) -> AccountKey:
        """Return the key of a row, with its secret."""
        number, key_id, account_id, label, salt, public_key, scopes, networks, created_s, expires_s, *rest = row
        secret = b""
        if public_key is None:
            made = hmac.digest(self._master, b"tarazy api secret 1" + salt + key_id.encode(), "sha256")
            secret = base64.b32encode(made).rstrip(b"=")
        places = tuple(ip_network(each) for each in networks.split())
        revoked_s, signed_only = rest
        terms = (frozenset(scopes.split()), places, created_s, expires_s, revoked_s)
        return AccountKey(number, key_id, account_id, label, *terms, public_key, secret, bool(signed_only))

    def _data_version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])


def check_terms(
    scopes: Iterable[str], label: str, public_key: bytes | None, networks: Iterable[str]
) -> tuple[list[str], list[str]]:
    """Return scopes and networks in their canonical form.

    Raises: ApiKeyError.
    """
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(SCOPES):
        raise ApiKeyError(f"expected scopes of {', '.join(SCOPES)}, found {', '.join(wanted) or 'none'}")
    if len(label) > LABEL_CHARS_MAX or not label.isprintable():
        raise ApiKeyError(f"expected a label of at most {LABEL_CHARS_MAX} printable characters, found {label[:90]!r}")
    try:
        places = [str(ip_network(each)) for each in networks]
    except ValueError as error:
        raise ApiKeyError(f"expected an address or a network such as 192.0.2.0/24, found: {error}") from None
    if len(places) > NETWORKS_MAX:
        raise ApiKeyError(f"expected at most {NETWORKS_MAX} networks, found {len(places)}")
    if public_key is not None:
        try:
            Ed25519PublicKey.from_public_bytes(public_key)
        except ValueError as error:
            raise ApiKeyError(f"expected an Ed25519 public key of 32 bytes: {error}") from None
    return wanted, places


def api_keys_folder(keys_folder: Path) -> Path:
    """Return where the keys of accounts lie within a facility's folder of keys."""
    return keys_folder / "accounts"
