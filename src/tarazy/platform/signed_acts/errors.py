"""What can go wrong at a desk of signed acts: where, what was expected, what was found, what to do."""

from __future__ import annotations


class ActError(Exception):
    """Root of the errors here."""

    def __init__(self, where: object, *, expected: str, found: str, action: str = "") -> None:
        self.where, self.expected, self.found, self.action = where, expected, found, action
        super().__init__(where, expected, found, action)

    def __str__(self) -> str:
        advice = f". {self.action}" if self.action else ""
        return f"{self.where}: expected {self.expected}, found {self.found}{advice}"


class ActRefusedError(ActError):
    """An act that its fields, the state or the rules do not allow now. Nothing was written."""


class ActRecordError(ActError):
    """A record of acts that does not hold, or that cannot be written."""
