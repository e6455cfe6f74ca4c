"""What a verb prints: text for people, or one JSON object on the last line of stdout. Nothing else prints.

With --json, everything for people goes to stderr, so that stdout holds the object alone. Names, reasons and errors of
strangers are data: no markup is read in them, and what a terminal would obey is written out (`platform/sanitising.py`).
A stderr that is closed or full stops nothing; a stdout that is ends the verb with `OutputLostError`. A reader that has
seen enough (`tarazy ... | head`) is no fault: nothing is said of it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.text import Text

from tarazy.platform.sanitising import sanitised

WIDTH_WITHOUT_TERMINAL = 160


class OutputLostError(Exception):
    """What the verb found cannot be written to stdout."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"expected to write to stdout, found: {error.strerror or error}. Give it a place with room")
        self.reader_left = isinstance(error, BrokenPipeError)


class VisibleConsole(Console):
    """A console that writes out what cannot be seen, so that widths are right, whatever is rendered."""

    def render_str(self, text: str, **more: Any) -> Text:
        """Return text of a cell or a line."""
        return super().render_str(sanitised(text), **more)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield what is printed; a control code comes from this program alone."""
        for each in super().render(renderable, options):
            yield each if each.control else Segment(sanitised(each.text), each.style)

    def on_broken_pipe(self) -> None:
        """Let the fault be seen by who prints."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


class Output:
    """Where a verb's words, bars and result go."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        self.console = make_console(stderr=as_json)
        self.errors = make_console(stderr=True)
        self._line_is_open = False

    def say(self, text: str = "", style: str | None = None) -> None:
        """Print a line for people."""
        self._print(self.console, text, style)

    def text(self, data: bytes) -> None:
        """Print bytes that a program reads, as they are; nothing with --json, whose object holds the same."""
        if self.as_json:
            return
        if self.console.is_terminal:
            data = sanitised(data.decode("utf-8", "backslashreplace")).encode("utf-8", "backslashreplace")
        with found_by_stdout():
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.flush()

    def show(self, renderable: Any) -> None:
        """Print a table or another thing that rich renders."""
        self._print(self.console, renderable)

    def warn(self, text: str) -> None:
        """Print a line that is about the run, not its result."""
        self._print(self.errors, text)

    def fail(self, text: str) -> None:
        """Say why the verb could not be done; with --json also as an object, so that a caller reads one form."""
        self.warn(f"tarazy: {text}")
        self.result({"error": text})

    def result(self, values: Mapping[str, Any]) -> None:
        """Print the result object; nothing without --json."""
        if self.as_json:
            self.line(json.dumps(values, default=plain))

    def line(self, text: str) -> None:
        """Print a line that a program reads. One that Ctrl-C cut short is ended before the next, which is whole."""
        before, self._line_is_open = "\n" if self._line_is_open else "", True
        with found_by_stdout():
            sys.stdout.write(f"{before}{text}\n")
            sys.stdout.flush()
        self._line_is_open = False

    def pieces(self, texts: Iterable[str]) -> None:
        """Print the result object from its pieces, where it is too large to be held; nothing without --json."""
        if not self.as_json:
            return
        self._line_is_open = True
        for text in texts:
            with found_by_stdout():
                sys.stdout.write(text)
        with found_by_stdout():
            sys.stdout.write("\n")
            sys.stdout.flush()
        self._line_is_open = False

    def _print(self, console: Console, renderable: Any, style: str | None = None) -> None:
        if console.stderr:
            with contextlib.suppress(OSError):
                console.print(renderable, style=style)
        else:
            with found_by_stdout():
                console.print(renderable, style=style)

    @property
    def draws(self) -> bool:
        """Say whether progress bars are drawn: stderr is a terminal."""
        return self.errors.is_terminal

    def progress(self) -> Progress:
        """Return a progress bar on stderr, which draws nothing where stderr is not a terminal."""
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        return Progress(*columns, console=self.errors, disable=not self.draws)


def make_console(*, stderr: bool) -> Console:
    """Return a console; where there is no terminal, tables are as wide as they need."""
    console = VisibleConsole(stderr=stderr, highlight=False, soft_wrap=True, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    return console


@contextlib.contextmanager
def found_by_stdout() -> Iterator[None]:
    """Say that stdout is lost where it cannot be written."""
    try:
        yield
    except OSError as error:
        raise OutputLostError(error) from error


def plain(value: object) -> object:
    """Return a value that JSON knows: hex for bytes, text for the rest."""
    return value.hex() if isinstance(value, (bytes, bytearray, memoryview)) else str(value)
