"""Sessions of people: a random token in the browser, its digest with the person's name here, in memory.

A session ends with its time, with idleness, or when it is ended. A restart ends them all on purpose: who restarts a
service after a doubt about its machine lets nobody in who has not shown a secret again.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

SESSIONS_MAX = 10_000


@dataclass(slots=True)
class Session:
    """One person's session. Units: seconds on the table's clock. `number`: what its acts bear; 0 until it acts."""

    subject: str
    ends_s: float
    idle_s: float
    number: int = 0


class SessionTable:
    """The sessions of one service."""

    def __init__(self, clock: Callable[[], float], life_s: float, idle_s: float) -> None:
        self._clock, self._life_s, self._idle_s = clock, life_s, idle_s
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()

    def begin(self, subject: str) -> str:
        """Return the token of a new session; it is never one that a browser brought along."""
        token, now_s = secrets.token_urlsafe(32), self._clock()
        self._sessions[digest(token)] = Session(subject, now_s + self._life_s, now_s + self._idle_s)
        while len(self._sessions) > SESSIONS_MAX:
            self._sessions.popitem(last=False)
        return token

    def find(self, token: str, *, is_use: bool = True) -> str | None:
        """Return whose session a token is, None for any other text; `is_use` lets idleness begin anew."""
        session = self._sessions.get(digest(token))
        if session is None:
            return None
        now_s = self._clock()
        if now_s >= min(session.ends_s, session.idle_s):
            del self._sessions[digest(token)]
            return None
        if is_use:
            session.idle_s = now_s + self._idle_s
        return session.subject

    def number_of(self, token: str, take: Callable[[], int]) -> int:
        """Return the number of a session, which is taken when it is first asked for; 0 of a session that is over."""
        session = self._sessions.get(digest(token))
        if session is None:
            return 0
        session.number = session.number or take()
        return session.number

    def end(self, token: str) -> str | None:
        """End a session and return whose it was, None where it is over already."""
        session = self._sessions.pop(digest(token), None)
        return session.subject if session is not None else None

    def end_all(self, subject: str, but: str = "") -> None:
        """End the sessions of a person, but for that of one token."""
        kept = digest(but)
        for key in [key for key, each in self._sessions.items() if each.subject == subject and key != kept]:
            del self._sessions[key]


def digest(token: str) -> bytes:
    """Return what is kept of a token: a look into the table then tells nothing by its time."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
