"""What is compared: balances and entries of our own book, and of chains and banks, account by account.

An account is an address on a chain or an account at a bank. Amounts are minor units, signed: what comes in is
positive. Files are JSON lines, so that a file of any length is read within bounds:
    {"line": "balance", "asset_id": 2, "location": "bank", "account": "KZ...", "amount_minor": "500", "at_ns": "...",
     "evidence_sha256": "..."}                                          (the evidence on the outer side alone)
    {"line": "entry", "asset_id": 2, "location": "bank", "account": "KZ...", "reference": "D-17", "amount_minor": "-20",
     "at_ns": "...", "text": "..."}
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.domain.records import CustodyLocation
from tarazy.facility.reconciliation.errors import ReconciliationError

LINE_BYTES_MAX = 4096
TEXT_MAX = 500
DIGITS_MAX = 40


class LocatedAccount(NamedTuple):
    """One account at one place. `location` is a CustodyLocation, `account` an address or an account's number."""

    asset_id: int
    location: int
    account: str


class KnownBalance(NamedTuple):
    """What an account holds according to one side, when, and by which evidence (SHA-256; zero for our own book)."""

    amount_minor: int
    at_ns: int
    evidence: bytes = bytes(32)


class BalanceEntry(NamedTuple):
    """One movement on an account. Two with the same reference and amount on one day are two: entries are counted.

    `is_held`: of a statement that is not believed.
    """

    key: LocatedAccount
    reference: str
    amount_minor: int
    at_ns: int
    text: str = ""
    is_held: bool = False


class ReconciledSide(NamedTuple):
    """One side: balances by account, and entries."""

    balances: dict[LocatedAccount, KnownBalance]
    entries: list[BalanceEntry]


def read_side(path: Path) -> ReconciledSide:
    """Read a file of JSON lines. Raises: ReconciliationError with file and line, OSError."""
    side = ReconciledSide({}, [])
    for number, values in _lines(path):
        try:
            _add(side, values)
        except (KeyError, ValueError, TypeError) as error:
            raise _error(
                path, number, "a balance or an entry as docs/concepts/reconciliation.md has it", error
            ) from error
    return side


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Iterate over the objects of a file with their line numbers."""
    with path.open("rb") as file:
        number = 0
        while data := file.readline(LINE_BYTES_MAX + 1):
            number += 1
            if len(data) > LINE_BYTES_MAX:
                raise _error(path, number, f"at most {LINE_BYTES_MAX} bytes in a line", "more")
            if not data.strip():
                continue
            try:
                yield number, json.loads(data)
            except (ValueError, RecursionError) as error:
                raise _error(path, number, "a JSON object", error) from error


def _add(side: ReconciledSide, values: Any) -> None:
    """Add one line to a side."""
    account, location = values["account"], CustodyLocation[values["location"]]
    if not isinstance(account, str) or not 0 < len(account) <= TEXT_MAX or type(values["asset_id"]) is not int:
        raise ValueError("asset_id is a number and account a text")
    key = LocatedAccount(values["asset_id"], int(location), account)
    amount_minor, at_ns = _number(values["amount_minor"]), _number(values["at_ns"])
    if values["line"] == "balance":
        if key in side.balances:
            raise ValueError(f"the balance of {account} stands twice")
        evidence = bytes.fromhex(values.get("evidence_sha256", "00" * 32))
        if len(evidence) != 32:
            raise ValueError("evidence_sha256 has 64 hexadecimal digits")
        side.balances[key] = KnownBalance(amount_minor, at_ns, evidence)
    elif values["line"] == "entry":
        reference, text = str(values["reference"])[:TEXT_MAX], str(values.get("text", ""))[:TEXT_MAX]
        side.entries.append(BalanceEntry(key, reference, amount_minor, at_ns, text))
    else:
        raise ValueError(f"line is balance or entry, not {values['line']!r}")


def _number(text: Any) -> int:
    """Return a number that is written as decimal digits."""
    if not isinstance(text, str) or len(text) > DIGITS_MAX or not text.removeprefix("-").isascii():
        raise ValueError(f"a number is a text of decimal digits, not {str(text)[:50]!r}")
    if not text.removeprefix("-").isdecimal():
        raise ValueError(f"a number is a text of decimal digits, not {text!r}")
    return int(text)


def _error(path: Path, number: int, expected: str, found: object) -> ReconciliationError:
    return ReconciliationError(
        expected=f"{expected} in line {number} of {path}", found=str(found), action="Mend the line and run it again."
    )
