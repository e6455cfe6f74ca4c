"""Parties against lists: at onboarding, at each change of a party, and at each change of a list.

Of every party and list the register remembers up to which import the party was compared, and in which form. So a party
that changed meets every entry, and a party that stayed meets only entries that came or changed since. A run that a
crash cut goes on where it was: each party of a list is one transaction.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from tarazy.facility.accounts.parties import Party, find_party, party_of
from tarazy.facility.accounts.register import INTAKE, Register
from tarazy.facility.accounts.screening.imports import entries_since, newest_import, sources
from tarazy.facility.accounts.screening.index import ListIndex
from tarazy.facility.accounts.screening.listed import ListedParty
from tarazy.facility.accounts.screening.score import FULL, NameLikeness, likeness
from tarazy.facility.accounts.trail import Actor, canonical


class ScreeningRun(NamedTuple):
    """What a run did: parties compared, pairs of a party and a list, and the numbers of the hits that it found."""

    parties: int
    comparisons: int
    hits: tuple[int, ...]


def screen(register: Register, actor: Actor, parties: list[int] | None = None) -> ScreeningRun:
    """Compare every party, or these, with what they were not compared with yet."""
    chosen = all_parties(register) if parties is None else [find_party(register, party) for party in parties]
    compared: set[int] = set()
    count, hits = 0, []
    for source in sources(register):
        newest = newest_import(register, source)
        if newest is None:
            continue
        for after, group in waiting(register, source, newest.import_, chosen).items():
            index = ListIndex(entries_since(register, source, after))
            for party in group:
                hits += screen_one(register, actor, party, source, newest.import_, index)
                compared.add(party.party)
                count += 1
    return ScreeningRun(len(compared), count, tuple(hits))


def waiting(register: Register, source: str, newest: int, parties: list[Party]) -> dict[int, list[Party]]:
    """Return the parties that are to be compared, by the import up to which they were; 0 = with all entries."""
    done = {
        party: (number, changed)
        for party, number, changed in register.all(
            "SELECT party, import, changed FROM screenings WHERE source = ?", (source,)
        )
    }
    found: defaultdict[int, list[Party]] = defaultdict(list)
    for party in parties:
        number, changed = done.get(party.party, (0, -1))
        after = number if changed == party.changed else 0
        if after < newest:
            found[after].append(party)
    return dict(found)


def screen_one(register: Register, actor: Actor, party: Party, source: str, newest: int, index: ListIndex) -> list[int]:
    """Compare one party with a part of a list, keep the hits, and remember it; all in one transaction."""
    least = register.parameters.number("screening.score_min", register.today)
    scored = [(entry, likeness(party.facts, entry)) for entry in index.candidates(party.facts)]
    found = [(entry, like) for entry, like in scored if like.score >= least]
    for (address,) in register.all("SELECT address FROM addresses WHERE party = ?", (party.party,)):
        found += [(entry, same_address(address, entry)) for entry in index.with_address(address)]
    with register.acting(actor, INTAKE):
        hits = [hit for entry, like in found for hit in add_hit(register, party, source, entry, like)]
        body = {"source": source, "import": newest, "changed": party.changed, "hits": hits}
        if hits:
            register.write(actor, "screening.hits", party.party, body)
        register.connection.execute(
            "INSERT OR REPLACE INTO screenings VALUES (?, ?, ?, ?, ?)",
            (party.party, source, newest, party.changed, register.moment),
        )
    return hits


def same_address(address: str, entry: ListedParty) -> NameLikeness:
    """Return the likeness of a party that uses an address of an entry: a hit by itself."""
    return NameLikeness(FULL, address, (entry.names or entry.weak_names)[0], 0, 0, 0, 0, 0, address)


def add_hit(register: Register, party: Party, source: str, entry: ListedParty, like: NameLikeness) -> list[int]:
    """Keep a hit; one of the same party and entry, both unchanged, stands once."""
    key = (party.party, source, entry.reference, entry.digest(), party.changed)
    cursor = register.connection.execute(
        "INSERT OR IGNORE INTO hits (party, source, reference, digest, changed, score, parts, found_at, standing,"
        " verdict, reason, decided_by, decided_key, decided_at, confirmed_by, confirmed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open', '', '', 0, '', '', 0, '')",
        (*key, like.score, canonical(like.plain()), register.moment),
    )
    return [int(cursor.lastrowid or 0)] if cursor.rowcount else []


def all_parties(register: Register) -> list[Party]:
    """Return every party, by number."""
    return [party_of(row) for row in register.all("SELECT * FROM parties ORDER BY party")]


def screen_address(register: Register, address: str) -> list[tuple[str, ListedParty]]:
    """Return which lists name an address, and where: what a deposit or a withdrawal asks before it goes on."""
    found = []
    for source in sources(register):
        entries = [entry for entry in entries_since(register, source, 0) if entry.addresses]
        found += [(source, entry) for entry in ListIndex(entries).with_address(address)]
    return found
