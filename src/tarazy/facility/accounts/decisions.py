"""Decisions on a client's standing: proposed by one officer and, where the rules ask for two, confirmed by another.

What restricts takes one officer, what opens takes two: as in the record itself. A proposal is checked when it is made
and again when it is confirmed. The decision's paper stays here; its SHA-256 goes into the record.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tarazy.facility.accounts.clients import ClientRow, find_client
from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError
from tarazy.facility.accounts.instructions import standing_commands
from tarazy.facility.accounts.obstacles import approval_obstacles
from tarazy.facility.accounts.register import JUDGE, Register
from tarazy.facility.accounts.trail import Actor, canonical

# From which states a client comes to a state, and how many officers it takes.
FROM = {
    "checks_open": ("applied",),
    "approved": ("checks_open", "suspended"),
    "refused": ("applied", "checks_open"),
    "suspended": ("approved",),
    "closed": ("applied", "checks_open", "approved", "suspended"),
}
TWO_OFFICERS = ("approved",)
REASON_LETTERS_MAX = 2_000


class DecisionRow(NamedTuple):
    """A decision. `standing`: proposed, done or withdrawn; `confirmed_by` 0 where one officer is enough."""

    decision: int
    client: int
    kind: str
    value: str
    reason: str
    facts: str
    proposed_by: int
    proposed_at: str
    confirmed_by: int
    confirmed_at: str
    standing: str

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return self._asdict()

    def paper(self) -> str:
        """Return the text whose SHA-256 goes into the record."""
        return canonical({"format": "tarazy client decision 1", **self._asdict()})


def decide(register: Register, actor: Actor, client: int, state: str, reason: str) -> DecisionRow:
    """Decide that a client comes to a state, or propose it where a second officer is asked for.

    Raises: DecisionRefusedError, which names everything that is in the way; RegisterInputError.
    """
    check_reason(reason)
    if state not in FROM:
        raise RegisterInputError("state", expected=f"one of {', '.join(FROM)}", found=repr(state[:40]))
    with register.acting(actor, JUDGE):
        check_state(register, client, state)
        row = propose(register, actor, client, "state", state, reason, "")
        return row if state in TWO_OFFICERS else carry_out(register, actor, row)


def propose(
    register: Register, actor: Actor, client: int, kind: str, value: str, reason: str, facts: str
) -> DecisionRow:
    """Write a proposal inside an act; one of the same kind that waits is withdrawn by it."""
    register.connection.execute(
        "UPDATE decisions SET standing = 'withdrawn' WHERE client = ? AND kind = ? AND standing = 'proposed'",
        (client, kind),
    )
    number = int(register.all("SELECT coalesce(max(decision), 0) + 1 FROM decisions")[0][0])
    now = register.moment
    row = DecisionRow(number, client, kind, value, reason, facts, actor.officer_id, now, 0, "", "proposed")
    register.write(actor, f"{kind}.propose", client, {"decision": number, "value": value, "reason": reason})
    register.connection.execute("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return row


def require_other_officer(register: Register, actor: Actor, row: DecisionRow) -> None:
    """Refuse to confirm what does not wait, and one's own proposal, under whatever number the key stands.

    Raises: DecisionRefusedError.
    """
    where = f"decision {row.decision}"
    if row.standing != "proposed":
        raise DecisionRefusedError(where, expected="one that waits", found=f"one that is {row.standing}")
    key = register.all(
        "SELECT public_key FROM acts WHERE act = ? AND subject = ? ORDER BY number DESC LIMIT 1",
        (f"{row.kind}.propose", row.client),
    )[0][0]
    if actor.officer_id == row.proposed_by or actor.signer.public_key.hex() == key:
        expected = f"another officer than {row.proposed_by}, who proposed it"
        raise DecisionRefusedError(where, expected=expected, found=f"officer {actor.officer_id}")


def find_decision(register: Register, decision: int) -> DecisionRow:
    """Return a decision. Raises: NotInRegisterError."""
    return DecisionRow(*register.one("decision", "SELECT * FROM decisions WHERE decision = ?", (decision,)))


def decisions_of(register: Register, client: int) -> list[DecisionRow]:
    """Return the decisions on a client, in order."""
    rows = register.all("SELECT * FROM decisions WHERE client = ? ORDER BY decision", (client,))
    return [DecisionRow(*row) for row in rows]


def confirm_state(register: Register, actor: Actor, decision: int) -> DecisionRow:
    """Confirm a proposed state as the second officer; every check is made again.

    Raises: DecisionRefusedError, NotInRegisterError.
    """
    with register.acting(actor, JUDGE):
        row = find_decision(register, decision)
        require_other_officer(register, actor, row)
        check_state(register, row.client, row.value)
        return carry_out(register, actor, row)


def carry_out(register: Register, actor: Actor, row: DecisionRow) -> DecisionRow:
    """Let a decision on the state take effect, with the commands that the record needs for it."""
    before = find_client(register, row.client)
    done = finish(register, actor, row)
    register.connection.execute(
        "UPDATE clients SET state = ?, state_since = ? WHERE client = ?", (row.value, register.moment, row.client)
    )
    after = find_client(register, row.client)
    post(register, done, standing_commands(register, before, after, done.paper()))
    return done


def finish(register: Register, actor: Actor, row: DecisionRow) -> DecisionRow:
    """Mark a decision as done, inside its act."""
    second = actor.officer_id if actor.officer_id != row.proposed_by else 0
    done = row._replace(confirmed_by=second, confirmed_at=register.moment if second else "", standing="done")
    register.connection.execute(
        "UPDATE decisions SET confirmed_by = ?, confirmed_at = ?, standing = 'done' WHERE decision = ?",
        (done.confirmed_by, done.confirmed_at, done.decision),
    )
    register.write(actor, f"{row.kind}.done", row.client, {"decision": row.decision, "value": row.value})
    return done


def post(register: Register, row: DecisionRow, commands: list[dict[str, object]]) -> None:
    """Keep commands for the record, in the transaction of the decision; officers draft and sign them later."""
    if commands:
        register.connection.execute(
            "INSERT INTO outbox (client, decision, commands, paper) VALUES (?, ?, ?, ?)",
            (row.client, row.decision, canonical(commands), row.paper()),
        )


def check_state(register: Register, client: int, state: str) -> ClientRow:
    """Refuse a state that a client cannot come to now.

    Raises: DecisionRefusedError.
    """
    row = find_client(register, client)
    where = f"client {client}"
    if row.state not in FROM[state]:
        raise DecisionRefusedError(where, expected=f"a client that is {' or '.join(FROM[state])}", found=row.state)
    obstacles = approval_obstacles(register, row) if state == "approved" else []
    if obstacles:
        expected = "everything that an approval needs"
        raise DecisionRefusedError(where, expected=expected, found="; ".join(obstacles))
    return row


def check_reason(reason: str) -> None:
    """Refuse a decision without a reason. Raises: RegisterInputError."""
    if not reason.strip() or not reason.isprintable() or len(reason) > REASON_LETTERS_MAX:
        expected = f"a reason of 1 to {REASON_LETTERS_MAX} printable letters"
        raise RegisterInputError("reason", expected=expected, found=repr(reason[:60]))
