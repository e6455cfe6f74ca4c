"""The rehearsal: could every client be paid today, from what lies in the client estate and nowhere else?

Asset by asset, never across: another asset's surplus pays nobody here. What is in transit pays nobody today. Fees
earned and the network float are the house's claims on the estate and stand behind the clients'. Where the estate falls
short, each client gets the same share, rounded down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tarazy.domain.arithmetic import PPM, div_floor
from tarazy.domain.records import CustodyLocation, Estate
from tarazy.spec.state import State

# Nearest to a network first: what cold keys need not move is moved without them.
ORDER = (CustodyLocation.bank, CustodyLocation.hot, CustodyLocation.warm, CustodyLocation.cold)
# What lies at (asset, location) of the client estate according to somebody else than the ledger.
Observed = Mapping[tuple[int, int], int]


class AssetRehearsal(NamedTuple):
    """One asset: what is owed to clients, what could be paid, and down to which location the keys are needed."""

    asset_id: int
    owed_minor: int
    payable_minor: int
    in_transit_minor: int
    locations_needed: tuple[str, ...]

    @property
    def short_minor(self) -> int:
        """Return what is missing."""
        return max(self.owed_minor - self.payable_minor, 0)

    @property
    def share_ppm(self) -> int:
        """Return what each client would get of its claim, in parts per million, rounded down."""
        return PPM if not self.short_minor else div_floor(self.payable_minor * PPM, self.owed_minor)

    def plain(self) -> dict[str, Any]:
        """Return the rehearsal as plain values."""
        return {
            "pays_everybody": not self.short_minor,
            "payable_minor": str(self.payable_minor),
            "in_transit_minor": str(self.in_transit_minor),
            "short_minor": str(self.short_minor),
            "share_ppm": self.share_ppm,
            "locations_needed": list(self.locations_needed),
        }


def rehearse(state: State, observed: Observed | None = None) -> Iterator[AssetRehearsal]:
    """Iterate over the rehearsals of all assets; `observed` takes the place of the ledger's word where it is given."""
    for asset in state.assets:
        custody = {
            location: state.ledger.custody(Estate.client, location, asset.asset_id).minor
            for location in CustodyLocation
        }
        if observed is not None:
            custody = {location: observed.get((asset.asset_id, location), 0) for location in CustodyLocation}
        yield _one(asset.asset_id, owed_to_clients(state, asset.asset_id), custody)


def owed_to_clients(state: State, asset_id: int) -> int:
    """Return what is owed of an asset to accounts and to those whose receipts wait."""
    totals = state.ledger.asset(asset_id).totals
    return totals[3] + totals[4] + totals[5]


def _one(asset_id: int, owed_minor: int, custody: Mapping[CustodyLocation, int]) -> AssetRehearsal:
    """Pay from the nearest location on until nothing is owed any more."""
    needed, left = [], owed_minor
    for location in ORDER:
        if left > 0 and custody[location]:
            needed.append(location.name)
            left -= custody[location]
    payable = sum(custody[location] for location in ORDER)
    return AssetRehearsal(asset_id, owed_minor, payable, custody[CustodyLocation.transit], tuple(needed))
