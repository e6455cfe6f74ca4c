"""The rehearsal, worked out by hand."""

from __future__ import annotations

from tarazy.domain.records import CustodyLocation
from tarazy.oversight.solvency.rehearsal import rehearse
from tarazy.spec.venue import Venue

from ....floor import BTC, USD, open_floor

HOT, COLD, BANK, TRANSIT = (
    CustodyLocation.hot,
    CustodyLocation.cold,
    CustodyLocation.bank,
    CustodyLocation.transit,
)


def test_surplus_of_one_asset_pays_nobody_in_another_and_transit_pays_nobody() -> None:
    """Four accounts hold a million of both. Seen are 1.5 million BTC hot and 4 million cold; of USD 3 million in a
    bank and 9
    million in transit: 3 of 4 million can be paid, 750,000 parts per million each."""
    floor = open_floor(Venue)
    seen = {(BTC, HOT): 1_500_000, (BTC, COLD): 4_000_000, (USD, BANK): 3_000_000, (USD, TRANSIT): 9_000_000}
    btc, usd = rehearse(floor.state, seen)
    assert (btc.owed_minor, btc.short_minor, btc.locations_needed) == (4_000_000, 0, ("hot", "cold"))
    assert (usd.short_minor, usd.share_ppm, usd.in_transit_minor) == (1_000_000, 750_000, 9_000_000)


def test_ledger_of_an_honest_venue_pays_everybody() -> None:
    floor = open_floor(Venue)
    assert all(not each.short_minor for each in rehearse(floor.state))
