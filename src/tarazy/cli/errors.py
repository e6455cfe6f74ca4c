"""Errors that the command line tells in one line; any other exception is a defect and keeps its traceback."""

from __future__ import annotations

from tarazy.domain.engine import InvariantBroken
from tarazy.facility.flow.errors import FlowFileError
from tarazy.facility.sequencer.errors import SequencerError
from tarazy.journal.errors import JournalError
from tarazy.screening.request import RequestError


class CliError(Exception):
    """Wrong usage that argparse cannot see: expected X, found Y, what to do."""


def describe(error: Exception) -> str | None:
    """Return the line for an operating error, or None for a defect."""
    if isinstance(error, CliError | JournalError | InvariantBroken | FlowFileError | SequencerError | RequestError):
        return str(error)
    if isinstance(error, OSError):
        name = f"{error.filename}: " if error.filename else ""
        return f"{name}{error.strerror or error}"
    return None
