"""A test that was answered at the pages goes into the client register, and decisions rest on it like on any other.

The officer says whose it is. The answers are marked again from the very paper, so that a mark in the pages' table alone
is worth nothing. The register is written before the desk notes that it was taken: a kill between leaves a test that is
taken again, and that the register then knows by its seed.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tarazy.facility.accounts.clients import find_client
from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError
from tarazy.facility.accounts.front_desk import TEST, FrontDesk, HandedIn
from tarazy.facility.accounts.knowledge_test import FULL, AttemptRow, find_attempt
from tarazy.facility.accounts.register import INTAKE, Register
from tarazy.facility.accounts.trail import Actor, canonical
from tarazy.facility.accounts.web_test import paper


def take_web_test(register: Register, desk: FrontDesk, actor: Actor, client: int, number: int) -> AttemptRow:
    """Copy a test of the pages into the register as an attempt of a client, with the times of the pages.

    Raises: RegisterInputError where the desk has no such test; DecisionRefusedError where it was not answered, or is
    another client's already.
    """
    handed_in = next((row for row in desk.all(TEST) if row.number == number), None)
    if handed_in is None:
        raise RegisterInputError("number", expected="a test of knowledge at the pages", found=str(number))
    row = attempt_of(handed_in)
    with register.acting(actor, INTAKE):
        find_client(register, client)
        known = register.all("SELECT attempt, client FROM attempts WHERE seed = ?", (row.seed,))
        if known and int(known[0][1]) != client:
            found = f"that of client {known[0][1]}"
            raise DecisionRefusedError(f"test {number}", expected="one that no other client has", found=found)
        if not known:
            attempt = int(register.all("SELECT coalesce(max(attempt), 0) + 1 FROM attempts")[0][0])
            row = row._replace(attempt=attempt, client=client)
            body = {"attempt": attempt, "handed_in": number, "set": row.sha256, "permille": row.permille}
            register.write(actor, "test.web", client, body)
            register.connection.execute("INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        else:
            row = find_attempt(register, int(known[0][0]))
    if handed_in.taken_s is None:
        desk.take(number, f"officer {actor.officer_id}")
    return row


def attempt_of(handed_in: HandedIn) -> AttemptRow:
    """Return a test of the pages as an attempt, marked from its paper; its number and its client are not known yet.

    Raises: DecisionRefusedError where it was not answered.
    """
    body = handed_in.body
    if "answers" not in body:
        raise DecisionRefusedError(f"test {handed_in.number}", expected="one with answers", found="none")
    drawn = paper(handed_in)
    right = sum(each.right == answer - 1 for each, answer in zip(drawn, body["answers"], strict=True))
    at = datetime.fromtimestamp(handed_in.at_s, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    permille, answers = right * FULL // len(drawn), canonical(body["answers"])
    return AttemptRow(0, 0, body["sha256"], body["version"], body["seed"], at, at, permille, body["mark"], answers)
