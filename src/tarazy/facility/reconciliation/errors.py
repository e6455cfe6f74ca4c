"""Errors of reconciliation: what was expected, what was found, what to do."""

from __future__ import annotations


class ReconciliationError(Exception):
    """A reconciliation cannot be made, reviewed or lifted as asked."""

    def __init__(self, *, expected: str, found: str, action: str) -> None:
        self.expected = expected
        self.found = found
        self.action = action
        super().__init__(f"expected {expected}, found {found}. {action}")
