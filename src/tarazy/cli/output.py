"""What a verb prints: text for people, or one JSON object on the last line of stdout.

With --json, everything for people goes to stderr, so that stdout holds the object alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

WIDTH_WITHOUT_TERMINAL = 160


class Output:
    """Where a verb's words, bars and result go."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        self.console = make_console(stderr=as_json)
        self.errors = make_console(stderr=True)

    def say(self, text: str = "", style: str | None = None) -> None:
        """Print a line for people."""
        self.console.print(text, style=style, markup=False)

    def text(self, data: bytes) -> None:
        """Print bytes that a program reads, as they are; nothing with --json, whose object holds the same."""
        if not self.as_json:
            sys.stdout.write(data.decode())
            sys.stdout.flush()

    def show(self, renderable: Any) -> None:
        """Print a table or another thing that rich renders."""
        self.console.print(renderable)

    def warn(self, text: str) -> None:
        """Print a line that is about the run, not its result."""
        self.errors.print(text, markup=False)

    def fail(self, text: str) -> None:
        """Say why the verb could not be done; with --json also as an object, so that a caller reads one form."""
        self.errors.print(f"tarazy: {text}", markup=False)
        self.result({"error": text})

    def result(self, values: Mapping[str, Any]) -> None:
        """Print the result object; nothing without --json."""
        if self.as_json:
            sys.stdout.write(json.dumps(values, default=plain) + "\n")
            sys.stdout.flush()

    @property
    def draws(self) -> bool:
        """Say whether progress bars are drawn: stderr is a terminal."""
        return self.errors.is_terminal

    def progress(self) -> Progress:
        """Return a progress bar on stderr, which draws nothing where stderr is not a terminal."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        return Progress(*columns, console=self.errors, disable=not self.draws)


def make_console(*, stderr: bool) -> Console:
    """Return a console; where there is no terminal, tables are as wide as they need."""
    console = Console(stderr=stderr, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    return console


def plain(value: object) -> object:
    """Return a value that JSON knows: hex for bytes, text for the rest."""
    return value.hex() if isinstance(value, (bytes, bytearray, memoryview)) else str(value)
