"""Lists of addresses that the operator supplies: sanctions, mixers, known phishers.

A file is JSON: `{"key": "sanctioned", "source": "name and date of the list", "complete": true, "addresses": [...]}`.
`key` is one of the keys of address_security. Where `complete` is true an address that the list does not hold is
answered "0", with the list as its source; otherwise nothing is said of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tarazy.screening.service.sources import ADDRESS

LISTED_KEYS: tuple[str, ...] = (
    "cybercrime",
    "money_laundering",
    "financial_crime",
    "darkweb_transactions",
    "phishing_activities",
    "stealing_attack",
    "blackmail_activities",
    "fake_kyc",
    "malicious_mining_activities",
    "mixer",
    "sanctioned",
    "blacklist_doubt",
    "honeypot_related_address",
    "fake_token",
    "fake_standard_interface",
    "reinit",
    "gas_abuse",
)
FILE_BYTES_MAX = 256 * 1024**2


class ListError(Exception):
    """A list cannot be used: says which, what was expected and what was found."""


@dataclass(frozen=True, slots=True)
class AddressList:
    """One list."""

    key: str
    source: str
    complete: bool
    addresses: frozenset[str]


class AddressLists:
    """All lists of a service."""

    def __init__(self, lists: Iterable[AddressList] = ()) -> None:
        self._lists = tuple(lists)

    @classmethod
    def read(cls, paths: Iterable[Path]) -> AddressLists:
        """Read files.

        Raises: ListError.
        """
        return cls(read_list(path) for path in paths)

    def of(self, address: str) -> tuple[dict[str, bool], tuple[str, ...]]:
        """Return the keys that a list answers for an address, and the sources that did."""
        answers: dict[str, bool] = {}
        sources: list[str] = []
        for each in self._lists:
            held = address in each.addresses
            if held or each.complete:
                answers[each.key] = answers.get(each.key, False) or held
                sources.append(each.source)
        return answers, tuple(dict.fromkeys(sources))


def read_list(path: Path) -> AddressList:
    """Read one file.

    Raises: ListError.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise ListError(f"{path}: expected at most {FILE_BYTES_MAX:,} bytes, found {path.stat().st_size:,}")
        found: Any = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ListError(f"{path}: expected a file of JSON, found {error}") from error
    if not isinstance(found, dict) or found.get("key") not in LISTED_KEYS:
        key = found.get("key") if isinstance(found, dict) else type(found).__name__
        raise ListError(f"{path}: expected a key of {', '.join(LISTED_KEYS)}, found {key!r}")
    addresses = found.get("addresses")
    if not isinstance(addresses, list) or not isinstance(found.get("source"), str):
        raise ListError(f"{path}: expected source (text) and addresses (list), found {sorted(found)}")
    wrong = [each for each in addresses if not (isinstance(each, str) and ADDRESS.fullmatch(each))]
    if wrong:
        raise ListError(f"{path}: expected addresses of 0x and 40 hexadecimal digits, found {str(wrong[0])[:80]!r}")
    complete = found.get("complete") is True
    return AddressList(found["key"], found["source"], complete, frozenset(each.lower() for each in addresses))
