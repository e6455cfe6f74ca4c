"""Errors of the solvency room: what was expected, what was found, what to do."""

from __future__ import annotations


class SolvencyError(Exception):
    """Something cannot be proved, or is not what it claims to be."""

    def __init__(self, *, expected: str, found: str, action: str) -> None:
        self.expected = expected
        self.found = found
        self.action = action
        super().__init__(f"expected {expected}, found {found}. {action}")
