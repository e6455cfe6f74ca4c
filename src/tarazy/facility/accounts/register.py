"""The register's file: opened once, written by one officer at a time, every act whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tarazy.domain.records import (
    ROLE_ADMINISTRATOR,
    ROLE_COMPLIANCE,
    ROLE_OPERATIONS,
)
from tarazy.facility.accounts.acts_file import ActsFile
from tarazy.facility.accounts.errors import AccountsError, DecisionRefusedError, NotInRegisterError
from tarazy.facility.accounts.migrations import MIGRATIONS
from tarazy.facility.accounts.parameters import SHIPPED

# Who may do what: the same roles as the record knows.
INTAKE = ROLE_OPERATIONS | ROLE_COMPLIANCE
JUDGE = ROLE_COMPLIANCE
SET_UP = ROLE_COMPLIANCE | ROLE_ADMINISTRATOR


def register_beside(journal: Path) -> Path:
    """Return the register's file of a record: `<journal>.clients` beside it, as its keys and documents are."""
    return journal.with_name(f"{journal.name}.clients")


class Register(ActsFile):
    """The clients of one facility."""

    what = "a register of clients"
    when_damaged = "Bring it back from a copy; the trail of acts says whether that is whole"
    migrations = MIGRATIONS
    shipped_parameters = SHIPPED
    error = AccountsError
    refused = DecisionRefusedError

    def one(self, what: str, query: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return a row that must be there.

        Raises: NotInRegisterError.
        """
        row = self.connection.execute(query, values).fetchone()
        if row is None:
            found = ", ".join(map(str, values))
            raise NotInRegisterError(what, expected="a number that the register knows", found=found)
        return tuple(row)

    def all(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return rows."""
        return self.connection.execute(query, values).fetchall()
