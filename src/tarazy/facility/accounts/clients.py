"""Clients: parties that ask for an account. A client's number is its owner number in the record, and says nothing else.

States: `applied`, `checks_open`, `approved`, `refused`, `suspended`, `closed`. The number is drawn by lot, so that the
record shows neither how many clients there are nor who came when.
"""

from __future__ import annotations

import secrets
from typing import Any, NamedTuple

from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError
from tarazy.facility.accounts.owners import chain_above
from tarazy.facility.accounts.parties import PartyFacts, add_party, find_party
from tarazy.facility.accounts.register import INTAKE, JUDGE, Register
from tarazy.facility.accounts.trail import Actor

NUMBER_MIN, NUMBER_COUNT = 10**9, 9 * 10**9
TIER_MAX = 15
RELATIONS = ("client", "affiliate", "staff")


class ClientRow(NamedTuple):
    """What the register says of a client. `class_` is empty until it is classified; dates UTC as text."""

    client: int
    party: int
    state: str
    state_since: str
    class_: str
    class_since: str
    review_by: str
    exempt: int
    relation: str
    approval_id: int
    fee_tier: int
    leaf_salt: str

    def plain(self) -> dict[str, Any]:
        """Return it for programs, without the salt of its leaf."""
        values = self._asdict()
        del values["leaf_salt"]
        return values | {"class": values.pop("class_")}


def new_client(
    register: Register,
    actor: Actor,
    facts: PartyFacts,
    *,
    relation: str = "client",
    approval_id: int = 0,
    tier: int = 0,
) -> int:
    """Enter an application and return the client's number.

    An affiliate trades under an approval of the authority, `approval_id`; nobody else has one.
    Raises: RegisterInputError.
    """
    facts.checked()
    check_terms(relation, approval_id, tier)
    with register.acting(actor, INTAKE):
        party = add_party(register, actor, facts)
        client = free_number(register)
        terms = {"party": party, "relation": relation, "approval_id": approval_id, "fee_tier": tier}
        register.write(actor, "client.new", client, terms)
        now, salt = register.moment, secrets.token_hex(16)
        row = (client, party, "applied", now, "", "", "", 0, relation, approval_id, tier, salt)
        register.connection.execute("INSERT INTO clients VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return client


def check_terms(relation: str, approval_id: int, tier: int) -> None:
    """Refuse terms that no account can have. Raises: RegisterInputError."""
    if relation not in RELATIONS:
        raise RegisterInputError("relation", expected=f"one of {', '.join(RELATIONS)}", found=repr(relation[:40]))
    if (relation == "affiliate") != (approval_id > 0):
        expected = "the authority's approval number for an affiliate, none for others"
        raise RegisterInputError("approval", expected=expected, found=f"{approval_id} for a {relation}")
    if not 0 <= tier <= TIER_MAX:
        raise RegisterInputError("fee tier", expected=f"0 to {TIER_MAX}", found=str(tier))


def flag_client(register: Register, actor: Actor, client: int, relation: str, approval_id: int, reason: str) -> None:
    """State that a client is an affiliate, staff or neither, before its account is opened, or staff at any time.

    The role of an account never changes in the record: an affiliate that has an account closes it and opens another.
    Raises: RegisterInputError, DecisionRefusedError.
    """
    with register.acting(actor, JUDGE):
        before = find_client(register, client)
        check_terms(relation, approval_id, before.fee_tier)
        if "affiliate" in (relation, before.relation) and before.state in ("approved", "suspended"):
            expected = "an application: the role of an open account stays"
            raise DecisionRefusedError(f"client {client}", expected=expected, found=before.state)
        body = {"relation": relation, "approval_id": approval_id, "before": before.relation, "reason": reason}
        register.write(actor, "client.relation", client, body)
        register.connection.execute(
            "UPDATE clients SET relation = ?, approval_id = ? WHERE client = ?", (relation, approval_id, client)
        )


def free_number(register: Register) -> int:
    """Return a number by lot that no client has."""
    while True:
        number = NUMBER_MIN + secrets.randbelow(NUMBER_COUNT)
        if not register.all("SELECT 1 FROM clients WHERE client = ?", (number,)):
            return number


def find_client(register: Register, client: int) -> ClientRow:
    """Return a client. Raises: NotInRegisterError."""
    return ClientRow(*register.one("client", "SELECT * FROM clients WHERE client = ?", (client,)))


def list_clients(register: Register, state: str = "") -> list[ClientRow]:
    """Return all clients, or those of a state, by number."""
    where, values = ("WHERE state = ?", (state,)) if state else ("", ())
    return [ClientRow(*row) for row in register.all(f"SELECT * FROM clients {where} ORDER BY client", values)]


def parties_of(register: Register, client: int) -> list[int]:
    """Return the client's own party and everybody above it."""
    party = find_client(register, client).party
    return [party, *chain_above(register, party)]


def client_as_json(register: Register, client: int) -> dict[str, Any]:
    """Return a client with its party, for programs."""
    row = find_client(register, client)
    return row.plain() | {"facts": find_party(register, row.party).facts._asdict()}
