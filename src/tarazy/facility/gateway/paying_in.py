"""How a client pays in: its reference and the house's accounts for client money, and its addresses on chains.

The bank book and custody's file lie beside the record, and other processes write them. Only what an officer of the
record signed is told; a file that does not hold is logged, and nothing of it is told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from tarazy.facility.accounts.parameters import DatedParameters, load_parameters
from tarazy.facility.accounts.signed_lines import SignedLines
from tarazy.facility.banking.book import PARAMETERS
from tarazy.facility.banking.errors import BankingError
from tarazy.facility.banking.pay_in import PayIn, pay_in
from tarazy.facility.custody.deposit_addresses import DepositAddress, deposit_addresses
from tarazy.facility.custody.errors import CustodyError
from tarazy.facility.officers.key_history import keys_of_officers

LOG = logging.getLogger("tarazy.gateway")


class PayingIn:
    """What is told of one facility; `officers` gives the officers' public keys as the record has them now."""

    def __init__(
        self, directory: Path, officers: Callable[[], Mapping[int, bytes]], parameters: DatedParameters | None = None
    ) -> None:
        self._directory = directory
        self._parameters = parameters or load_parameters(PARAMETERS)
        self._lines = SignedLines(officers, lambda: keys_of_officers(directory, officers()))

    def money(self, account_id: int) -> PayIn | None:
        """Return how the client of an account pays money in, None where no bank book that holds is there."""
        today = datetime.now(UTC).date()
        try:
            return pay_in(self._directory, account_id, self._lines, self._parameters, today)
        except BankingError:
            LOG.exception("how a client pays money in")
            return None

    def addresses(self, account_id: int, *, newest: bool = False) -> list[DepositAddress] | None:
        """Return an account's deposit addresses, of each chain or the newest, None where custody's file is not there.

        So too where that file does not hold.
        """
        try:
            return deposit_addresses(self._directory, account_id, self._lines, newest=newest)
        except CustodyError:
            LOG.exception("deposit addresses of a client")
            return None
