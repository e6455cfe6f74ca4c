"""A transaction that somebody is asked to sign, and what is known of who takes part."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tarazy.screening.simulation.engine import AccessList
from tarazy.screening.simulation.measure import Question


@dataclass(frozen=True, slots=True)
class TransactionRequest:
    """A transaction that somebody is asked to sign. Units: wei; gas. `to` None creates a contract.

    `nonce` and fees left out are those of the state; `abi` is the ABI of `to` where it is known. `watched` is asked
    before and after beside what input and events hint at.
    """

    chain_id: int
    sender: str
    to: str | None
    data: bytes = b""
    value: int = 0
    gas: int | None = None
    gas_price: int | None = None
    nonce: int | None = None
    access_list: AccessList = ()
    abi: Sequence[Mapping[str, Any]] | None = None
    watched: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What else is known of addresses: malicious ones with the reason, and contracts whose source is not verified."""

    malicious: Mapping[str, str] = field(default_factory=dict)
    unverified: Collection[str] = ()


NOTHING_KNOWN = Known()
