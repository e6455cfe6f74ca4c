"""What both formats share about transactions before they are signed: their parameters."""

from __future__ import annotations

from typing import Any

from tarazy.platform.refusals import BAD_PARAMETER, RefusedError
from tarazy.screening.api import parameters
from tarazy.screening.simulation.transaction_request import TransactionRequest

DATA_BYTES_MAX = 128 * 1024
ACCESS_MAX = 256
GAS_MAX = 60_000_000


def transaction_of(body: dict[str, Any]) -> TransactionRequest:
    """Return what is played.

    Raises: RefusedError.
    """
    to = body.get("to")
    price = body.get("gas_price") or body.get("max_fee_per_gas")
    gas = parameters.quantity(body.get("gas_limit"), "gas_limit")
    if gas is not None and gas > GAS_MAX:
        raise RefusedError(BAD_PARAMETER, f"gas_limit: expected at most {GAS_MAX:,}, found {gas:,}")
    return TransactionRequest(
        chain_id=parameters.chain(body.get("chain_id", "")),
        sender=parameters.address(body.get("from"), "from"),
        to=parameters.address(to, "to") if to else None,
        data=parameters.hex_bytes(body.get("data") or "0x", "data", DATA_BYTES_MAX),
        value=parameters.quantity(body.get("value"), "value") or 0,
        gas=gas,
        gas_price=parameters.quantity(price, "gas_price"),
        nonce=parameters.quantity(body.get("nonce"), "nonce"),
        access_list=access_list(body.get("access_list")),
    )


def access_list(given: Any) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the accounts and slots that the transaction names ahead.

    Raises: RefusedError.
    """
    if not given:
        return ()
    if not isinstance(given, list) or len(given) > ACCESS_MAX or not all(isinstance(each, dict) for each in given):
        raise RefusedError(BAD_PARAMETER, f"access_list: expected at most {ACCESS_MAX} objects")
    found = []
    for each in given:
        keys = each.get("storage_keys") or each.get("storageKeys") or []
        if not isinstance(keys, list) or len(keys) > ACCESS_MAX:
            raise RefusedError(BAD_PARAMETER, f"storage_keys: expected a list of at most {ACCESS_MAX}")
        slots = tuple(parameters.quantity(key, "storage_keys") or 0 for key in keys)
        found.append((parameters.address(each.get("address"), "access_list"), slots))
    return tuple(found)
