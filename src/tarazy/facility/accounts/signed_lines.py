"""Single lines of a trail, read while its file may be in use, and believed only where an officer of the record signed.

What clients are told to pay to is read so: whoever can write into a file beside the record, and has no officer's key,
cannot put an address or an account of his own in its place.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tarazy.facility.accounts.trail import OfficersKeys, TrailLine, check_line, had

Body = dict[str, Any]
COLUMNS = ", ".join(f"acts.{name}" for name in TrailLine._fields)


class SignedLines:
    """Checks lines by the officers' keys. `history` gives every key that each has had; it is asked where it must be."""

    def __init__(self, now: Callable[[], Mapping[int, bytes]], history: Callable[[], OfficersKeys]) -> None:
        self._now, self._history = now, history

    def read(
        self, connection: sqlite3.Connection, query: str, values: Mapping[str, int | str]
    ) -> Iterator[dict[str, Any]]:
        """Yield the bodies of the lines that a query finds, whose columns are `COLUMNS`.

        Raises: TrailDamagedError for a line that no officer of the record signed.
        """
        for row in connection.execute(query, values):
            yield self.body_of(TrailLine(*row))

    def body_of(self, line: TrailLine) -> Body:
        """Return what a line says. Raises: TrailDamagedError."""
        known: OfficersKeys = self._now()
        if line.public_key not in had(known.get(line.officer_id, ())):
            known = self._history()
        check_line(line, had(known.get(line.officer_id, ())))
        body: Body = json.loads(line.body)
        return body
