"""The people who log in to one facility's pages: their names, accounts, roles and what proves them.

A store of its own beside the API keys, in the folder of the facility's keys. It holds no secret that lets somebody in:
passwords are argon2id hashes, secrets of authenticators are derived, of passkeys only the public half is here, spare
codes and invitations are digests. Every act is one transaction with a line in the audit trail.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.facility.accounts.logins.errors import UserError
from tarazy.facility.accounts.logins.one_time_codes import new_spare_codes, secret_of, spare_digest
from tarazy.platform.access.audit import AuditTrail
from tarazy.platform.signing.key_file import secret_file
from tarazy.platform.storage.sql import open_database, transaction

CLIENT, DEALING, OPERATIONS, COMPLIANCE, ADMINISTRATOR, SUPERVISOR = ROLES = (
    *("client", "dealing_desk", "operations", "compliance", "administrator", "supervisor"),
)
STAFF = frozenset(ROLES) - {CLIENT}
NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
ACCOUNTS_MAX = 100
PASSKEYS_MAX = 10
S_PER_DAY = 86_400
MIGRATIONS = (
    """
CREATE TABLE users (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, accounts TEXT NOT NULL, roles TEXT NOT NULL,
    password TEXT, salt BLOB, new_salt BLOB, used_step INTEGER NOT NULL, invitation BLOB, invited_until_s INTEGER,
    created_s INTEGER NOT NULL, locked_s INTEGER, recovery_s INTEGER, recovered_s INTEGER
) STRICT;
CREATE TABLE passkeys (
    credential BLOB PRIMARY KEY, number INTEGER NOT NULL REFERENCES users, public_key BLOB NOT NULL,
    sign_count INTEGER NOT NULL, label TEXT NOT NULL, created_s INTEGER NOT NULL, used_s INTEGER
) STRICT;
CREATE TABLE spare_codes (number INTEGER NOT NULL REFERENCES users, digest BLOB NOT NULL, used_s INTEGER) STRICT;
CREATE INDEX spare_codes_of ON spare_codes (number);
""",
)
COLUMNS = (
    "number, name, accounts, roles, password, salt, new_salt, used_step, invitation, invited_until_s, created_s, "
    "locked_s, recovery_s, recovered_s"
)


@dataclass(frozen=True, slots=True)
class WebUser:
    """One person. Units: seconds since 1970; None = not."""

    number: int
    name: str
    accounts: tuple[int, ...]
    roles: frozenset[str]
    password: str | None
    salt: bytes | None
    new_salt: bytes | None
    used_step: int
    invitation: bytes | None
    invited_until_s: int | None
    created_s: int
    locked_s: int | None
    recovery_s: int | None
    recovered_s: int | None
    passkeys: int

    def __repr__(self) -> str:
        return f"WebUser({self.name})"

    @property
    def has_second_factor(self) -> bool:
        """Say whether an authenticator or a passkey stands beside the password."""
        return self.salt is not None or self.passkeys > 0

    @property
    def is_staff(self) -> bool:
        """Say whether the operator's pages are this person's."""
        return bool(self.roles & STAFF)


class PasskeyRow(NamedTuple):
    """One passkey of a person."""

    credential: bytes
    number: int
    public_key: bytes
    sign_count: int
    label: str
    created_s: int
    used_s: int | None


class UserStore:
    """The users of one facility. Safe to use from several threads; other processes' changes are read with each call."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.master = secret_file(folder / "users_master.key")
        self._connection = open_database(folder / "users.sqlite", MIGRATIONS)
        self.audit = AuditTrail(folder / "audit.jsonl")
        self.clock = clock
        self._lock = threading.RLock()

    def close(self) -> None:
        """Close the table."""
        self._connection.close()

    # ------------------------------------------------------------ reading

    def named(self, name: str) -> WebUser | None:
        """Return a user by name."""
        return self._user("name = ?", name.strip().lower())

    def numbered(self, number: int) -> WebUser | None:
        """Return a user by number."""
        return self._user("number = ?", number)

    def all(self) -> list[WebUser]:
        """Return all users, oldest first."""
        with self._lock:
            numbers = self._connection.execute("SELECT number FROM users ORDER BY number").fetchall()
            return [found for (number,) in numbers if (found := self.numbered(number)) is not None]

    def passkeys(self, number: int) -> list[PasskeyRow]:
        """Return a user's passkeys, oldest first."""
        return self._passkeys("number = ? ORDER BY created_s, credential", number)

    def passkey(self, credential: bytes) -> PasskeyRow | None:
        """Return a passkey by its id."""
        found = self._passkeys("credential = ?", credential)
        return found[0] if found else None

    def spare_left(self, number: int) -> int:
        """Return how many spare codes a user has left."""
        with self._lock:
            query = "SELECT count(*) FROM spare_codes WHERE number = ? AND used_s IS NULL"
            return int(self._connection.execute(query, (number,)).fetchone()[0])

    def secret(self, salt: bytes) -> str:
        """Return the secret of an authenticator."""
        return secret_of(self.master, salt)

    # ------------------------------------------------------------ acts of the operator

    def create(
        self, name: str, accounts: Iterable[int], roles: Iterable[str], life_days: int, by: str
    ) -> tuple[WebUser, str]:
        """Make a user; return it with the invitation, which is shown this once.

        Raises: UserError.
        """
        name, numbers, kinds = name.strip().lower(), sorted(set(accounts)), sorted(set(roles))
        check_user(name, numbers, kinds)
        if self.named(name) is not None:
            raise UserError(f"expected a name that nobody has, found {name!r}")
        now_s = int(self.clock())
        terms = (name, " ".join(map(str, numbers)), " ".join(kinds), now_s)
        with self._act("user_created", by=by, user=name, accounts=numbers, roles=kinds):
            self._connection.execute(
                "INSERT INTO users (name, accounts, roles, used_step, created_s) VALUES (?, ?, ?, 0, ?)", terms
            )
        user = self._need(name)
        return user, self.invite(user, life_days, by)

    def invite(self, user: WebUser, life_days: int, by: str) -> str:
        """Return a new invitation for a user, in the place of what it had: a password is chosen with it."""
        invitation = secrets.token_urlsafe(24)
        until_s = int(self.clock()) + life_days * S_PER_DAY
        with self._act("user_invited", by=by, user=user.name, until_s=until_s):
            self.set(user.number, invitation=spare_digest(self.master, invitation), invited_until_s=until_s)
        return invitation

    def lock(self, name: str, reason: str, by: str) -> WebUser:
        """Let a user log in no longer. Raises: UserError."""
        user = self._need(name)
        with self._act("user_locked", by=by, user=user.name, reason=reason[:200]):
            self.set(user.number, locked_s=int(self.clock()))
        return self._need(name)

    def unlock(self, name: str, by: str) -> WebUser:
        """Let a user log in again. Raises: UserError."""
        user = self._need(name)
        with self._act("user_unlocked", by=by, user=user.name):
            self.set(user.number, locked_s=None)
        return self._need(name)

    # ------------------------------------------------------------ acts of the person; `logins.py` checks them

    def act(self, act: str, user: WebUser, network: str = "", /, **columns: Any) -> None:
        """Change a user and write the trail, both or neither."""
        with self._act(act, user=user.name, network=network):
            self.set(user.number, **columns)

    def use_step(self, user: WebUser, step: int) -> bool:
        """Count a code of an authenticator as used; return whether this was the first time."""
        with self._lock:
            query = "UPDATE users SET used_step = ? WHERE number = ? AND used_step < ?"
            return self._connection.execute(query, (step, user.number, step)).rowcount == 1

    def use_spare_code(self, user: WebUser, code: str) -> bool:
        """Count a spare code as used; return whether it was one."""
        query = "UPDATE spare_codes SET used_s = ? WHERE number = ? AND digest = ? AND used_s IS NULL"
        terms = (int(self.clock()), user.number, spare_digest(self.master, code))
        with self._lock:
            is_one = self._connection.execute(query, terms).rowcount == 1
        if is_one:
            self.audit.write("spare_code_used", user=user.name)
        return is_one

    def begin_authenticator(self, user: WebUser) -> str:
        """Return the secret of an authenticator that is to be set up: the one that was begun, else a new one."""
        salt = user.new_salt or secrets.token_bytes(16)
        with self._lock:
            self.set(user.number, new_salt=salt)
        return self.secret(salt)

    def renew_spare_codes(self, user: WebUser) -> list[str]:
        """Return new spare codes, shown this once, in the place of the old ones."""
        codes = new_spare_codes()
        with self._act("spare_codes_made", user=user.name) as connection:
            connection.execute("DELETE FROM spare_codes WHERE number = ?", (user.number,))
            rows = [(user.number, spare_digest(self.master, code)) for code in codes]
            connection.executemany("INSERT INTO spare_codes (number, digest) VALUES (?, ?)", rows)
        return codes

    def add_passkey(self, user: WebUser, credential: bytes, public_key: bytes, sign_count: int, label: str) -> None:
        """Add a passkey. Raises: UserError where there are too many, or it is there."""
        if user.passkeys >= PASSKEYS_MAX or self.passkey(credential) is not None:
            raise UserError(f"expected a new passkey, at most {PASSKEYS_MAX}, found one more or one that is there")
        row = (credential, user.number, public_key, sign_count, label[:60], int(self.clock()))
        with self._act("passkey_added", user=user.name, label=label[:60]) as connection:
            connection.execute("INSERT INTO passkeys VALUES (?, ?, ?, ?, ?, ?, NULL)", row)

    def use_passkey(self, row: PasskeyRow, sign_count: int) -> None:
        """Note that a passkey was used."""
        with self._lock:
            terms = (sign_count, int(self.clock()), row.credential)
            self._connection.execute("UPDATE passkeys SET sign_count = ?, used_s = ? WHERE credential = ?", terms)

    def drop_second_factors(self, user: WebUser, network: str) -> None:
        """End authenticator, passkeys and spare codes of a user whose recovery is through."""
        with self._act("second_factor_recovered", user=user.name, network=network) as connection:
            for table in ("passkeys", "spare_codes"):
                connection.execute(f"DELETE FROM {table} WHERE number = ?", (user.number,))
            self.set(user.number, salt=None, new_salt=None, recovery_s=None, recovered_s=int(self.clock()))

    # ------------------------------------------------------------ inside

    def set(self, number: int, **columns: Any) -> None:
        """Change columns of a user, named in this package alone."""
        names = ", ".join(f"{name} = ?" for name in columns)
        if columns:
            self._connection.execute(f"UPDATE users SET {names} WHERE number = ?", (*columns.values(), number))

    @contextmanager
    def _act(self, act: str, **facts: Any) -> Iterator[Any]:
        """Change the tables and write the trail, both or neither."""
        with self._lock, transaction(self._connection):
            yield self._connection
            self.audit.write(act, **facts)

    def _need(self, name: str) -> WebUser:
        user = self.named(name)
        if user is None:
            raise UserError(f"expected the name of a user, found {name[:64]!r}")
        return user

    def _user(self, where: str, value: Any) -> WebUser | None:
        with self._lock:
            row = self._connection.execute(f"SELECT {COLUMNS} FROM users WHERE {where}", (value,)).fetchone()
            if row is None:
                return None
            query = "SELECT count(*) FROM passkeys WHERE number = ?"
            count = int(self._connection.execute(query, (row[0],)).fetchone()[0])
        number, name, accounts, roles, *rest = row
        return WebUser(number, name, tuple(map(int, accounts.split())), frozenset(roles.split()), *(*rest, count))

    def _passkeys(self, where: str, value: Any) -> list[PasskeyRow]:
        query = (
            f"SELECT credential, number, public_key, sign_count, label, created_s, used_s FROM passkeys WHERE {where}"
        )
        with self._lock:
            return [PasskeyRow(*row) for row in self._connection.execute(query, (value,)).fetchall()]


def check_user(name: str, accounts: list[int], roles: list[str]) -> None:
    """Raise UserError where name, accounts or roles are not as expected."""
    if NAME.fullmatch(name) is None:
        raise UserError(f"expected a name of 2 to 64 letters, digits and . _ @ + -, found {name[:70]!r}")
    if not roles or not set(roles) <= set(ROLES):
        raise UserError(f"expected roles of {', '.join(ROLES)}, found {', '.join(roles) or 'none'}")
    if CLIENT in roles and not accounts:
        raise UserError("expected at least one account for a client, found none")
    if len(accounts) > ACCOUNTS_MAX or any(number < 1 for number in accounts):
        raise UserError(f"expected at most {ACCOUNTS_MAX} numbers of accounts from 1, found {accounts[:5]}")
