"""A room's file of acts: opened once, written by one officer at a time, every act whole or not at all.

The register of clients, the bank book and custody's file are such files. An act of an officer is a signed line of the
trail in the transaction of its effect.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from tarazy.facility.accounts import trail
from tarazy.facility.accounts.parameters import DatedParameters, load_parameters
from tarazy.facility.accounts.trail import Actor
from tarazy.platform.errors import ExplainedError
from tarazy.platform.storage.sql import open_database, transaction


def moment_of(time: datetime) -> str:
    """Return a time as these files write it: UTC, whole seconds."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class ActsFile:
    """One such file. `now` is the time in UTC; tests put their own in its place.

    A room states what its file is (`what`), its migrations and dated parameters, what to do when it is damaged, and its
    errors: of the file, and of an act that may not be done.
    """

    what: ClassVar[str]
    when_damaged: ClassVar[str]
    migrations: ClassVar[Sequence[str]]
    shipped_parameters: ClassVar[Path]
    error: ClassVar[type[ExplainedError]]
    refused: ClassVar[type[ExplainedError]]

    def __init__(
        self, path: Path, parameters: DatedParameters | None = None, now: Callable[[], datetime] | None = None
    ) -> None:
        self.path = path
        self.parameters = parameters or load_parameters(self.shipped_parameters)
        self.now = now or (lambda: datetime.now(UTC))
        try:
            self.connection = open_database(path, self.migrations)
        except sqlite3.DatabaseError as error:
            raise self.error(path, expected=self.what, found=str(error), action=self.when_damaged) from error

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
        """Return the time as it is written here."""
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
        """Do an act of an officer who has one of these roles. Raises: the room's `refused` for another officer."""
        if not actor.roles & roles:
            found = f"officer {actor.officer_id} without it"
            raise self.refused("officer", expected="an officer with a role for this act", found=found)
        with self.changing():
            yield

    def write(self, actor: Actor, act: str, subject: int, body: object) -> int:
        """Write the line of an act, inside `acting`, and return its number."""
        return trail.append(self.connection, actor, self.moment, act, subject, body)
