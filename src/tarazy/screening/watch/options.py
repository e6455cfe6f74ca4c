"""What the watch follows, with which thresholds and whom it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tarazy.chains.evm import values
from tarazy.chains.evm.blocks import Block
from tarazy.chains.evm.markets import Markets
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.pools import LockReader
from tarazy.chains.evm.time_lock import read_time_lock
from tarazy.domain.signer import Signer
from tarazy.screening.model import Report
from tarazy.screening.watch.errors import WatchOptionsError
from tarazy.screening.watch.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class ListedToken:
    """One token to follow. `asset_id` is its number at the venue, None where it has none: then nothing is drafted.

    `pools` are pairs or pools of it; where none is given, those of the known markets. `holders` are real accounts as
    which transfers are tried beside the made-up stranger; `lockers` contracts that lock LP tokens.
    """

    address: str
    asset_id: int | None = None
    name: str = ""
    pools: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    lockers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        try:
            for each in (self.address, *self.pools, *self.holders, *self.lockers):
                values.address(each)
        except ValueError as error:
            raise WatchOptionsError("listed token", "addresses of 0x and 40 hex digits", str(error)) from error
        if self.asset_id is not None and not 0 < self.asset_id < 1 << 32:
            raise WatchOptionsError("listed token", "an asset number from 1 to 2**32 - 1", str(self.asset_id))
        for name in ("pools", "holders", "lockers"):
            object.__setattr__(self, name, tuple(each.lower() for each in getattr(self, name)))
        object.__setattr__(self, "address", self.address.lower())


Record = Mapping[str, Any]  # one signed line of the file, as plain data
Screen = Callable[[ListedToken, Block], Report]  # screens a token at a block
OnRecord = Callable[[Record], None]  # is told of every record after it is in the file; may be told twice after a crash
Invalidate = Callable[[int, str, str], None]  # chain, address, reason: what is cached about a token is stale


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """One watch of one chain. `folder` keeps its state: one watch a folder.

    `screen` None: alerts rest on what was read and tried alone. Screenings of one block begin within `screen_s`; those
    that do not fit are made at the blocks after, so that no alert waits long for other tokens. `start_block` None
    starts at the newest block; where the folder has a past, the watch goes on from there whatever is given.
    Units: seconds.
    """

    node: Node
    folder: Path
    signing_key: Signer
    tokens: Sequence[ListedToken]
    screen: Screen | None = None
    on_record: OnRecord | None = None
    invalidate: Invalidate | None = None
    witness: Node | None = None
    start_block: int | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)
    markets: Markets | None = None  # where pools are looked for; None: the known ones of the chain
    lock_readers: Sequence[LockReader] = (read_time_lock,)
    screen_s: float = 6.0
    poll_s: float = 1.0
    back_off_max_s: float = 30.0
    blind_after_s: float = 60.0

    def __post_init__(self) -> None:
        addresses = [each.address for each in self.tokens]
        if len(set(addresses)) != len(addresses):
            raise WatchOptionsError("tokens", "each token once", f"{len(addresses) - len(set(addresses))} doubled")
