"""The test of knowledge: papers drawn by a seed, a pass mark, attempts that are counted, and what a pass allows.

An attempt that was begun counts, whether it was ended or not, so that nobody looks at papers until an easy one comes.
A pass lifts nothing by itself: two officers propose and confirm the exemption, and the record is told.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tarazy.facility.accounts.clients import find_client
from tarazy.facility.accounts.decisions import (
    DecisionRow,
    check_reason,
    find_decision,
    finish,
    post,
    propose,
    require_other_officer,
)
from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError
from tarazy.facility.accounts.instructions import client_status
from tarazy.facility.accounts.question_sets import DrawnQuestion, draw, set_of, set_with
from tarazy.facility.accounts.register import INTAKE, JUDGE, Register
from tarazy.facility.accounts.trail import Actor, canonical

FULL = 1_000


class AttemptRow(NamedTuple):
    """One attempt. `ended_at` is empty until it is answered; marks in parts of a thousand."""

    attempt: int
    client: int
    sha256: str
    version: str
    seed: str
    begun_at: str
    ended_at: str
    permille: int
    mark: int
    answers: str

    @property
    def is_passed(self) -> bool:
        """Say whether the answers reached the mark that counted when it was begun."""
        return bool(self.ended_at) and self.permille >= self.mark

    def plain(self) -> dict[str, Any]:
        """Return it for programs; the seed is the house's, as it tells the order of the answers."""
        values = self._asdict()
        del values["seed"]
        return values | {"answers": json.loads(self.answers), "passed": self.is_passed}


def begin_attempt(register: Register, actor: Actor, client: int) -> AttemptRow:
    """Draw a paper for a client.

    Raises: DecisionRefusedError while another must be waited for, or when all attempts of the window are used.
    """
    questions, parameters = set_of(register.today), register.parameters
    mark = parameters.number("test.pass_mark_permille", register.today)
    with register.acting(actor, INTAKE):
        find_client(register, client)
        check_turn(register, client)
        number = int(register.all("SELECT coalesce(max(attempt), 0) + 1 FROM attempts")[0][0])
        seed = secrets.token_hex(16)
        row = AttemptRow(number, client, questions.sha256, questions.version, seed, register.moment, "", 0, mark, "[]")
        register.write(actor, "test.begin", client, {"attempt": number, "set": questions.sha256, "seed": seed})
        register.connection.execute("INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return row


def check_turn(register: Register, client: int) -> None:
    """Refuse an attempt that comes too early or too often.

    Raises: DecisionRefusedError, which says from when on there is a turn.
    """
    number, today = register.parameters.number, register.today
    window = timedelta(days=number("test.attempt_window_days", today))
    begun = [time_of(row.begun_at) for row in attempts_of(register, client)]
    inside = [each for each in begun if each > register.now() - window]
    turns = [each + timedelta(hours=number("test.wait_hours", today)) for each in begun[-1:]]
    if len(inside) >= number("test.attempts_max", today):
        turns.append(inside[-number("test.attempts_max", today)] + window)
    late = [each for each in turns if each > register.now()]
    if late:
        found = f"{len(inside)} attempts since {inside[0]:%Y-%m-%d %H:%M} UTC"
        expected = f"the next attempt from {max(late):%Y-%m-%d %H:%M} UTC on"
        raise DecisionRefusedError(f"client {client}", expected=expected, found=found)


def paper_of(row: AttemptRow) -> list[DrawnQuestion]:
    """Return the paper of an attempt, from the very file that it was drawn from.

    Raises: ListFileError where that file is no longer there.
    """
    return draw(set_with(row.sha256), row.seed)


def answer_attempt(register: Register, actor: Actor, attempt: int, answers: list[int]) -> AttemptRow:
    """Mark the answers of a paper, each the number of an answer from 1 in the paper's order.

    Raises: RegisterInputError, DecisionRefusedError where it was answered before.
    """
    with register.acting(actor, INTAKE):
        row = find_attempt(register, attempt)
        if row.ended_at:
            raise DecisionRefusedError(f"attempt {attempt}", expected="one without answers", found=f"{row.ended_at}")
        paper = paper_of(row)
        most = [len(each.answers) for each in paper]
        if len(answers) != len(paper) or any(not 1 <= n <= m for n, m in zip(answers, most, strict=True)):
            expected = f"{len(paper)} numbers of answers, from 1 to {max(most)}"
            raise RegisterInputError("answers", expected=expected, found=str(answers)[:80])
        right = sum(each.right == n - 1 for each, n in zip(paper, answers, strict=True))
        permille = right * FULL // len(paper)
        body = {"attempt": attempt, "set": row.sha256, "answers": answers, "permille": permille}
        register.write(actor, "test.end", row.client, body)
        register.connection.execute(
            "UPDATE attempts SET ended_at = ?, permille = ?, answers = ? WHERE attempt = ?",
            (register.moment, permille, canonical(answers), attempt),
        )
        return find_attempt(register, attempt)


def find_attempt(register: Register, attempt: int) -> AttemptRow:
    """Return an attempt. Raises: NotInRegisterError."""
    return AttemptRow(*register.one("attempt", "SELECT * FROM attempts WHERE attempt = ?", (attempt,)))


def attempts_of(register: Register, client: int) -> list[AttemptRow]:
    """Return the attempts of a client, in order."""
    rows = register.all("SELECT * FROM attempts WHERE client = ? ORDER BY attempt", (client,))
    return [AttemptRow(*row) for row in rows]


def valid_pass(register: Register, client: int) -> AttemptRow | None:
    """Return the newest pass that still counts."""
    days = register.parameters.number("test.valid_days", register.today)
    first = register.now() - timedelta(days=days)
    passes = [row for row in attempts_of(register, client) if row.is_passed and time_of(row.ended_at) > first]
    return passes[-1] if passes else None


# ---------------------------------------------------------------- what a pass allows
def propose_exemption(register: Register, actor: Actor, client: int, *, is_exempt: bool, reason: str) -> DecisionRow:
    """Propose that the monthly cap is lifted for a client who passed, or binds it again.

    Raises: DecisionRefusedError without a pass that counts.
    """
    check_reason(reason)
    with register.acting(actor, JUDGE):
        find_client(register, client)
        facts = require_pass(register, client) if is_exempt else ""
        return propose(register, actor, client, "exemption", str(int(is_exempt)), reason, facts)


def confirm_exemption(register: Register, actor: Actor, decision: int) -> DecisionRow:
    """Confirm it as the second officer; the pass is looked at again.

    Raises: DecisionRefusedError.
    """
    with register.acting(actor, JUDGE):
        row = find_decision(register, decision)
        require_other_officer(register, actor, row)
        if row.value == "1":
            require_pass(register, row.client)
        done = finish(register, actor, row)
        register.connection.execute("UPDATE clients SET exempt = ? WHERE client = ?", (int(row.value), row.client))
        client = find_client(register, row.client)
        if client.state in ("approved", "suspended"):
            post(register, done, [client_status(register, client, done.paper())])
        return done


def require_pass(register: Register, client: int) -> str:
    """Return which attempt and set a pass stands on. Raises: DecisionRefusedError."""
    row = valid_pass(register, client)
    if row is None:
        raise DecisionRefusedError(f"client {client}", expected="a passed test that still counts", found="none")
    return canonical({"attempt": row.attempt, "set": row.sha256, "permille": row.permille})


def time_of(text: str) -> datetime:
    """Return a time of the register."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
