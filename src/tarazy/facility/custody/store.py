"""Custody's own file beside the record: opened once, every act and every step whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tarazy.domain.records import ROLE_ADMINISTRATOR, ROLE_COMPLIANCE, ROLE_CUSTODY
from tarazy.facility.accounts import trail
from tarazy.facility.accounts.parameters import DatedParameters, load_parameters
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.custody.errors import CustodyError, CustodyRefusedError, UnknownInCustodyError
from tarazy.facility.custody.migrations import MIGRATIONS
from tarazy.platform.storage.sql import open_database, transaction

SHIPPED = Path(__file__).with_name("parameters.toml")
# Who may do what: the same roles as the record knows.
KEEP = ROLE_CUSTODY | ROLE_ADMINISTRATOR
JUDGE = ROLE_COMPLIANCE | ROLE_CUSTODY


def custody_beside(journal: Path) -> Path:
    """Return custody's file of a record: `<journal>.custody/custody.sqlite3` beside it."""
    return journal.with_name(f"{journal.name}.custody") / "custody.sqlite3"


class CustodyStore:
    """What custody knows of one facility. `now` is the time in UTC; tests put their own in its place."""

    def __init__(
        self, path: Path, parameters: DatedParameters | None = None, now: Callable[[], datetime] | None = None
    ) -> None:
        self.path = path
        self.parameters = parameters or load_parameters(SHIPPED)
        self.now = now or (lambda: datetime.now(UTC))
        try:
            self.connection = open_database(path, MIGRATIONS)
        except sqlite3.DatabaseError as error:
            action = (
                "Bring it back from a copy; addresses and keys are in the trail of acts, the rest comes from the chains"
            )
            raise CustodyError(path, expected="custody's file", found=str(error), action=action) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    @property
    def today(self) -> date:
        """Return the day in UTC."""
        return self.now().astimezone(UTC).date()

    @property
    def moment(self) -> str:
        """Return the time as it is written here: UTC, whole seconds."""
        return moment_of(self.now())

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Do all of what is inside or nothing; inside another one it is part of it."""
        if self.connection.in_transaction:
            yield
            return
        with transaction(self.connection):
            yield

    @contextmanager
    def acting(self, actor: Actor, roles: int) -> Iterator[None]:
        """Do an act of an officer who has one of these roles.

        Raises: CustodyRefusedError for another officer.
        """
        if not actor.roles & roles:
            found = f"officer {actor.officer_id} without it"
            raise CustodyRefusedError("officer", expected="an officer with a role for this act", found=found)
        with self.changing():
            yield

    def write(self, actor: Actor, act: str, subject: int, body: object) -> int:
        """Write the line of an act, inside `acting`, and return its number."""
        return trail.append(self.connection, actor, self.moment, act, subject, body)

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


def moment_of(time: datetime) -> str:
    """Return a time as it is written here."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
