"""How arguments are parsed: wrong usage is an error like any other, and help is a text that `Output` prints."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from tarazy.cli.errors import UsageError


class HelpAsked(Exception):  # noqa: N818 - no error
    """Somebody asked for the help of a verb."""


class VerbParser(argparse.ArgumentParser):
    """A parser that neither prints nor exits; names of arguments are written in full."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **{"allow_abbrev": False, **more})

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(f"{self.prog}: {message}", self.format_usage().strip())

    def print_help(self, file: object = None) -> None:
        """Raise HelpAsked with the text."""
        raise HelpAsked(self.format_help().strip())
