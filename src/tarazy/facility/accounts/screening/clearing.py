"""Hits and how they end: by the reasoned decision of a named officer; a true match takes a second one.

`open` -> `ended` with the verdict `false`, or `proposed` -> `ended` with the verdict `true`. Until then it stops an
approval; a true match stops it for good.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from tarazy.facility.accounts.clients import ClientRow, find_client, parties_of
from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError
from tarazy.facility.accounts.parties import find_party
from tarazy.facility.accounts.register import INTAKE, JUDGE, Register
from tarazy.facility.accounts.screening.imports import age_days, newest_import
from tarazy.facility.accounts.trail import Actor

REASON_LETTERS_MAX = 2_000


class HitRow(NamedTuple):
    """One hit: which party looks like which entry, the parts of its score, and how it ended."""

    hit: int
    party: int
    source: str
    reference: str
    digest: str
    changed: int
    score: int
    parts: str
    found_at: str
    standing: str
    verdict: str
    reason: str
    decided_by: int
    decided_key: str
    decided_at: str
    confirmed_by: int
    confirmed_at: str

    def plain(self) -> dict[str, Any]:
        """Return it for programs, its parts as data."""
        return self._asdict() | {"parts": json.loads(self.parts)}


def hits_of(register: Register, party: int | None = None, standing: str = "") -> list[HitRow]:
    """Return hits, of one party or all, of one standing or all."""
    rows = register.all(
        "SELECT * FROM hits WHERE (? IS NULL OR party = ?) AND (? = '' OR standing = ?) ORDER BY hit",
        (party, party, standing, standing),
    )
    return [HitRow(*row) for row in rows]


def find_hit(register: Register, hit: int) -> HitRow:
    """Return a hit. Raises: NotInRegisterError."""
    return HitRow(*register.one("hit", "SELECT * FROM hits WHERE hit = ?", (hit,)))


def end_hit(register: Register, actor: Actor, hit: int, *, is_true: bool, reason: str) -> HitRow:
    """Decide on a hit: false ends it, true waits for a second officer.

    Raises: DecisionRefusedError, RegisterInputError.
    """
    if not reason.strip() or not reason.isprintable() or len(reason) > REASON_LETTERS_MAX:
        expected = f"a reason of 1 to {REASON_LETTERS_MAX} printable letters"
        raise RegisterInputError("reason", expected=expected, found=repr(reason[:60]))
    with register.acting(actor, JUDGE):
        row = find_hit(register, hit)
        if row.standing == "ended":
            raise DecisionRefusedError(f"hit {hit}", expected="one that is open", found=f"one ended as {row.verdict}")
        verdict, standing = ("true", "proposed") if is_true else ("false", "ended")
        register.write(actor, f"hit.{verdict}", row.party, {"hit": hit, "reason": reason})
        register.connection.execute(
            "UPDATE hits SET standing = ?, verdict = ?, reason = ?, decided_by = ?, decided_key = ?, decided_at = ?"
            " WHERE hit = ?",
            (standing, verdict, reason, actor.officer_id, actor.signer.public_key.hex(), register.moment, hit),
        )
        return find_hit(register, hit)


def confirm_hit(register: Register, actor: Actor, hit: int) -> HitRow:
    """Confirm a true match as the second officer.

    Raises: DecisionRefusedError.
    """
    with register.acting(actor, JUDGE):
        row = find_hit(register, hit)
        if row.standing != "proposed":
            raise DecisionRefusedError(
                f"hit {hit}", expected="one proposed as true", found=f"one that is {row.standing}"
            )
        if actor.officer_id == row.decided_by or actor.signer.public_key.hex() == row.decided_key:
            expected = f"another officer than {row.decided_by}, who proposed it"
            raise DecisionRefusedError(f"hit {hit}", expected=expected, found=f"officer {actor.officer_id}")
        register.write(actor, "hit.confirm", row.party, {"hit": hit})
        register.connection.execute(
            "UPDATE hits SET standing = 'ended', confirmed_by = ?, confirmed_at = ? WHERE hit = ?",
            (actor.officer_id, register.moment, hit),
        )
        return find_hit(register, hit)


# ---------------------------------------------------------------- payers and addresses
def add_payer(register: Register, actor: Actor, client: int, party: int) -> None:
    """State that a party pays in for a client; from then on it is screened for the client too."""
    with register.acting(actor, INTAKE):
        find_client(register, client)
        find_party(register, party)
        act = register.write(actor, "payer.add", client, {"party": party})
        register.connection.execute("INSERT OR IGNORE INTO payers VALUES (?, ?, ?)", (client, party, act))


def add_address(register: Register, actor: Actor, party: int, address: str) -> None:
    """State that a party uses an address of a digital asset; the party is to be screened again."""
    if not address.strip() or not address.isprintable() or len(address) > 200:
        raise RegisterInputError("address", expected="1 to 200 printable letters", found=repr(address[:60]))
    with register.acting(actor, INTAKE):
        find_party(register, party)
        act = register.write(actor, "address.add", party, {"address": address.strip()})
        register.connection.execute("INSERT OR IGNORE INTO addresses VALUES (?, ?, ?)", (party, address.strip(), act))
        register.connection.execute("UPDATE parties SET changed = ? WHERE party = ?", (act, party))


# ---------------------------------------------------------------- what stops an approval
def screened_parties(register: Register, client: int) -> list[int]:
    """Return everybody whose hits stop a client: itself, all above it, and who pays in for it."""
    payers = [row[0] for row in register.all("SELECT party FROM payers WHERE client = ?", (client,))]
    return list(dict.fromkeys([*parties_of(register, client), *payers]))


def screening_obstacles(register: Register, row: ClientRow) -> list[str]:
    """Return what the screening has against an approval, in words: lists, comparisons not made, hits."""
    parties = screened_parties(register, row.client)
    found = []
    age_max = register.parameters.number("screening.list_age_max_days", register.today)
    for source in register.parameters.words("screening.lists", register.today):
        newest = newest_import(register, source)
        if newest is None:
            found.append(f"the list {source} was never imported")
            continue
        if (age := age_days(newest, register.today)) > age_max:
            found.append(f"the list {source} was imported {age} days ago, at most {age_max} are allowed")
        found += [
            f"party {party} was not screened against the list {source} of {newest.published}"
            for party in parties
            if not is_screened(register, party, source, newest.import_)
        ]
    for party in parties:
        for hit in hits_of(register, party):
            if hit.standing != "ended" or hit.verdict == "true":
                words = "a true match" if hit.standing == "ended" else hit.standing
                found.append(f"hit {hit.hit} of party {party} on the list {hit.source} is {words}")
    return found


def is_screened(register: Register, party: int, source: str, newest: int) -> bool:
    """Say whether a party, as it is now, was compared with a list, as it is now."""
    query = (
        "SELECT 1 FROM screenings JOIN parties USING (party)"
        " WHERE party = ? AND source = ? AND import >= ? AND screenings.changed = parties.changed"
    )
    return bool(register.all(query, (party, source, newest)))
