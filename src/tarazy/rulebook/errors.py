"""Errors of the rulebook: what was expected, what was found, what to do."""

from __future__ import annotations

from pathlib import Path


class RulebookError(Exception):
    """A rule, a value, a situation or a fact cannot be used."""

    def __init__(self, where: str | Path, *, expected: str, found: str, action: str = "") -> None:
        super().__init__(f"{where}: expected {expected}, found {found}{f'. {action}' if action else ''}")
        self.where = str(where)
        self.expected = expected
        self.found = found
        self.action = action


class RuleConflictError(RulebookError):
    """Two rules decide one subject on one day, and neither is declared the exception of the other."""


class RuleGapError(RulebookError):
    """No rule, or no row of a value, is in force where the regime says that there is one."""


class MissingEvidenceError(Exception):
    """A fact or a value that a check asks for is not there; the verdict is then unknown.

    `settled_by`: which evidence would decide, in words.
    """

    def __init__(self, text: str, settled_by: str) -> None:
        super().__init__(text)
        self.settled_by = settled_by
