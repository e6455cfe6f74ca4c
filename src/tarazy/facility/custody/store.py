"""Custody's own file beside the record: opened once, every act and every step whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tarazy.domain.records import ROLE_ADMINISTRATOR, ROLE_COMPLIANCE, ROLE_CUSTODY
from tarazy.facility.accounts.acts_file import ActsFile
from tarazy.facility.custody.errors import CustodyError, CustodyRefusedError, UnknownInCustodyError
from tarazy.facility.custody.migrations import MIGRATIONS

SHIPPED = Path(__file__).with_name("parameters.toml")
# Who may do what: the same roles as the record knows.
KEEP = ROLE_CUSTODY | ROLE_ADMINISTRATOR
JUDGE = ROLE_COMPLIANCE | ROLE_CUSTODY


def custody_beside(journal: Path) -> Path:
    """Return custody's file of a record: `<journal>.custody/custody.sqlite3` beside it."""
    return journal.with_name(f"{journal.name}.custody") / "custody.sqlite3"


class CustodyStore(ActsFile):
    """What custody knows of one facility."""

    what = "custody's file"
    when_damaged = (
        "Bring it back from a copy; addresses and keys are in the trail of acts, the rest comes from the chains"
    )
    migrations = MIGRATIONS
    shipped_parameters = SHIPPED
    error = CustodyError
    refused = CustodyRefusedError

    def do(self, statement: str, *values: Any) -> int:
        """Run a statement and return how many rows it changed."""
        return self.connection.execute(statement, values).rowcount

    def one(self, what: str, query: str, *values: Any) -> tuple[Any, ...]:
        """Return a row that must be there.

        Raises: UnknownInCustodyError.
        """
        row = self.connection.execute(query, values).fetchone()
        if row is None:
            found = ", ".join(map(str, values))
            raise UnknownInCustodyError(what, expected="one that custody knows", found=found)
        return tuple(row)

    def maybe(self, query: str, *values: Any) -> tuple[Any, ...] | None:
        """Return a row, None where there is none."""
        row = self.connection.execute(query, values).fetchone()
        return None if row is None else tuple(row)

    def all(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return rows."""
        return self.connection.execute(query, values).fetchall()
