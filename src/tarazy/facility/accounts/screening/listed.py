"""A party as a list names it, whichever list it is."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any, NamedTuple

from tarazy.facility.accounts.trail import canonical

KINDS = ("person", "company", "other")
BIRTH = re.compile(r"[0-9]{4}(-[0-9]{2}-[0-9]{2}|\.\.[0-9]{4})?")


class ListedParty(NamedTuple):
    """One entry of a list. Empty tuples = the list says nothing.

    `births` are days (1965-04-20), years (1965) or spans of years (1964..1966). `weak_names` are those that the list
    itself calls weak or low. `addresses` are of digital assets, as the list writes them.
    """

    reference: str
    kind: str
    names: tuple[str, ...]
    weak_names: tuple[str, ...] = ()
    births: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()

    def body(self) -> str:
        """Return it as the register keeps it."""
        return canonical(self._asdict())

    def digest(self) -> str:
        """Return the SHA-256 of its text: two entries with one digest say the same."""
        return sha256(self.body().encode()).hexdigest()


class ListedFile(NamedTuple):
    """A list as one file gives it: the day on which it was made, as it says itself, and its entries."""

    published: str
    entries: list[ListedParty]


def listed_from(values: dict[str, Any]) -> ListedParty:
    """Return an entry from its kept text."""
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return ListedParty._make(fields[name] for name in ListedParty._fields)


def sound_births(texts: list[str]) -> tuple[str, ...]:
    """Return those texts that are a day, a year or a span of years: what a list writes otherwise is no evidence."""
    return tuple(text for text in unique(texts) if BIRTH.fullmatch(text))


def unique(texts: list[str]) -> tuple[str, ...]:
    """Return texts without spaces around and within, each once, in their order; empty ones are dropped."""
    return tuple(dict.fromkeys(clean for text in texts if (clean := " ".join(text.split()))))
