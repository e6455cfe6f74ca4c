"""Who listens to the user data of which account: by a listen key, or by a subscription of the WebSocket API.

A listen key is a stream's name that nobody can guess. It lives for an hour unless it is kept alive, in memory: after a
restart of the server clients ask for a new one, as they do when one expires.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class ListenKey:
    """One key. Units: `expires_s` of the monotonic clock."""

    name: str
    account_id: int
    expires_s: float


class ListenKeys:
    """The listen keys of one server, on the event loop's thread; `accounts` counts who listens."""

    def __init__(self, life_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._life_s, self._clock = life_s, clock
        self._keys: dict[str, ListenKey] = {}
        self.accounts: Counter[int] = Counter()

    def create(self, account_id: int) -> str:
        """Return the account's newest key, made anew where it has none, and let it live its whole time again.

        The dialect gives an account that has a valid key the same one.
        """
        self._expire()
        for key in self._keys.values():
            if key.account_id == account_id:
                key.expires_s = self._clock() + self._life_s
                return key.name
        name = secrets.token_hex(32)
        self._keys[name] = ListenKey(name, account_id, self._clock() + self._life_s)
        return name

    def keep_alive(self, name: str, account_id: int) -> bool:
        """Let a key of an account live its whole time again; return whether it is one."""
        key = self._keys.get(name)
        if key is None or key.account_id != account_id or key.expires_s < self._clock():
            return False
        key.expires_s = self._clock() + self._life_s
        return True

    def close(self, name: str, account_id: int) -> bool:
        """End a key of an account; return whether it was one."""
        key = self._keys.get(name)
        if key is None or key.account_id != account_id:
            return False
        del self._keys[name]
        return True

    def account_of(self, name: str) -> int | None:
        """Return whose data a key opens, None where it is none."""
        key = self._keys.get(name)
        return key.account_id if key is not None and key.expires_s >= self._clock() else None

    def expired(self) -> list[str]:
        """Return the keys that have expired since this was asked last."""
        return self._expire()

    def _expire(self) -> list[str]:
        """Forget keys that are over."""
        now = self._clock()
        gone = [name for name, key in self._keys.items() if key.expires_s < now]
        for name in gone:
            del self._keys[name]
        return gone

    # ------------------------------------------------------------ who listens

    def begin(self, account_id: int) -> None:
        """Count one more who listens to an account."""
        self.accounts[account_id] += 1

    def end(self, account_id: int) -> None:
        """Count one less."""
        self.accounts[account_id] -= 1
        if self.accounts[account_id] <= 0:
            del self.accounts[account_id]
