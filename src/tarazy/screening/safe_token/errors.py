"""What can go wrong with safe tokens and locks: one exception with typed attributes."""

from __future__ import annotations


class SafeTokenError(Exception):
    """Say what was asked, what was expected, what was found and what to do."""

    def __init__(self, what: str, expected: str, found: str, action: str = "") -> None:
        self.what, self.expected, self.found, self.action = what, expected, found, action
        super().__init__(what, expected, found, action)

    def __str__(self) -> str:
        action = f"; {self.action}" if self.action else ""
        return f"{self.what}: expected {self.expected}, found {self.found}{action}"
