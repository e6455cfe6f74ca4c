"""Ownership from tables that somebody supplies where no node is at hand: one JSON object, or a CSV file of holders.

Every value is checked, and an error names the place in the file. Shapes: docs/reference/ownership-tables.md.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from tarazy.chains.errors import TableError
from tarazy.chains.evm import values
from tarazy.chains.evm.facts import HolderShare, Ownership, PoolFacts
from tarazy.domain.arithmetic import PPM

TABLE_BYTES_MAX = 16 << 20
CSV_COLUMNS = tuple("address balance percent_ppm is_contract is_locked tag lock_amount lock_start_s lock_end_s".split())
TRUTHS = {"": None, "true": True, "false": False, "1": True, "0": False}


def load_ownership(path: Path, supply: int | None = None) -> Ownership:
    """Read a table; `supply` is what shares are worked out from where the table states none.

    Raises: TableError.
    """
    try:
        size = path.stat().st_size
        if size > TABLE_BYTES_MAX:
            raise TableError(path.name, f"at most {TABLE_BYTES_MAX} bytes", f"{size}")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(path.name, "a readable UTF-8 file", str(error)) from error
    if path.suffix.lower() == ".json":
        return parse_json(text, path.name, supply)
    if path.suffix.lower() == ".csv":
        return parse_csv(text, path.name, supply)
    raise TableError(path.name, "a name that ends in .json or .csv", repr(path.suffix))


def parse_json(text: str, name: str, supply: int | None = None) -> Ownership:
    """Read an ownership table as JSON."""
    try:
        found = json.loads(text, parse_float=_no_fraction, parse_constant=_no_fraction)
    except (ValueError, RecursionError) as error:
        raise TableError(name, "a JSON object of whole numbers and texts", str(error)) from error
    return _Place(name, supply).ownership(found)


def parse_csv(text: str, name: str, supply: int | None = None) -> Ownership:
    """Read holders as CSV: a row a holder, or several where a holder has several locks."""
    reader = csv.DictReader(text.splitlines(), strict=True)
    columns = reader.fieldnames or []
    unknown = [each for each in columns if each not in CSV_COLUMNS]
    if "address" not in columns or "balance" not in columns or unknown:
        expected = f"columns of {', '.join(CSV_COLUMNS)}; address and balance always"
        raise TableError(f"{name}, line 1", expected, ", ".join(columns) or "no line")
    holders: dict[str, dict[str, Any]] = {}
    try:
        for row in reader:
            _add_row(holders, row, f"{name}, line {reader.line_num}")
    except csv.Error as error:
        raise TableError(f"{name}, line {reader.reader.line_num}", "a CSV row", str(error)) from error
    return _Place(name, supply).ownership({"holders": list(holders.values())})


def _add_row(holders: dict[str, dict[str, Any]], row: Mapping[Any, Any], where: str) -> None:
    if None in row or None in row.values():
        raise TableError(where, f"{len(CSV_COLUMNS)} columns at most, as in line 1", "more or fewer")
    entry: dict[str, Any] = {key: row[key] for key in ("address", "balance", "tag") if key in row}
    if row.get("percent_ppm"):
        entry["percent_ppm"] = row["percent_ppm"]
    for key in ("is_contract", "is_locked"):
        if row.get(key, "").lower() not in TRUTHS:
            raise TableError(where, f"{key} as true, false or nothing", repr(row[key]))
        entry[key] = TRUTHS[row.get(key, "").lower()]
    entry["locks"] = list[Any]()
    if row.get("lock_amount"):
        entry["locks"] = [[row["lock_amount"], row.get("lock_start_s", ""), row.get("lock_end_s", "")]]
    known = holders.setdefault(entry["address"].lower(), entry)
    if known is not entry:
        if known["balance"] != entry["balance"] or not entry["locks"]:
            raise TableError(where, f"one balance for {entry['address']}, and a lock in each further row", "another")
        known["locks"] += entry["locks"]


class _Place:
    """Reads values at a place of a file; errors name the place."""

    def __init__(self, name: str, supply: int | None) -> None:
        self.name = name
        self.supply = supply

    def fail(self, where: str, expected: str, found: Any) -> TableError:
        """Return the error of a wrong value at a place."""
        return TableError(f"{self.name}{where and ', '}{where}", expected, values.show(found))

    def record(self, kind: type, given: Any, where: str, readers: Mapping[str, Callable[[Any, str], Any]]) -> Any:
        """Read an object into a dataclass: only its names, none missing that it needs."""
        if not isinstance(given, dict):
            raise self.fail(where, "an object", given)
        known = [each.name for each in fields(kind) if each.name in readers]
        if set(given) - set(known):
            raise self.fail(where, f"names of {', '.join(known)}", ", ".join(sorted(set(given) - set(known))))
        missing = [each.name for each in fields(kind) if each.default is MISSING and each.name not in given]
        if set(missing) & set(known):
            raise self.fail(where, f"a value for {', '.join(missing)}", given)
        return {each: readers[each](given[each], f"{where}.{each}".lstrip(".")) for each in known if each in given}

    def ownership(self, given: Any) -> Ownership:
        """Read the whole table."""
        if isinstance(given, dict) and "total_supply" in given:
            self.supply = self.amount(given["total_supply"], "total_supply")
            given = {key: value for key, value in given.items() if key != "total_supply"}
        found = self.record(
            Ownership,
            given,
            "",
            {
                "owner_address": self.owner,
                "owner_balance": self.amount_or_none,
                "creator_address": self.address_or_none,
                "creator_balance": self.amount_or_none,
                "holder_count": self.amount_or_none,
                "holders": lambda value, where: self.shares(value, where, self.supply),
                "pools": self.pools,
            },
        )
        return Ownership(**found, source=f"table {self.name}")

    def shares(self, given: Any, where: str, whole: int | None) -> tuple[HolderShare, ...]:
        """Read a list of holders, largest first."""
        found = [self.share(each, f"{where}[{i}]", whole) for i, each in enumerate(self.elements(given, where))]
        if len({each.address for each in found}) != len(found):
            raise self.fail(where, "each holder once", "one twice")
        return tuple(sorted(found, key=lambda each: (-each.balance, each.address)))

    def share(self, given: Any, where: str, whole: int | None) -> HolderShare:
        """Read one holder; its share is worked out where the whole is known and none is stated."""
        readers: dict[str, Callable[[Any, str], Any]] = {
            "address": self.address,
            "balance": self.amount,
            "percent_ppm": self.amount,
            "is_contract": self.truth,
            "is_locked": self.truth,
            "tag": self.text,
            "locks": self.locks,
        }
        if isinstance(given, dict) and "percent_ppm" not in given and "balance" in given:
            balance = self.amount(given["balance"], f"{where}.balance")
            if not whole:
                raise self.fail(where, "percent_ppm, or total_supply in the table", given)
            given = {**given, "percent_ppm": balance * PPM // whole}
        found = self.record(HolderShare, given, where, readers)
        locked = sum(amount for amount, _, _ in found.get("locks", ()))
        if locked > found["balance"] or found["percent_ppm"] > PPM:
            raise self.fail(where, "locks within the balance and at most 1,000,000 parts per million", given)
        if found.get("locks") and found.get("is_locked") is None:
            found["is_locked"] = True
        return HolderShare(**found)

    def pools(self, given: Any, where: str) -> tuple[PoolFacts, ...] | None:
        """Read the pools; null means that they are not known."""
        if given is None:
            return None
        return tuple(self.pool(each, f"{where}[{i}]") for i, each in enumerate(self.elements(given, where)))

    def pool(self, given: Any, where: str) -> PoolFacts:
        """Read one pool; shares of its LP holders are of its own supply."""
        supply = given.get("lp_total_supply") if isinstance(given, dict) else None
        whole = None if supply is None else self.amount(supply, f"{where}.lp_total_supply")
        readers: dict[str, Callable[[Any, str], Any]] = {
            "address": self.address,
            "name": self.text,
            "quote": self.address,
            "liquidity_minor": self.amount,
            "lp_total_supply": self.amount_or_none,
            "lp_holders": lambda value, at: self.shares(value, at, whole),
        }
        return PoolFacts(**self.record(PoolFacts, given, where, readers))

    def locks(self, given: Any, where: str) -> tuple[tuple[int, int, int], ...]:
        """Read locks as [amount, start_s, end_s]."""
        found = []
        for i, each in enumerate(self.elements(given, where)):
            if not isinstance(each, list) or len(each) != 3:
                raise self.fail(f"{where}[{i}]", "[amount, start_s, end_s]", each)
            amount, start_s, end_s = (self.amount(value, f"{where}[{i}]") for value in each)
            if end_s < start_s:
                raise self.fail(f"{where}[{i}]", "an end that is not before the start", each)
            found.append((amount, start_s, end_s))
        return tuple(found)

    def elements(self, given: Any, where: str) -> list[Any]:
        """Read a list."""
        if not isinstance(given, list):
            raise self.fail(where, "a list", given)
        return given

    def amount(self, given: Any, where: str) -> int:
        """Read a whole number of at most 256 bits, as a number or as decimal digits."""
        text = str(given) if isinstance(given, int | str) and not isinstance(given, bool) else ""
        if not (text.isascii() and text.isdigit() and len(text) <= 78) or int(text) >> 256:
            raise self.fail(where, "a whole number of at most 256 bits, as number or digits", given)
        return int(text)

    def amount_or_none(self, given: Any, where: str) -> int | None:
        """Read a whole number, or null for not known."""
        return None if given is None else self.amount(given, where)

    def address(self, given: Any, where: str) -> str:
        """Read an address."""
        try:
            return values.address(given)
        except ValueError:
            raise self.fail(where, "an address of 0x and 40 hex digits", given) from None

    def address_or_none(self, given: Any, where: str) -> str | None:
        """Read an address, or null for not known."""
        return None if given is None else self.address(given, where)

    def owner(self, given: Any, where: str) -> str | None:
        """Read an owner: an address, "" where the contract has none, null where it is not known."""
        return "" if given == "" else self.address_or_none(given, where)

    def truth(self, given: Any, where: str) -> bool | None:
        """Read true, false or null."""
        if given is not None and not isinstance(given, bool):
            raise self.fail(where, "true, false or null", given)
        return given

    def text(self, given: Any, where: str) -> str:
        """Read a text."""
        if not isinstance(given, str):
            raise self.fail(where, "a text", given)
        return given


def _no_fraction(text: str) -> Any:
    raise ValueError(f"{text} is no whole number")
