"""Errors that the command line tells in one line; any other exception is a defect and keeps its traceback."""

from __future__ import annotations

import sys

# Module and class of every operating error. They are looked up among the modules that are loaded: a verb pays for no
# other verb's imports, and an error that was raised has its module loaded.
OPERATING_ERRORS = (
    ("tarazy.domain.engine", "InvariantBroken"),
    ("tarazy.domain.instructions", "InstructionError"),
    ("tarazy.facility.flow.errors", "FlowFileError"),
    ("tarazy.facility.officers.errors", "OfficersError"),
    ("tarazy.facility.projections.errors", "ProjectionError"),
    ("tarazy.facility.sequencer.errors", "SequencerError"),
    ("tarazy.journal.errors", "JournalError"),
    ("tarazy.screening.bytecode.code", "CodeError"),
    ("tarazy.screening.chain.errors", "ChainError"),
    ("tarazy.screening.criteria.errors", "CriteriaError"),
    ("tarazy.screening.dossier", "DossierError"),
    ("tarazy.screening.identity.identifiers", "IdentifierError"),
    ("tarazy.screening.request", "RequestError"),
    ("tarazy.screening.safe_token.errors", "SafeTokenError"),
    ("tarazy.screening.service.lists", "ListError"),
    ("tarazy.screening.service.serve", "ServeError"),
    ("tarazy.screening.service.signing", "KeyFileError"),
    ("tarazy.screening.watch.errors", "WatchError"),
)


class CliError(Exception):
    """Wrong usage that argparse cannot see: expected X, found Y, what to do."""


def describe(error: Exception) -> str | None:
    """Return the line for an operating error, or None for a defect."""
    if isinstance(error, CliError) or is_operating_error(error):
        return str(error)
    if isinstance(error, OSError):
        name = f"{error.filename}: " if error.filename else ""
        return f"{name}{error.strerror or error}"
    return None


def is_operating_error(error: Exception) -> bool:
    """Return whether an error is one of those above."""
    loaded = (getattr(sys.modules.get(module), name, None) for module, name in OPERATING_ERRORS)
    return any(isinstance(kind, type) and isinstance(error, kind) for kind in loaded)
