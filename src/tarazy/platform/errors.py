"""The root of errors that say where, what was expected and found, and what to do; rooms have their own below it."""

from __future__ import annotations


class ExplainedError(Exception):
    """An error in one sentence; the words are attributes, too."""

    def __init__(self, where: object, *, expected: str, found: str, action: str = "") -> None:
        self.where, self.expected, self.found, self.action = where, expected, found, action
        super().__init__(where, expected, found, action)

    def __str__(self) -> str:
        advice = f". {self.action}" if self.action else ""
        return f"{self.where}: expected {self.expected}, found {self.found}{advice}"
