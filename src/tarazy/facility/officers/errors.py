"""What can go wrong on an officer's desk: key files, drafts of instructions, and commands written as text."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from tarazy.platform.errors import ExplainedError


class OfficersError(ExplainedError):
    """Root of the errors here."""


class OfficerKeyError(OfficersError):
    """An officer's key file that cannot be used or must not be written."""


class DraftError(OfficersError):
    """A draft of an instruction that is not well formed, or was changed after it was signed."""


class CommandTextError(OfficersError):
    """A command in words that names no command, no field of it, or no value of the field."""


def nearest(word: str, known: list[str]) -> str:
    """Return advice that names the nearest of the known words, or all of them where none is near."""
    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.5)
    return f"The nearest is {by_lower[near[0]]}" if near else f"There are: {', '.join(known)}"


def shown(value: object, length_max: int = 60) -> str:
    """Return a value as an error shows it: quoted and cut."""
    text = repr(value)
    return text if len(text) <= length_max else f"{text[: length_max - 3]}..."


def file_error(kind: type[OfficersError], path: Path, act: str, error: OSError) -> OfficersError:
    """Return the error for what the machine says about a file."""
    return kind(path, expected=f"to {act}", found=error.strerror or str(error))
