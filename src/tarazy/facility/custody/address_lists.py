"""Screening of addresses: lists of an operator, and the one call through which any other screening joins in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from tarazy.facility.accounts.trail import Actor
from tarazy.facility.custody.errors import CustodyInputError
from tarazy.facility.custody.store import JUDGE, CustodyStore

ADDRESS_CHARACTERS_MAX = 128
LIST_MAX = 1_000_000


class AddressScreen(Protocol):
    """Says why an address must not be dealt with, in a few words; nothing where it may."""

    def __call__(self, chain: str, address: str) -> str:
        """Return the reason, "" for none."""


class ListScreen:
    """Screens by the lists that the store holds."""

    def __init__(self, store: CustodyStore) -> None:
        self.store = store

    def __call__(self, chain: str, address: str) -> str:
        """Return which list has the address, "" for none."""
        row = self.store.maybe("SELECT source FROM listed_addresses WHERE chain = ? AND address = ?", chain, address)
        return f"on the list {row[0]}" if row else ""


def replace_list(store: CustodyStore, actor: Actor, source: str, chain: str, addresses: Iterable[str]) -> int:
    """Put a list in the place of the one of the same source and chain, and return how long it is.

    Raises: CustodyInputError for a line that is no address, or a list that is too long.
    """
    found: list[str] = []
    for number, line in enumerate(addresses, 1):
        address = line.strip()
        if len(address) > ADDRESS_CHARACTERS_MAX or not address.isascii() or not address.isprintable():
            raise CustodyInputError(f"{source}, line {number}", expected="an address", found=repr(address[:60]))
        if address and not address.startswith("#"):
            found.append(address.lower() if address.startswith("0x") else address)
        if len(found) > LIST_MAX:
            raise CustodyInputError(source, expected=f"at most {LIST_MAX} addresses", found="more")
    with store.acting(actor, JUDGE):
        act = store.write(actor, "address list", 0, {"source": source, "chain": chain, "count": len(found)})
        store.do("DELETE FROM listed_addresses WHERE source = ? AND chain = ?", source, chain)
        rows = [(source, chain, address, act) for address in dict.fromkeys(found)]
        store.connection.executemany("INSERT INTO listed_addresses VALUES (?, ?, ?, ?)", rows)
    return len(found)
