"""Complaints and their clocks: acknowledged in writing, then answered, each by its day (COB 15.2).

The days are parameters, counted in calendar or working days as their unit says. They are fixed when the complaint comes
in: a parameter that changes later moves no clock. A clock that ran out is never reset.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

from tarazy.facility.accounts.clients import find_client
from tarazy.facility.accounts.decisions import check_reason
from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError
from tarazy.facility.accounts.register import INTAKE, Register
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.accounts.workdays import load_calendars

WORKING = "working days"


class ComplaintRow(NamedTuple):
    """One complaint. Empty times = not yet; `handler` is the officer whom the client is told."""

    complaint: int
    client: int
    class_: str
    received: str
    subject: str
    handler: int
    acknowledge_by: str
    answer_by: str
    acknowledged_at: str
    answered_at: str
    outcome: str

    def late(self, today: date) -> list[str]:
        """Return which clocks ran out, stopped late or not at all."""
        clocks = (
            ("acknowledge", self.acknowledge_by, self.acknowledged_at),
            ("answer", self.answer_by, self.answered_at),
        )
        return [name for name, by, at in clocks if (at[:10] or today.isoformat()) > by]

    def plain(self, today: date) -> dict[str, Any]:
        """Return it for programs."""
        values = self._asdict()
        return {"class": values.pop("class_"), **values, "late": self.late(today)}


def new_complaint(
    register: Register, actor: Actor, client: int, subject: str, received: date | None = None
) -> ComplaintRow:
    """Take a complaint in; whoever takes it in handles it. `received` is the day on which it came, else today.

    Raises: RegisterInputError, NotInRegisterError.
    """
    check_reason(subject)
    day = received or register.today
    if day > register.today:
        raise RegisterInputError("day received", expected=f"{register.today} or earlier", found=str(day))
    by = [deadline(register, key, day) for key in ("complaint.acknowledge_days", "complaint.answer_days")]
    with register.acting(actor, INTAKE):
        class_ = find_client(register, client).class_
        number = int(register.all("SELECT coalesce(max(complaint), 0) + 1 FROM complaints")[0][0])
        first, last = (each.isoformat() for each in by)
        row = ComplaintRow(number, client, class_, day.isoformat(), subject, actor.officer_id, first, last, "", "", "")
        register.write(actor, "complaint.new", client, {"complaint": number, "subject": subject, "by": [first, last]})
        register.connection.execute("INSERT INTO complaints VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return row


def deadline(register: Register, key: str, day: date) -> date:
    """Return the last day of a clock that begins on a day.

    Raises: ParameterUnsetError where working days are asked for and the year has no calendar.
    """
    row = register.parameters.at(key, day)
    if row.unit == WORKING:
        return load_calendars().after(day, int(row.value))
    return day + timedelta(days=int(row.value))


def acknowledge(register: Register, actor: Actor, complaint: int) -> ComplaintRow:
    """State that the client was told in writing who handles its complaint, and how."""
    return step(register, actor, complaint, "acknowledged_at", "")


def answer(register: Register, actor: Actor, complaint: int, outcome: str) -> ComplaintRow:
    """State the answer that the client got in writing, with its further ways: AFSA, arbitration, the AIFC Court."""
    check_reason(outcome)
    return step(register, actor, complaint, "answered_at", outcome)


def step(register: Register, actor: Actor, complaint: int, column: str, outcome: str) -> ComplaintRow:
    """Stop one clock, once and in order.

    Raises: DecisionRefusedError.
    """
    with register.acting(actor, INTAKE):
        row = find_complaint(register, complaint)
        if column == "answered_at" and not row.acknowledged_at:
            raise DecisionRefusedError(f"complaint {complaint}", expected="an acknowledgement first", found="none")
        if getattr(row, column):
            found = f"that, at {getattr(row, column)}"
            raise DecisionRefusedError(f"complaint {complaint}", expected=f"one without {column}", found=found)
        register.write(actor, f"complaint.{column}", row.client, {"complaint": complaint, "outcome": outcome})
        register.connection.execute(
            f"UPDATE complaints SET {column} = ?, outcome = ? WHERE complaint = ?",
            (register.moment, outcome, complaint),
        )
        return find_complaint(register, complaint)


def find_complaint(register: Register, complaint: int) -> ComplaintRow:
    """Return a complaint. Raises: NotInRegisterError."""
    return ComplaintRow(*register.one("complaint", "SELECT * FROM complaints WHERE complaint = ?", (complaint,)))


def complaints(register: Register, *, is_open: bool = False) -> list[ComplaintRow]:
    """Return complaints, all or those without an answer; the one whose clock ends first comes first."""
    where = "WHERE answered_at = ''" if is_open else ""
    order = "ORDER BY CASE acknowledged_at WHEN '' THEN acknowledge_by ELSE answer_by END, complaint"
    return [ComplaintRow(*row) for row in register.all(f"SELECT * FROM complaints {where} {order}")]
