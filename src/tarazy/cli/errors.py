"""Errors that the command line tells in one line; any other exception is a defect and keeps its traceback."""

from __future__ import annotations


class CliError(Exception):
    """Wrong usage that argparse cannot see: expected X, found Y, what to do."""


def describe(error: Exception) -> str | None:
    """Return the line for an operating error, or None for a defect."""
    if isinstance(error, CliError):
        return str(error)
    if isinstance(error, OSError):
        name = f"{error.filename}: " if error.filename else ""
        return f"{name}{error.strerror or error}"
    return None
