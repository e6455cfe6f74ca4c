"""Errors that the command line tells in one line; any other exception is a defect, told in one line as well."""

from __future__ import annotations

import errno
import sys
import tempfile
import traceback

# Module and class of every operating error. They are looked up among the modules that are loaded: a verb pays for no
# other verb's imports, and an error that was raised has its module loaded.
OPERATING_ERRORS = (
    ("tarazy.domain.engine", "InvariantBroken"),
    ("tarazy.domain.instructions", "InstructionError"),
    ("tarazy.market_data.errors", "FlowFileError"),
    ("tarazy.market_data.errors", "FlowRefusedError"),
    ("tarazy.facility.accounts.errors", "AccountsError"),
    ("tarazy.facility.banking.errors", "BankingError"),
    ("tarazy.facility.custody.errors", "CustodyError"),
    ("tarazy.facility.officers.errors", "OfficersError"),
    ("tarazy.facility.projections.errors", "ProjectionError"),
    ("tarazy.facility.reconciliation.errors", "ReconciliationError"),
    ("tarazy.facility.sequencer.errors", "SequencerError"),
    ("tarazy.journal.errors", "JournalError"),
    ("tarazy.platform.signed_acts.errors", "ActError"),
    ("tarazy.oversight.solvency.errors", "SolvencyError"),
    ("tarazy.chains.evm.code", "CodeError"),
    ("tarazy.chains.errors", "ChainError"),
    ("tarazy.chains.errors", "OwnContractError"),
    ("tarazy.platform.access.usage", "UsageFileError"),
    ("tarazy.platform.config.errors", "ConfigError"),
    ("tarazy.platform.documents.errors", "DocumentError"),
    ("tarazy.rulebook.errors", "RulebookError"),
    ("tarazy.oversight.listing.errors", "ListingFileError"),
    ("tarazy.screening.criteria.errors", "CriteriaError"),
    ("tarazy.screening.dossier", "DossierError"),
    ("tarazy.screening.identity.identifiers", "IdentifierError"),
    ("tarazy.screening.request", "RequestError"),
    ("tarazy.screening.service.lists", "ListError"),
    ("tarazy.platform.web.serving", "ServeError"),
    ("tarazy.platform.signing.key_file", "KeyFileError"),
    ("tarazy.platform.storage.sql", "NewerDatabaseError"),
    ("tarazy.screening.watch.errors", "WatchError"),
)


# What was expected and what to do, by what the system said.
EXPECTED = {
    errno.ENOENT: ("a file or folder of this name", "Check the path"),
    errno.ENOTDIR: ("a folder in the path", "Check the path"),
    errno.EISDIR: ("a file", "Give the path of a file"),
    errno.EACCES: ("leave to read or write it", "Change its rights, or take another place"),
    errno.EPERM: ("leave to read or write it", "Change its rights, or take another place"),
    errno.EROFS: ("a file system that can be written", "Take another place"),
    errno.ENOSPC: ("room on the device", "Make room, then do it again"),
}


class CliError(Exception):
    """Wrong usage that argparse cannot see: expected X, found Y, what to do."""


class UsageError(CliError):
    """Wrong usage that argparse sees; `usage` is how the verb is used."""

    def __init__(self, text: str, usage: str) -> None:
        super().__init__(text)
        self.usage = usage


def describe(error: Exception) -> str | None:
    """Return the line for an operating error, or None for a defect."""
    if isinstance(error, CliError) or is_operating_error(error):
        return str(error)
    if isinstance(error, OSError):
        return from_the_system(error)
    if isinstance(error, RecursionError):
        return "expected data nested a few levels deep, found more than can be read. Give flatter data"
    if isinstance(error, ValueError) and "integer string conversion" in str(error):
        return f"expected numbers of at most {sys.get_int_max_str_digits():,} digits, found a longer one"
    if isinstance(error, MemoryError):
        return "expected enough memory for this input, found too little. Give less at once"
    return None


def defect(error: Exception) -> str:
    """Return the line for a defect, whose traceback is kept in a file."""
    descriptor, path = tempfile.mkstemp(prefix="tarazy-defect-", suffix=".txt")
    with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write("".join(traceback.format_exception(error)))
    return f"a defect: {type(error).__name__}: {str(error)[:300]}. Nobody expected this; please report {path}"


def from_the_system(error: OSError) -> str:
    """Return the line for what the system says about a file or a connection."""
    words = error.strerror or str(error)
    if not error.filename:
        return words
    expected, action = EXPECTED.get(error.errno or 0, ("to read or write it", "Mend that and do it again"))
    return f"{error.filename}: expected {expected}, found: {words}. {action}"


def is_operating_error(error: Exception) -> bool:
    """Return whether an error is one of those above."""
    loaded = (getattr(sys.modules.get(module), name, None) for module, name in OPERATING_ERRORS)
    return any(isinstance(kind, type) and isinstance(error, kind) for kind in loaded)
