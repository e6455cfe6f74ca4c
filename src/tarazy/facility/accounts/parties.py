"""Parties: persons and companies that the house knows, with their names in every spelling, and their papers by hash."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.facility.accounts.errors import RegisterInputError
from tarazy.facility.accounts.register import INTAKE, Register
from tarazy.facility.accounts.trail import Actor
from tarazy.platform.documents.entry import Description, Kind
from tarazy.platform.documents.store import RETENTION_YEARS, Documents

COUNTRY = re.compile(r"[A-Z]{2}")
PAPER = re.compile(r"[a-z][a-z0-9_]{1,40}")
NAME_LETTERS_MAX = 300
NAMES_MAX = 40
KINDS = ("person", "company")


class PartyFacts(NamedTuple):
    """What is known of a party. The first name is the one of its papers; others are further spellings.

    Countries are two letters (ISO 3166-1); `country` is the citizenship or the place of registration. Empty = unknown.
    """

    kind: str
    names: tuple[str, ...]
    birth_date: str = ""
    country: str = ""
    residence: str = ""
    identifier: str = ""

    def checked(self) -> PartyFacts:
        """Return it where every part can be kept.

        Raises: RegisterInputError.
        """
        if self.kind not in KINDS:
            raise RegisterInputError("kind", expected=f"one of {', '.join(KINDS)}", found=repr(self.kind[:40]))
        if not 1 <= len(self.names) <= NAMES_MAX:
            raise RegisterInputError("names", expected=f"1 to {NAMES_MAX} names", found=str(len(self.names)))
        for text in (*self.names, self.identifier or "-"):
            if not text.strip() or not text.isprintable() or len(text) > NAME_LETTERS_MAX:
                expected = f"1 to {NAME_LETTERS_MAX} printable letters"
                raise RegisterInputError("name or identifier", expected=expected, found=repr(text[:60]))
        for where, code in (("country", self.country), ("residence", self.residence)):
            if code and not COUNTRY.fullmatch(code):
                expected = "two capital letters such as KZ (ISO 3166-1)"
                raise RegisterInputError(where, expected=expected, found=repr(code[:40]))
        if self.birth_date:
            day_of("birth date", self.birth_date)
        return self


class Party(NamedTuple):
    """A party of the register."""

    party: int
    facts: PartyFacts
    changed: int

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return {"party": self.party, **self.facts._asdict()}


def day_of(where: str, text: str) -> date:
    """Return a day. Raises: RegisterInputError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RegisterInputError(where, expected="a day such as 1990-05-17", found=repr(text[:40])) from None


def new_party(register: Register, actor: Actor, facts: PartyFacts) -> int:
    """Add a party that is no client: an owner, a payer. Returns its number."""
    facts.checked()
    with register.acting(actor, INTAKE):
        return add_party(register, actor, facts)


def add_party(register: Register, actor: Actor, facts: PartyFacts) -> int:
    """Add a party inside an act."""
    party = int(register.all("SELECT coalesce(max(party), 0) + 1 FROM parties")[0][0])
    act = register.write(actor, "party.new", party, facts._asdict())
    register.connection.execute("INSERT INTO parties VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (party, *columns(facts), act))
    return party


def change_party(register: Register, actor: Actor, party: int, facts: PartyFacts) -> None:
    """Put other facts in the place of a party's; the trail keeps the ones before. It is to be screened again."""
    facts.checked()
    with register.acting(actor, INTAKE):
        before = find_party(register, party).facts
        if before.kind != facts.kind:
            raise RegisterInputError("kind", expected=before.kind, found=facts.kind, action="Enter a new party")
        body = {"before": before._asdict(), "after": facts._asdict()}
        act = register.write(actor, "party.change", party, body)
        register.connection.execute(
            "UPDATE parties SET kind = ?, names = ?, birth_date = ?, country = ?, residence = ?, identifier = ?,"
            " changed = ? WHERE party = ?",
            (*columns(facts), act, party),
        )


def columns(facts: PartyFacts) -> tuple[str, ...]:
    """Return the facts as the table keeps them."""
    return (facts.kind, json.dumps(facts.names, ensure_ascii=False), *facts[2:])


def find_party(register: Register, party: int) -> Party:
    """Return a party. Raises: NotInRegisterError."""
    return party_of(register.one("party", "SELECT * FROM parties WHERE party = ?", (party,)))


def party_of(row: tuple[Any, ...]) -> Party:
    """Return a party from its row."""
    return Party(row[0], PartyFacts(row[1], tuple(json.loads(row[2])), *row[3:7]), row[7])


# ---------------------------------------------------------------- papers
def retain_until(today: date) -> date:
    """Return the last day of a retention that begins today; from a 29 February the 1 March where there is none."""
    try:
        return today.replace(year=today.year + RETENTION_YEARS)
    except ValueError:
        return date(today.year + RETENTION_YEARS, 3, 1)


def add_paper(register: Register, documents: Documents, actor: Actor, party: int, paper: str, path: Path) -> str:
    """Keep a file as a paper of a party, such as `identity`, and return its SHA-256.

    The file is in the store before the register names it. Raises: RegisterInputError, NotInRegisterError.
    """
    if not PAPER.fullmatch(paper):
        raise RegisterInputError("paper", expected="a name such as identity", found=repr(paper[:40]))
    find_party(register, party)
    until = retain_until(register.today)
    description = Description(
        Kind.evidence, f"{paper} of party {party}", "application/octet-stream", until, f"officer {actor.officer_id}"
    )
    digest = documents.add(path, description, register.now()).sha256
    with register.acting(actor, INTAKE):
        key = (party, paper, digest)
        known = register.all("SELECT 1 FROM papers WHERE party = ? AND paper = ? AND sha256 = ?", key)
        if not known:
            act = register.write(actor, "party.paper", party, {"paper": paper, "sha256": digest})
            register.connection.execute("INSERT INTO papers VALUES (?, ?, ?, ?)", (*key, act))
    return digest


def papers_of(register: Register, party: int) -> dict[str, list[str]]:
    """Return the hashes of a party's papers by their names."""
    found: dict[str, list[str]] = {}
    for paper, digest in register.all("SELECT paper, sha256 FROM papers WHERE party = ? ORDER BY act", (party,)):
        found.setdefault(paper, []).append(digest)
    return found


def prolong_papers(register: Register, documents: Documents, actor: Actor, parties: list[int]) -> None:
    """Move the retention of papers on to six years from today, as a relationship goes on or ends."""
    until = retain_until(register.today)
    for party in parties:
        for digests in papers_of(register, party).values():
            for digest in digests:
                documents.retain(digest, until, f"officer {actor.officer_id}", register.now())


def missing_papers(register: Register, party: int, wanted: tuple[str, ...]) -> list[str]:
    """Return which of the papers that are asked for a party does not have."""
    kept = papers_of(register, party)
    return [paper for paper in wanted if paper not in kept]
