"""What can go wrong when tokens and locks are made: what was asked, expected, found, and what to do."""

from __future__ import annotations

from tarazy.chains.errors import OwnContractError


class SafeTokenError(OwnContractError):
    """A safe token or a lock cannot be made."""
