"""A request for a withdrawal becomes one command: in our own words and in the dialect's."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from tarazy.domain.records import RequestWithdrawal
from tarazy.oversight.requests.errors import INVALID_PARAMETER, DialectError, illegal
from tarazy.oversight.requests.parameters import Parameters, missing
from tarazy.oversight.requests.symbol import U128_MAX, units_of

DESTINATION = re.compile(r"[!-~]{1,200}")
DESTINATION_LEGAL = "^[!-~]{1,200}$"
NUMBER_MAX = (1 << 63) - 1
# An asset's number and places by its code, None where there is none.
FindAsset = Callable[[str], tuple[int, int] | None]


class WithdrawalRequest(NamedTuple):
    """A withdrawal as it was asked for; the record has the hash of the destination."""

    command: RequestWithdrawal
    destination: str


def destination_hash(destination: str) -> bytes:
    """Return the hash by which the record names a destination."""
    return sha256(destination.encode()).digest()


def withdrawal_request(parameters: Parameters, account_id: int, find_asset: FindAsset) -> WithdrawalRequest:
    """Return the command for a request in our own words. Raises: DialectError."""
    destination = parameters.required("destination")
    return _request(parameters, account_id, find_asset, ("asset", "destination", "clientRequestId"), destination)


def dialect_withdrawal_request(parameters: Parameters, account_id: int, find_asset: FindAsset) -> WithdrawalRequest:
    """Return the command for a request in the dialect's words; network and tag belong to the destination.

    Raises: DialectError.
    """
    network, address, tag = (parameters.text(name) for name in ("network", "address", "addressTag"))
    parameters.text("name")
    if address is None:
        raise missing("address")
    destination = ":".join(filter(None, (network, address))) + (f"?memo={tag}" if tag else "")
    return _request(parameters, account_id, find_asset, ("coin", "address", "withdrawOrderId"), destination)


def _request(
    parameters: Parameters, account_id: int, find_asset: FindAsset, names: tuple[str, str, str], destination: str
) -> WithdrawalRequest:
    """Return a request; `names` are those of the parameters with asset, destination and the client's own number."""
    asset = find_asset(parameters.required(names[0]))
    if asset is None:
        raise DialectError(INVALID_PARAMETER, "No such asset; GET /v1/rules lists them.")
    amount = units_of("amount", parameters.required("amount"), asset[1])
    number = parameters.integer(names[2], 0, high=NUMBER_MAX) or 0
    if DESTINATION.fullmatch(destination) is None:
        raise illegal(names[1], DESTINATION_LEGAL)
    if not 0 < amount <= U128_MAX:
        raise DialectError(INVALID_PARAMETER, "Data sent for parameter 'amount' is not valid: above 0.")
    command = RequestWithdrawal(0, account_id, asset[0], amount, destination_hash(destination), number)
    return WithdrawalRequest(command, destination)
