"""Passwords: argon2id with the parameters of RFC 9106, "low memory" (64 MiB, three passes, four lanes).

A hash costs about 50 ms and 64 MiB, so only a few are worked out at once; the others wait in their threads.
"""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from tarazy.facility.accounts.logins.errors import PASSWORD_WEAK
from tarazy.platform.refusals import RefusedError

CHARS_MIN, CHARS_MAX = 12, 200
DIFFERENT_MIN = 5
AT_ONCE = threading.BoundedSemaphore(2)
HASHER = PasswordHasher()
# Verified where there is no user of a name, so that the time tells nobody which names there are.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def check_password(password: str, name: str) -> None:
    """Raise RefusedError for a password that is too short, too long, or too easy to guess."""
    found = f"found {len(password)}"
    if not CHARS_MIN <= len(password) <= CHARS_MAX:
        raise RefusedError(PASSWORD_WEAK, f"expected {CHARS_MIN} to {CHARS_MAX} characters, {found}")
    if len(set(password)) < DIFFERENT_MIN or name.lower() in password.lower():
        raise RefusedError(PASSWORD_WEAK, f"expected {DIFFERENT_MIN} different characters and not your name in it")


def hash_of(password: str) -> str:
    """Return the hash of a password, which carries its salt and parameters."""
    with AT_ONCE:
        return HASHER.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Say whether a password is that of a hash; without one it takes as long, and is not."""
    if len(password) > CHARS_MAX:
        return False
    with AT_ONCE:
        try:
            HASHER.verify(stored or NOBODY, password)
        except (Argon2Error, InvalidHashError):
            return False
    return stored is not None
