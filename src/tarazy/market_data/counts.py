"""Counts of what a flow met and did, each with its meaning in words, as the report gives them."""

from __future__ import annotations

from collections import Counter


class Counts:
    """Named counts; only names with a meaning can be counted."""

    def __init__(self, meanings: dict[str, str]) -> None:
        self.meanings = meanings
        self.values: Counter[str] = Counter()

    def add(self, name: str, number: int = 1) -> None:
        """Count.

        Raises: KeyError for a name without a meaning.
        """
        if name not in self.meanings:
            raise KeyError(name)
        self.values[name] += number

    def __getitem__(self, name: str) -> int:
        return self.values[name]

    def to_json(self) -> dict[str, int]:
        """Return every count, also those that are 0."""
        return {name: self.values[name] for name in self.meanings}

    def in_words(self) -> list[str]:
        """Return a line for every count that is not 0."""
        return [f"{self.values[name]:,} {words}" for name, words in self.meanings.items() if self.values[name]]
