"""What a client needs to pay money in: the house's accounts for client money, and the reference that makes it its own.

Read while the bank book may be in use, from acts that officers signed, never from a table: an account that somebody
without an officer's key put into the file is not told to clients.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import NamedTuple

from tarazy.facility.accounts.errors import TrailDamagedError
from tarazy.facility.accounts.parameters import DatedParameters
from tarazy.facility.accounts.signed_lines import COLUMNS, SignedLines
from tarazy.facility.banking.book import book_beside
from tarazy.facility.banking.errors import BankingError
from tarazy.platform.storage.sql import open_to_read

ACCOUNTS = f"SELECT {COLUMNS} FROM acts WHERE act = 'bank.account' ORDER BY number"
PAYER = f"SELECT {COLUMNS} FROM acts WHERE act = 'bank.payer' AND subject = :client ORDER BY number DESC LIMIT 1"
CLIENTS = "SELECT client FROM payers WHERE account_id = ?"


class PayInAccount(NamedTuple):
    """An account of the client estate at a bank. `asset_id` is the currency's number in the record."""

    account: str
    currency: str
    asset_id: int


class PayIn(NamedTuple):
    """How money is paid in. `reference` is empty where the client has none; codes are those of the National Bank."""

    reference: str
    accounts: tuple[PayInAccount, ...]
    sector_code: str
    purpose: str
    return_days: int


def pay_in(
    journal: Path, account_id: int, lines: SignedLines, parameters: DatedParameters, today: date
) -> PayIn | None:
    """Return how the client of an account pays in, None where no bank book lies beside the record.

    Raises: BankingError, also where no officer signed what the book says.
    """
    path = book_beside(journal)
    if not path.is_file():
        return None
    try:
        with closing(open_to_read(path)) as connection:
            accounts = [each for each in lines.read(connection, ACCOUNTS, {}) if each["estate"] == "client"]
            clients = [client for (client,) in connection.execute(CLIENTS, (account_id,))]
            payers = [each for client in clients for each in lines.read(connection, PAYER, {"client": client})]
    except (sqlite3.Error, TrailDamagedError) as error:
        raise BankingError(path, expected="a bank book as its officers wrote it", found=str(error)) from error
    references = [each["reference"] for each in payers if each["account_id"] == account_id]
    return PayIn(
        references[0] if len(references) == 1 else "",
        tuple(PayInAccount(each["account"], each["currency"], each["asset_id"]) for each in accounts),
        str(parameters.at("payment.own_sector_code", today).value),
        parameters.words("payment.purpose_codes", today)[0],
        parameters.number("receipt.return_days", today),
    )
