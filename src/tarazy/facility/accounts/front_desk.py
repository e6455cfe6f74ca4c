"""What people hand in at the pages: requests to sign up, complaints, answers of the test of knowledge.

The register of clients is written by officers alone, each act with a signature, and no officer's key lies on a server
that strangers reach. So what comes in is kept here, in a file of its own beside the users, with the time at which it
came and the clocks that began then; an officer takes it into the register with the acts of `tarazy facility client`,
`--received` the day that stands here. Nothing is changed here but that it was taken.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError
from tarazy.facility.accounts.parameters import DatedParameters, load_parameters
from tarazy.facility.accounts.workdays import load_calendars
from tarazy.platform.access.audit import AuditTrail
from tarazy.platform.storage.sql import open_database, transaction

SIGN_UP, COMPLAINT, TEST = KINDS = ("sign_up", "complaint", "test")
TEXT_CHARS_MAX = 4_000
OPEN_OF_PERSON_MAX = 20
SIGN_UPS_OPEN_MAX = 1_000
WORKING = "working days"
MIGRATIONS = (
    """
CREATE TABLE handed_in (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, person TEXT NOT NULL, account_id INTEGER NOT NULL,
    at_s INTEGER NOT NULL, body TEXT NOT NULL, acknowledge_by TEXT NOT NULL, answer_by TEXT NOT NULL,
    taken_s INTEGER, taken_by TEXT NOT NULL
) STRICT;
CREATE INDEX handed_in_by ON handed_in (kind, person, number);
""",
)
COLUMNS = "number, kind, person, account_id, at_s, body, acknowledge_by, answer_by, taken_s, taken_by"


class HandedIn(NamedTuple):
    """One thing that was handed in. Units: seconds since 1970; days as text, empty where no clock runs."""

    number: int
    kind: str
    person: str
    account_id: int
    at_s: int
    body: dict[str, Any]
    acknowledge_by: str
    answer_by: str
    taken_s: int | None
    taken_by: str

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        at = datetime.fromtimestamp(self.at_s, UTC).isoformat()
        taken = datetime.fromtimestamp(self.taken_s, UTC).isoformat() if self.taken_s is not None else None
        return {**self._asdict(), "at": at, "taken": taken}


class FrontDesk:
    """What was handed in at one facility. May be used from several threads."""

    def __init__(
        self, folder: Path, parameters: DatedParameters | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._connection = open_database(folder / "front_desk.sqlite", MIGRATIONS)
        self._audit = AuditTrail(folder / "audit.jsonl")
        self._lock = threading.Lock()
        self.beginning = threading.Lock()  # whose turn it is at the test holds until the attempt is kept
        self.parameters, self.clock = parameters or load_parameters(), clock

    def close(self) -> None:
        """Close the table."""
        self._connection.close()

    @property
    def today(self) -> date:
        """Return the day, UTC."""
        return datetime.fromtimestamp(self.clock(), UTC).date()

    # ------------------------------------------------------------ handing in

    def sign_up(self, name: str, reach: str, text: str) -> HandedIn:
        """Take a request to become a client.

        Raises: RegisterInputError; DecisionRefusedError where too many wait.
        """
        check_text("name", name, 200)
        check_text("how to reach you", reach, 200)
        check_text("text", text or "-", TEXT_CHARS_MAX)
        if len(self.all(SIGN_UP, is_open=True)) >= SIGN_UPS_OPEN_MAX:
            raise DecisionRefusedError("sign-up", expected=f"at most {SIGN_UPS_OPEN_MAX} that wait", found="more")
        return self._take_in(SIGN_UP, "", 0, {"name": name, "reach": reach, "text": text})

    def complain(self, person: str, account_id: int, text: str) -> HandedIn:
        """Take a complaint; its clocks begin today (aifc_cob/15.2).

        Raises: RegisterInputError; DecisionRefusedError where too many of this person wait.
        """
        check_text("complaint", text, TEXT_CHARS_MAX)
        waiting = [each for each in self.of(person, COMPLAINT) if each.taken_s is None]
        if len(waiting) >= OPEN_OF_PERSON_MAX:
            raise DecisionRefusedError("complaint", expected=f"at most {OPEN_OF_PERSON_MAX} that wait", found="more")
        keys = ("complaint.acknowledge_days", "complaint.answer_days")
        first, last = (self.deadline(key, self.today).isoformat() for key in keys)
        return self._take_in(COMPLAINT, person, account_id, {"text": text}, first, last)

    def deadline(self, key: str, day: date) -> date:
        """Return the last day of a clock that begins on a day. Raises: ParameterUnsetError."""
        row = self.parameters.at(key, day)
        if row.unit == WORKING:
            return load_calendars().after(day, int(row.value))
        return day + timedelta(days=int(row.value))

    def keep_test(self, person: str, account_id: int, body: dict[str, Any]) -> HandedIn:
        """Keep an attempt at the test that was begun; it counts whether it is answered or not."""
        return self._take_in(TEST, person, account_id, body)

    def end_test(self, number: int, body: dict[str, Any]) -> bool:
        """Keep the answers of an attempt; say whether it had none yet: the first answers count."""
        with self._lock:
            text = json.dumps(body, ensure_ascii=False)
            query = "UPDATE handed_in SET body = ? WHERE number = ? AND json_extract(body, '$.permille') IS NULL"
            return self._connection.execute(query, (text, number)).rowcount == 1

    # ------------------------------------------------------------ reading, and taking into the register

    def of(self, person: str, kind: str) -> list[HandedIn]:
        """Return what a person handed in of a kind, the newest first."""
        return self._rows("kind = ? AND person = ? ORDER BY number DESC", kind, person)

    def all(self, kind: str, *, is_open: bool = False) -> list[HandedIn]:
        """Return all of a kind, oldest first, or those that nobody has taken."""
        return self._rows(f"kind = ?{' AND taken_s IS NULL' if is_open else ''} ORDER BY number", kind)

    def take(self, number: int, by: str) -> HandedIn:
        """Note that an officer has taken something into the register.

        Raises: RegisterInputError where it is not there, or was taken.
        """
        with self._lock, transaction(self._connection):
            query = "UPDATE handed_in SET taken_s = ?, taken_by = ? WHERE number = ? AND taken_s IS NULL"
            done = self._connection.execute(query, (int(self.clock()), by[:80], number)).rowcount
            if not done:
                raise RegisterInputError("number", expected="something that waits", found=str(number))
            self._audit.write("handed_in_taken", number=number, by=by[:80])
        return self._rows("number = ?", number)[0]

    # ------------------------------------------------------------ inside

    def _take_in(
        self, kind: str, person: str, account_id: int, body: dict[str, Any], first: str = "", last: str = ""
    ) -> HandedIn:
        text, now_s = json.dumps(body, ensure_ascii=False), int(self.clock())
        row = (kind, person, account_id, now_s, text, first, last)
        with self._lock, transaction(self._connection):
            names = "kind, person, account_id, at_s, body, acknowledge_by, answer_by, taken_by"
            done = self._connection.execute(f"INSERT INTO handed_in ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, '')", row)
            self._audit.write("handed_in", number=done.lastrowid, kind=kind, user=person)
        return HandedIn(int(done.lastrowid or 0), kind, person, account_id, now_s, body, first, last, None, "")

    def _rows(self, where: str, *values: Any) -> list[HandedIn]:
        with self._lock:
            rows = self._connection.execute(f"SELECT {COLUMNS} FROM handed_in WHERE {where}", values).fetchall()
        return [HandedIn(*(*row[:5], json.loads(row[5]), *row[6:])) for row in rows]


def check_text(name: str, text: str, most: int) -> None:
    """Raise RegisterInputError for a text that is empty or too long."""
    if not text.strip() or len(text) > most:
        raise RegisterInputError(name, expected=f"1 to {most} characters", found=f"{len(text)}")
