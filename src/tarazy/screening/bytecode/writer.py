"""Ways into a contract, and the writes that they make."""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.screening.bytecode.locations import StorageChange
from tarazy.screening.model import Holder, HolderKind


@dataclass(frozen=True)
class EntryPoint:
    """One way into the contract, as the hostile owner uses it."""

    selector: str
    types: tuple[str, ...]
    payable: bool
    view: bool
    guards: tuple[Holder, ...]
    interesting: tuple[int, ...]
    writes: tuple[str, ...]


@dataclass(frozen=True)
class Writer:
    """One write of a storage field: where, by whom, through which entry point."""

    entry: str
    node: int
    change: StorageChange
    holders: tuple[Holder, ...]

    @property
    def open(self) -> bool:
        """Return whether anyone may write."""
        return any(holder.kind is HolderKind.ANYONE for holder in self.holders)
