"""What can go wrong with a file of recorded order flow: one exception with typed attributes."""

from __future__ import annotations

from pathlib import Path


class FlowFileError(Exception):
    """Say that a file of order flow is not what its format asks for: where, what was expected, what was found."""

    def __init__(self, path: Path, line: int, expected: str, found: str, advice: str = "") -> None:
        self.path = path
        self.line = line
        self.expected = expected
        self.found = found
        self.advice = advice
        super().__init__(path, line, expected, found, advice)

    def __str__(self) -> str:
        where = f"{self.path}, line {self.line}" if self.line else str(self.path)
        advice = f"; {self.advice}" if self.advice else ""
        return f"{where}: expected {self.expected}, found {self.found}{advice}"


def shown(text: str, length_max: int = 80) -> str:
    """Return a piece of a file as an error message shows it: quoted and cut."""
    return repr(text if len(text) <= length_max else text[: length_max - 3] + "...")
