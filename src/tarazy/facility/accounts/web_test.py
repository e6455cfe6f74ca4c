"""The test of knowledge at the pages: the same papers, marks and turns as at the desk, kept until an officer takes it.

An attempt that was begun counts, whether it was ended or not. The right answers never leave the server.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError
from tarazy.facility.accounts.front_desk import TEST, FrontDesk, HandedIn
from tarazy.facility.accounts.question_sets import DrawnQuestion, draw, set_of, set_with

FULL = 1_000


class TurnAtTest(NamedTuple):
    """Where a person stands: the attempt under way, and from when on another may begin (None: now)."""

    under_way: HandedIn | None
    next_at: datetime | None


def turn_of(desk: FrontDesk, person: str) -> TurnAtTest:
    """Return where a person stands with the test."""
    rows = desk.of(person, TEST)
    under_way = next((row for row in rows if "permille" not in row.body), None)
    now, number = datetime.fromtimestamp(desk.clock(), UTC), desk.parameters.number
    window = timedelta(days=number("test.attempt_window_days", desk.today))
    begun = sorted(datetime.fromtimestamp(row.at_s, UTC) for row in rows)
    turns = [each + timedelta(hours=number("test.wait_hours", desk.today)) for each in begun[-1:]]
    inside = [each for each in begun if each > now - window]
    most = number("test.attempts_max", desk.today)
    if len(inside) >= most:
        turns.append(inside[-most] + window)
    late = [each for each in turns if each > now]
    return TurnAtTest(under_way, max(late) if late else None)


def begin_test(desk: FrontDesk, person: str, account_id: int) -> HandedIn:
    """Draw a paper for a person; one that is under way goes on.

    Raises: DecisionRefusedError while another must be waited for.
    """
    with desk.beginning:
        turn = turn_of(desk, person)
        if turn.under_way is not None:
            return turn.under_way
        if turn.next_at is not None:
            raise DecisionRefusedError("test", expected=f"from {turn.next_at:%Y-%m-%d %H:%M} UTC on", found="now")
        questions = set_of(desk.today)
        mark = desk.parameters.number("test.pass_mark_permille", desk.today)
        body = {"sha256": questions.sha256, "version": questions.version, "seed": secrets.token_hex(16), "mark": mark}
        return desk.keep_test(person, account_id, body)


def paper(row: HandedIn) -> list[DrawnQuestion]:
    """Return the paper of an attempt, from the very file that it was drawn from."""
    return draw(set_with(row.body["sha256"]), row.body["seed"])


def answer_test(desk: FrontDesk, person: str, answers: list[int]) -> dict[str, Any]:
    """Mark the answers of the attempt under way, each from 1 in the paper's order; return the result.

    Raises: DecisionRefusedError where none is under way; RegisterInputError for answers that do not fit.
    """
    row = turn_of(desk, person).under_way
    if row is None:
        raise DecisionRefusedError("test", expected="an attempt under way", found="none")
    drawn = paper(row)
    if len(answers) != len(drawn) or any(not 1 <= n <= len(q.answers) for n, q in zip(answers, drawn, strict=True)):
        raise RegisterInputError("answers", expected=f"{len(drawn)} answers", found=str(len(answers)))
    right = sum(each.right == n - 1 for each, n in zip(drawn, answers, strict=True))
    result = {**row.body, "answers": answers, "permille": right * FULL // len(drawn), "right": right}
    if not desk.end_test(row.number, result):
        raise DecisionRefusedError("test", expected="an attempt under way", found="one that was answered meanwhile")
    return result
