"""What can be wrong with a configuration file."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong: the key as `section.key`, what was expected, what was found, what to do."""

    key: str
    expected: str
    found: str
    action: str = ""

    def __str__(self) -> str:
        advice = f". {self.action}" if self.action else ""
        return f"{self.key}: expected {self.expected}, found {self.found}{advice}"


class ConfigError(Exception):
    """A configuration that cannot be used; `problems` are all that were found, in the order of the file's sections."""

    def __init__(self, path: Path | None, problems: Sequence[Problem]) -> None:
        self.path = path
        self.problems = tuple(problems)
        super().__init__(path, self.problems)

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path is not None else ""
        return "\n".join(f"{where}{problem}" for problem in self.problems)


def nearest(word: str, known: Sequence[str]) -> str:
    """Return advice that names the nearest of the known words, or all of them where none is near."""
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    return f"The nearest is {near[0]}" if near else f"There are: {', '.join(known)}"
