"""Custody of both estates: moves, sweeps of fees, the house's own assets."""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    CustodyLocation,
    DrawHouse,
    Estate,
    FundHouse,
    HouseDrawn,
    HouseFunded,
    MoveCustody,
    SweepFees,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, MILLION, USD, Floor, Result, open_floor

HOT, WARM, COLD, BANK, TRANSIT = CustodyLocation
CLIENT, HOUSE = Estate


def places(floor: Floor, estate: int, asset: int = BTC) -> list[int]:
    """Return what lies at hot, warm, cold, bank and in transit."""
    return [account.minor for account in floor.state.ledger.asset(asset).custody[Estate(estate)]]


def move(floor: Floor, estate: int, source: int, target: int, amount: int) -> Result:
    """Move bitcoin between two places."""
    return floor.attempt(MoveCustody(estate, source, target, 0, BTC, 0, amount, floor.new_hash()))


def sweep(floor: Floor, amount: int, asset: int = USD, source: int = HOT) -> Result:
    """Sweep fees from a place of the clients to the house's hot wallet."""
    return floor.attempt(SweepFees(source, HOT, 0, asset, 0, amount, floor.new_hash()))


@pytest.fixture
def earning(engine: type[Engine]) -> Floor:
    """Return a venue that has earned 1,000 dollars of fees."""
    floor = open_floor(engine, maker_fee_ppm=10_000)
    floor.sell(ALICE, 1_000, 100)
    floor.buy(BOB, 1_000, 100)
    assert floor.state.ledger.asset(USD).fees_earned.minor == 1_000
    return floor


def test_move_changes_places_and_no_balance(floor: Floor) -> None:
    assert move(floor, CLIENT, HOT, COLD, 300).kinds == ["CustodyMoved"]
    assert places(floor, CLIENT) == [4 * MILLION - 300, 0, 300, 0, 0]
    assert floor.balance(ALICE, BTC) == (MILLION, 0)


def test_move_of_more_than_the_place_holds_is_refused(floor: Floor) -> None:
    assert move(floor, CLIENT, WARM, COLD, 1).reject_code == RejectCode.insufficient_custody
    assert move(floor, HOUSE, HOT, COLD, 1).reject_code == RejectCode.insufficient_custody


def test_house_moves_its_own_without_touching_the_clients(floor: Floor) -> None:
    floor.act(FundHouse(HOT, asset_id=BTC, amount_minor=50, evidence_hash=floor.new_hash()))
    move(floor, HOUSE, HOT, TRANSIT, 20)
    assert places(floor, HOUSE) == [30, 0, 0, 0, 20]
    assert places(floor, CLIENT) == [4 * MILLION, 0, 0, 0, 0]


def test_house_is_funded_and_drawn(floor: Floor) -> None:
    funded = floor.act(FundHouse(TRANSIT, asset_id=USD, amount_minor=50, evidence_hash=floor.new_hash()))
    assert funded.one(HouseFunded).amount_minor == 50
    assert floor.state.ledger.asset(USD).house_equity.minor == 50
    drawn = floor.act(DrawHouse(TRANSIT, asset_id=USD, amount_minor=20, evidence_hash=floor.new_hash()))
    assert drawn.one(HouseDrawn).amount_minor == 20
    assert places(floor, HOUSE, USD) == [0, 0, 0, 0, 30]
    assert floor.state.ledger.asset(USD).house_equity.minor == 30


def test_house_cannot_draw_what_is_the_clients(floor: Floor) -> None:
    refused = floor.attempt(DrawHouse(HOT, 0, BTC, 0, 1, floor.new_hash()))
    assert refused.reject_code == RejectCode.insufficient_custody


def test_sweep_moves_earned_fees_to_the_house(earning: Floor) -> None:
    assert sweep(earning, 600).kinds == ["FeesSwept"]
    ledger = earning.state.ledger.asset(USD)
    assert (ledger.fees_earned.minor, ledger.house_equity.minor) == (400, 600)
    assert places(earning, HOUSE, USD) == [600, 0, 0, 0, 0]
    assert places(earning, CLIENT, USD) == [4 * MILLION - 600, 0, 0, 0, 0]


def test_sweep_above_the_fees_earned_is_refused(earning: Floor) -> None:
    assert sweep(earning, 1_001).reject_code == RejectCode.insufficient_fees
    sweep(earning, 1_000)
    assert sweep(earning, 1).reject_code == RejectCode.insufficient_fees


def test_sweep_of_another_asset_is_refused(earning: Floor) -> None:
    assert sweep(earning, 1, BTC).reject_code == RejectCode.insufficient_fees


def test_sweep_from_a_place_that_is_short_is_refused(earning: Floor) -> None:
    assert sweep(earning, 1, source=WARM).reject_code == RejectCode.insufficient_custody


def test_house_estate_holds_at_most_the_largest_amount_and_a_sweep_does_not_pass_it(earning: Floor) -> None:
    earning.act(FundHouse(COLD, asset_id=USD, amount_minor=(1 << 120) - 999, evidence_hash=earning.new_hash()))
    refused = sweep(earning, 1_000)
    assert refused.reject_code == RejectCode.amount_too_large
    assert (refused[0].expected, refused[0].found) == (1 << 120, (1 << 120) + 1)
    assert sweep(earning, 999).kinds == ["FeesSwept"]


def test_evidence_counts_once_over_all_kinds_of_acts(earning: Floor) -> None:
    evidence = earning.new_hash()
    terms = (0, USD, 0, 1, evidence)
    assert earning.attempt(FundHouse(HOT, *terms)).kinds == ["HouseFunded"]
    for command in (
        FundHouse(HOT, *terms),
        DrawHouse(HOT, *terms),
        SweepFees(HOT, HOT, *terms),
        MoveCustody(CLIENT, HOT, COLD, *terms),
    ):
        assert earning.attempt(command).reject_code == RejectCode.evidence_already_used
