"""A client's deposit addresses, read for its own papers and its wallet while custody's file may be in use.

Each is told as the act says by which an officer entered it, never as the table has it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tarazy.facility.accounts.errors import TrailDamagedError
from tarazy.facility.accounts.signed_lines import COLUMNS, SignedLines
from tarazy.facility.custody.errors import CustodyError
from tarazy.facility.custody.store import custody_beside
from tarazy.platform.storage.sql import open_to_read

OF_ACCOUNT = "FROM addresses WHERE account_id = :account AND role = 'deposit'"
ADDRESSES = (
    f"SELECT {COLUMNS} FROM addresses JOIN acts ON acts.number = addresses.act WHERE acts.number IN ({{}})"
    " ORDER BY chain, place, address LIMIT :most"
)
EVERY = ADDRESSES.format(f"SELECT act {OF_ACCOUNT}")
NEWEST = ADDRESSES.format(f"SELECT max(act) {OF_ACCOUNT} GROUP BY chain")
ASSETS = f"SELECT {COLUMNS} FROM assets JOIN acts ON acts.number = assets.act WHERE chain = :chain ORDER BY asset_id"
ADDRESSES_MAX = 10_000


class Arriving(NamedTuple):
    """An asset that is credited at an address, and after how many blocks, its own included."""

    asset_id: int
    depth: int


class DepositAddress(NamedTuple):
    """An address at which custody credits what arrives to one account. `chain` as in CAIP-2."""

    chain: str
    address: str
    arriving: tuple[Arriving, ...] = ()


def deposit_addresses(
    journal: Path, account_id: int, lines: SignedLines, *, newest: bool = False
) -> list[DepositAddress] | None:
    """Return the deposit addresses of an account, of each chain or the newest one, None where there is no custody.

    At most the first 10,000. Raises: CustodyError, also where no officer signed what the file says.
    """
    path = custody_beside(journal)
    if not path.is_file():
        return None
    query, values = NEWEST if newest else EVERY, {"account": account_id, "most": ADDRESSES_MAX}
    try:
        with closing(open_to_read(path)) as connection:
            found = list(lines.read(connection, query, values))
            chains = {each["chain"]: arriving_on(connection, each["chain"], lines) for each in found}
    except (sqlite3.Error, TrailDamagedError) as error:
        raise CustodyError(path, expected="custody's file as its officers wrote it", found=str(error)) from error
    other = next((each for each in found if (each["account_id"], each["role"]) != (account_id, "deposit")), None)
    if other is not None:
        raise CustodyError(path, expected=f"addresses of account {account_id}", found=f"one of {other['account_id']}")
    return [DepositAddress(each["chain"], each["address"], chains[each["chain"]]) for each in found]


def arriving_on(connection: sqlite3.Connection, chain: str, lines: SignedLines) -> tuple[Arriving, ...]:
    """Return the assets of a chain as the acts have them."""
    bodies = lines.read(connection, ASSETS, {"chain": chain})
    return tuple(Arriving(each["asset_id"], each["depth"]) for each in bodies if each["chain"] == chain)
