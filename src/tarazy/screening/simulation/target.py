"""What is simulated, within which limits, and what must be known of its code beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tarazy.screening.model import Holder


class TargetEntryPoint(Protocol):
    """One way into a contract; `screening.bytecode.facts.EntryPoint` is one."""

    @property
    def selector(self) -> str:
        """Return the selector as 0x and eight digits."""

    @property
    def types(self) -> tuple[str, ...]:
        """Return the ABI types of the arguments."""

    @property
    def view(self) -> bool:
        """Return whether it changes nothing."""

    @property
    def payable(self) -> bool:
        """Return whether it takes ether."""

    @property
    def guards(self) -> tuple[Holder, ...]:
        """Return who may call it; nothing where anyone may."""

    @property
    def interesting(self) -> tuple[int, ...]:
        """Return the constants that its own code compares or stores."""

    @property
    def writes(self) -> tuple[str, ...]:
        """Return the storage places that it writes."""


class TargetLayout(Protocol):
    """Where a token keeps what matters; `screening.bytecode.layout.Layout` is one."""

    @property
    def balances(self) -> int | None:
        """Return the slot of the balance mapping."""

    @property
    def balances_style(self) -> str:
        """Return how an entry's place is made: "solidity", "vyper" or "packed"."""

    @property
    def total_supply(self) -> int | None:
        """Return the slot of the supply."""

    @property
    def owners(self) -> tuple[tuple[int, int], ...]:
        """Return (slot, byte offset from the right) of each address that is compared with the caller."""


class Facts(Protocol):
    """Static facts of the code; `screening.bytecode.facts.ContractFacts` is one."""

    @property
    def entry_points(self) -> Sequence[TargetEntryPoint]:
        """Return the ways into the contract."""

    @property
    def layout(self) -> TargetLayout:
        """Return the layout of its storage."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is simulated. Exactly one of `runtime`, `creation` and `rpc_url` with `address` says it.

    `constructor` holds encoded constructor arguments that belong behind `creation`; left out, usual ones are tried.
    `implementation` is the code behind a proxy. `block` is a number, None for the newest.

    Raises: ValueError.
    """

    runtime: bytes | None = None
    creation: bytes | None = None
    constructor: bytes | None = None
    rpc_url: str | None = None
    address: str | None = None
    block: int | None = None
    implementation: bytes | None = None
    chain_id: int = 1

    def __post_init__(self) -> None:
        given = [name for name in ("runtime", "creation", "rpc_url") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(f"expected one of runtime, creation and rpc_url, found {found}")
        if self.rpc_url is not None and self.address is None:
            raise ValueError("expected an address with rpc_url, found none")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a simulation may cost. Calls are limited first, so that a result does not hang on the machine; then time.

    Units: seconds of the whole simulation; gas of one call.
    """

    hostile: bool = True
    calls_max: int = 2_000  # calls of the token's own entry points, in the search for attacks
    pairs_max: int = 160  # of which: tries of two calls together
    variants_max: int = 24  # arguments tried for one entry point
    seconds_max: float = 5.0
    gas_max: int = 3_000_000  # of one call of an entry point


@dataclass(slots=True)
class CallBudget:
    """What is left of the limits."""

    limits: Limits
    deadline: float  # on the clock that `scenario` reads
    calls: int = 0
    ended: list[str] = field(default_factory=list)  # which limits ended something
