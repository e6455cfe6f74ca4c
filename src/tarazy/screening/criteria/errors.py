"""What can go wrong with a criteria file or a waiver: one exception with typed attributes."""

from __future__ import annotations

from pathlib import Path


class CriteriaError(Exception):
    """Say that a file of criteria or waivers is not as asked: where, what was expected, what was found."""

    def __init__(self, path: Path | str, where: str, expected: str, found: str, advice: str = "") -> None:
        self.path = path
        self.where = where
        self.expected = expected
        self.found = found
        self.advice = advice
        super().__init__(path, where, expected, found, advice)

    def __str__(self) -> str:
        place = f"{self.path}, {self.where}" if self.where else str(self.path)
        advice = f"; {self.advice}" if self.advice else ""
        return f"{place}: expected {self.expected}, found {self.found}{advice}"
