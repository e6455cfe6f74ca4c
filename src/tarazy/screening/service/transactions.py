"""Transactions played for callers, and what is known of who takes part in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tarazy.platform.refusals import RefusedError
from tarazy.screening.model import is_malicious
from tarazy.screening.service.playing import NotPlayed, Played, PlayWork
from tarazy.screening.service.reasons import CHAIN_UNSUPPORTED
from tarazy.screening.service.service import LOG, ScreeningService
from tarazy.screening.simulation.transaction import TransactionOutcome
from tarazy.screening.simulation.transaction_request import TransactionRequest

Form = Callable[[TransactionOutcome], dict[str, Any]]  # a function of a module: a worker calls it


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
