"""What can go wrong with a file of recorded order flow: exceptions with typed attributes."""

from __future__ import annotations

from pathlib import Path


class FlowFileError(Exception):
    """Say that a file of order flow is not what its format asks for: where, what was expected, what was found.

    `line` 0 = the file as a whole; `column` empty = the line as a whole, else the column's or the field's name.
    """

    def __init__(
        self, path: Path | str, line: int, expected: str, found: str, advice: str = "", column: str = ""
    ) -> None:
        self.path = path
        self.line = line
        self.expected = expected
        self.found = found
        self.advice = advice
        self.column = column
        super().__init__(path, line, expected, found, advice, column)

    def __str__(self) -> str:
        where = printable(str(self.path))
        where += f", line {self.line}" if self.line else ""
        where += f", column {self.column}" if self.column else ""
        advice = f"; {self.advice}" if self.advice else ""
        return f"{where}: expected {self.expected}, found {self.found}{advice}"


class FlowRefusedError(Exception):
    """Say that the venue refused a command which the flow cannot do without."""

    def __init__(
        self, command: str, code: int, name: str, doc: str, expected: str, found: str, advice: str = ""
    ) -> None:
        self.command = command
        self.code = code
        self.name = name
        super().__init__(command, code, name, doc, expected, found, advice)

    def __str__(self) -> str:
        _, _, _, doc, expected, found, advice = self.args
        refused = f"the venue refused {self.command} with {self.name} ({self.code}): {doc}"
        return f"{refused} Expected {expected}, found {found}; nothing was imported. {advice}".rstrip()


def shown(text: str, length_max: int = 80) -> str:
    """Return a piece of a file as an error message shows it: quoted and cut."""
    return ascii(text if len(text) <= length_max else text[: length_max - 3] + "...")


def printable(text: str) -> str:
    """Return a text without line breaks, control characters and half characters, which a terminal could not show."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
