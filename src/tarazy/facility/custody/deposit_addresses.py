"""A client's deposit addresses, read for its own papers while custody's file may be in use by the custodian."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tarazy.facility.custody.errors import CustodyError
from tarazy.facility.custody.store import custody_beside
from tarazy.platform.storage.sql import open_to_read

QUERY = (
    "SELECT chain, address FROM addresses WHERE account_id = ? AND role = 'deposit' "
    "ORDER BY chain, place, address LIMIT ?"
)
ADDRESSES_MAX = 10_000


class DepositAddress(NamedTuple):
    """An address at which custody credits what arrives to one account. `chain` as in CAIP-2."""

    chain: str
    address: str


def deposit_addresses(journal: Path, account_id: int) -> list[DepositAddress] | None:
    """Return the deposit addresses of an account as custody has them now, None where no custody lies beside the record.

    At most the first 10,000. Raises: CustodyError.
    """
    path = custody_beside(journal)
    if not path.is_file():
        return None
    try:
        with closing(open_to_read(path)) as connection:
            rows = connection.execute(QUERY, (account_id, ADDRESSES_MAX)).fetchall()
    except sqlite3.Error as error:
        raise CustodyError(path, expected="custody's file", found=str(error)) from error
    return [DepositAddress(*row) for row in rows]
