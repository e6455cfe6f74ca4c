"""Sessions by number: what an order bears for the way it came in.

Numbers are of an account: 1 to 16,383 stand for API keys over REST, 16,384 to 32,767 for sessions of FIX, those above
for connections to the WebSocket API and for logins at the pages, each of which has a number of its own. A number comes
again when all of its kind were given.
"""

from __future__ import annotations

from typing import Any

from tarazy.oversight.requests.translation import PLACED_IN_SESSION

FIX_FROM, SOCKET_FROM, END = 1 << 14, 1 << 15, 1 << 16


def session_of_key(number: int) -> int:
    """Return the session of an API key over REST; 0 where there is no key."""
    return 1 + (number - 1) % (FIX_FROM - 1) if number else 0


def session_of_fix(number: int) -> int:
    """Return the session of a FIX session, by its number among those that are kept."""
    return FIX_FROM + number % (SOCKET_FROM - FIX_FROM)


def in_session(command: Any, session_id: int) -> Any:
    """Return a command with the session that places its orders; others are as they are."""
    return command._replace(session_id=session_id) if isinstance(command, PLACED_IN_SESSION) else command
