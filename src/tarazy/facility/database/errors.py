"""What can go wrong with a database, as exceptions that say what was expected, what was found and what to do."""

from __future__ import annotations


class DatabaseError(Exception):
    """Root of all errors of the databases. `place` names the database, without any password."""

    what = "the database cannot be used"
    action = "Nothing of the record is in it: correct the database or its address and run the command again."

    def __init__(self, place: str, *, expected: str, found: str) -> None:
        self.place = place
        self.expected = expected
        self.found = found
        super().__init__(place, expected, found)

    def __str__(self) -> str:
        return f"{self.place}: {self.what}: expected {self.expected}, found {self.found}. {self.action}"


class AddressError(DatabaseError):
    """What was given as a database cannot be one."""

    what = "this is no address of a database"
    action = "Give a file for SQLite, or postgresql://USER@HOST:PORT/NAME."


class DriverMissingError(DatabaseError):
    """The driver of the database is not installed."""

    what = "the driver of PostgreSQL is not installed"
    action = "Install it: pip install 'tarazy[postgresql]'."


class OpenError(DatabaseError):
    """The database does not answer, or is not what it should be."""

    what = "the database cannot be opened"


class LostError(DatabaseError):
    """The database failed while it was in use; what was under way is undone in it."""

    what = "the database failed"
    action = "Start again when it runs: what it holds is whole, and the work goes on from there."
