"""What each kind of event does to balances: the one place to extend when the ledger gains a transfer type.

An event moves one amount; every leg adds it to a ledger account or takes it off. Accounts of clients are named by the
event's account and asset, pools by the asset and, for custody, by the place. Orders and trades are not here: what they
move depends on what the order held, and `balances.py` follows that.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

from tarazy.domain.records import Estate, EventKind


class Pool(IntEnum):
    """Ledger accounts of one asset that belong to no client."""

    client_custody = 1
    house_custody = 2
    fees_earned = 3
    house_equity = 4


class Side(IntEnum):
    """The two balances of a client in one asset."""

    available = 0
    held = 1


class Leg(NamedTuple):
    """One side of a movement: which account, which way, and the event's field that names the place."""

    account: Pool | Side
    sign: int
    place: str = ""


K = EventKind
EFFECTS: dict[EventKind, tuple[Leg, ...]] = {
    K.deposit_credited: (Leg(Pool.client_custody, +1, "place"), Leg(Side.available, +1)),
    K.withdrawal_requested: (Leg(Side.available, -1), Leg(Side.held, +1)),
    K.withdrawal_settled: (Leg(Side.held, -1), Leg(Pool.client_custody, -1, "place")),
    K.withdrawal_rejected: (Leg(Side.held, -1), Leg(Side.available, +1)),
    K.fees_swept: (
        Leg(Pool.fees_earned, -1),
        Leg(Pool.house_equity, +1),
        Leg(Pool.client_custody, -1, "from_place"),
        Leg(Pool.house_custody, +1, "to_place"),
    ),
    K.house_funded: (Leg(Pool.house_equity, +1), Leg(Pool.house_custody, +1, "place")),
    K.house_drawn: (Leg(Pool.house_equity, -1), Leg(Pool.house_custody, -1, "place")),
}
MOVES = {
    Estate.client: (Leg(Pool.client_custody, -1, "from_place"), Leg(Pool.client_custody, +1, "to_place")),
    Estate.house: (Leg(Pool.house_custody, -1, "from_place"), Leg(Pool.house_custody, +1, "to_place")),
}
MOVING = (*EFFECTS, K.custody_moved)


def legs_of(kind: int, event: Any) -> tuple[Leg, ...]:
    """Return the legs of an event; a move within one estate depends on which."""
    return MOVES[event.estate] if kind == K.custody_moved else EFFECTS[EventKind(kind)]
