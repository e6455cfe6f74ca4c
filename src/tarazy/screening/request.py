"""What can be asked of a screening."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class RequestError(ValueError):
    """A request that cannot be screened: says what was expected, what was found and what to do."""


@dataclass(frozen=True)
class ScreenRequest:
    """One screening. Exactly one of `runtime`, `creation` and `rpc_url` with `address` says what to look at.

    `runtime` is what lies at an address, `creation` what a transaction deploys. `block` is a number or a tag.
    `tables` are supplied facts of holders and pools where no node is asked. Units: `time_limit_s` in seconds.
    """

    id: str
    runtime: bytes | None = None
    creation: bytes | None = None
    rpc_url: str | None = None
    address: str | None = None
    block: int | str | None = None
    chain_id: int | None = None
    simulate: bool = True
    hostile: bool = True
    criteria: str | None = None
    time_limit_s: float = 10.0
    is_open_source: bool | None = None
    name: str | None = None  # what the token calls itself, where it was supplied
    symbol: str | None = None
    tables: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        given = [name for name in ("runtime", "creation", "rpc_url") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise RequestError(f"expected one of runtime, creation and rpc_url, found {found}: give one")
        if self.rpc_url is not None and self.address is None:
            raise RequestError("expected an address with rpc_url, found none: give the contract's address")
