"""The register's file: opened once, written by one officer at a time, every act whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tarazy.domain.records import (
    ROLE_ADMINISTRATOR,
    ROLE_COMPLIANCE,
    ROLE_OPERATIONS,
)
from tarazy.facility.accounts import trail
from tarazy.facility.accounts.errors import AccountsError, DecisionRefusedError, NotInRegisterError
from tarazy.facility.accounts.migrations import MIGRATIONS
from tarazy.facility.accounts.parameters import DatedParameters, load_parameters
from tarazy.facility.accounts.trail import Actor
from tarazy.platform.storage.sql import open_database, transaction

# Who may do what: the same roles as the record knows.
INTAKE = ROLE_OPERATIONS | ROLE_COMPLIANCE
JUDGE = ROLE_COMPLIANCE
SET_UP = ROLE_COMPLIANCE | ROLE_ADMINISTRATOR


def register_beside(journal: Path) -> Path:
    """Return the register's file of a record: `<journal>.clients` beside it, as its keys and documents are."""
    return journal.with_name(f"{journal.name}.clients")


class Register:
    """The clients of one facility. `now` is the time in UTC; tests put their own in its place."""

    def __init__(
        self, path: Path, parameters: DatedParameters | None = None, now: Callable[[], datetime] | None = None
    ) -> None:
        self.path = path
        self.parameters = parameters or load_parameters()
        self.now = now or (lambda: datetime.now(UTC))
        try:
            self.connection = open_database(path, MIGRATIONS)
        except sqlite3.DatabaseError as error:
            action = "Bring it back from a copy; the trail of acts says whether that is whole"
            raise AccountsError(path, expected="a register of clients", found=str(error), action=action) from error

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
        return self.now().date()

    @property
    def moment(self) -> str:
        """Return the time as the register writes it: UTC, whole seconds."""
        return self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @contextmanager
    def acting(self, actor: Actor, roles: int) -> Iterator[None]:
        """Do an act of an officer who has one of these roles: all of it or nothing, also with acts inside it.

        Raises: DecisionRefusedError for another officer.
        """
        if not actor.roles & roles:
            found = f"officer {actor.officer_id} without it"
            raise DecisionRefusedError("officer", expected="an officer with a role for this act", found=found)
        if self.connection.in_transaction:
            yield
            return
        with transaction(self.connection):
            yield

    def write(self, actor: Actor, act: str, subject: int, body: object) -> int:
        """Write the line of an act, inside `acting`, and return its number."""
        return trail.append(self.connection, actor, self.moment, act, subject, body)

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
