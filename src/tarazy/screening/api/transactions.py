"""What both formats share about transactions before they are signed: parameters, playing, who takes part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tarazy.platform.refusals import BAD_PARAMETER, RefusedError
from tarazy.screening.api import parameters
from tarazy.screening.model import is_malicious
from tarazy.screening.service.playing import NotPlayed, Played, PlayWork
from tarazy.screening.service.reasons import CHAIN_UNSUPPORTED
from tarazy.screening.service.service import LOG, ScreeningService
from tarazy.screening.simulation.transaction import TransactionOutcome
from tarazy.screening.simulation.transaction_request import TransactionRequest

Form = Callable[[TransactionOutcome], dict[str, Any]]  # a function of a module: a worker calls it
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


async def played(service: ScreeningService, asked: TransactionRequest, form: Form) -> Played | NotPlayed:
    """Play a transaction on the newest block.

    Raises: RefusedError.
    """
    source = service.source(asked.chain_id)
    if source.rpc_url is None:
        text = f"chain {asked.chain_id} is read from code files, a simulation needs its node"
        raise RefusedError(CHAIN_UNSUPPORTED, text)
    head = await service.head(source)
    found = await service.helper.run(PlayWork(source.rpc_url, head.number, head.hash, asked, form))
    if isinstance(found, NotPlayed) and found.again:
        LOG.warning("chain %d: %s", asked.chain_id, found.reason)
        return NotPlayed("the node of this chain does not answer as it should", True)
    return found  # type: ignore[no-any-return]


def suspicious_of(service: ScreeningService, chain: int, parties: Iterable[str]) -> dict[str, str]:
    """Return the addresses that take part and are on a list or malicious by their report, with the reason."""
    found: dict[str, str] = {}
    for address in parties:
        listed, _ = service.lists.of(address)
        held = [key for key, on_list in listed.items() if on_list]
        entry = service.in_memory(chain, address)
        if held:
            found[address] = f"it is listed as {', '.join(held)}"
        elif entry is not None and is_malicious(entry.report):
            found[address] = "it is malicious under the criteria of this service"
    return found
