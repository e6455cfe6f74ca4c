"""What the record is told of a client: commands that officers draft, sign and hand in themselves. Nothing is sent here.

Commands are kept as text in an outbox, in the transaction of the decision that asks for them. A decision's paper is
text; its SHA-256 stands in the commands.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, NamedTuple

from tarazy.domain.records import (
    AccountRole,
    AccountState,
    ClientClass,
    LimitKind,
    LimitPeriod,
    LimitScope,
    Residency,
)
from tarazy.facility.accounts.clients import ClientRow
from tarazy.facility.accounts.errors import DecisionRefusedError
from tarazy.facility.accounts.parties import find_party
from tarazy.facility.accounts.register import Register

HOME = "KZ"
EACH_ACCOUNT = "each account of the client"
Command = dict[str, object]


class OutboxRow(NamedTuple):
    """Commands that wait to be drafted."""

    number: int
    client: int
    decision: int
    commands: list[Command]
    paper: str


def standing_commands(register: Register, before: ClientRow, after: ClientRow, paper: str) -> list[Command]:
    """Return what the record needs when a client's state changes; `account_id` may stand for each of its accounts."""
    if (before.state, after.state) == ("checks_open", "approved"):
        return [open_account(after), client_status(register, after, paper)]
    states = {"approved": AccountState.active, "suspended": AccountState.restricted, "closed": AccountState.closed}
    if before.state in ("approved", "suspended") and after.state in states:
        state = states[after.state].name
        return [command("SetAccountState", account_state=state, account_id=EACH_ACCOUNT, decision_hash=digest(paper))]
    return []


def open_account(row: ClientRow) -> Command:
    """Return the command that opens the client's account."""
    role = AccountRole.affiliate if row.relation == "affiliate" else AccountRole.client
    return command(
        "OpenAccount",
        client_class=row.class_,
        account_role=role.name,
        fee_tier=row.fee_tier,
        owner_id=row.client,
        approval_id=row.approval_id,
        leaf_salt=int(row.leaf_salt, 16),
    )


def client_status(register: Register, row: ClientRow, paper: str) -> Command:
    """Return the command that states class, residency and exemption.

    Raises: DecisionRefusedError while the residence is not known.
    """
    residence = find_party(register, row.party).facts.residence
    if not residence:
        raise DecisionRefusedError(f"client {row.client}", expected="a known residence", found="none")
    residency = Residency.resident if residence == HOME else Residency.non_resident
    fields = {"cap_exempt": "set"} if row.exempt else {}
    return command(
        "SetClientStatus",
        client_class=row.class_,
        residency=residency.name,
        owner_id=row.client,
        decision_hash=digest(paper),
        **fields,
    )


def cap_commands(register: Register, reference_scale: int, rulebook: bytes) -> list[Command]:
    """Return the two rows of the monthly cap of resident retail clients: of deposits, and of purchases.

    The reference currency is the dollar; `reference_scale` is its decimal places as the record's rates use them.
    """
    cap = register.parameters.number("retail.resident.monthly_cap_usd", register.today)
    return [
        command(
            "SetLimit",
            limit_kind=kind.name,
            limit_scope=LimitScope.everybody.name,
            limit_period=LimitPeriod.month.name,
            limit_class=ClientClass.retail.name,
            limit_residency=Residency.resident.name,
            exemptible="set",
            limit_asset_id=0,
            limit_subject=0,
            effective_ns=0,
            replaces_seq=0,
            amount_max_minor=cap * 10**reference_scale,
            rulebook_hash=rulebook.hex(),
        )
        for kind in (LimitKind.deposits, LimitKind.purchases)
    ]


def outbox(register: Register, client: int) -> list[OutboxRow]:
    """Return what waits for a client, oldest first; it stays, so that a draft that was lost is made again."""
    rows = register.all("SELECT * FROM outbox WHERE client = ? ORDER BY number", (client,))
    return [OutboxRow(row[0], row[1], row[2], json.loads(row[3]), row[4]) for row in rows]


def for_accounts(commands: list[Command], accounts: list[int]) -> list[Command]:
    """Return commands with each of a client's accounts in the place of `EACH_ACCOUNT`.

    Raises: DecisionRefusedError where the record knows no account yet.
    """
    if not accounts and any(each.get("account_id") == EACH_ACCOUNT for each in commands):
        action = "The instruction that opens it comes first"
        raise DecisionRefusedError("draft", expected="an account of the client", found="none", action=action)
    found = []
    for each in commands:
        is_template = each.get("account_id") == EACH_ACCOUNT
        found += [each | {"account_id": account} for account in accounts] if is_template else [each]
    return found


def command(name: str, **fields: Any) -> Command:
    """Return a command as drafts read it."""
    return {"command": name, **fields}


def digest(paper: str) -> str:
    """Return the SHA-256 of a paper's text."""
    return sha256(paper.encode()).hexdigest()
