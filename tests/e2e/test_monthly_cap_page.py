"""What is left of the monthly cap on a client's page, in dollars, after a purchase on a served facility.

USD 1,000 a month for resident retail clients: AIFC Cooperation Rules 3.1.1 (docs/concepts/limits-over-time.md).
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tarazy.cli.engines import load_engine
from tarazy.cli.facility.publishing import published
from tarazy.cli.output import Output
from tarazy.domain.records import (
    ClientClass,
    LimitKind,
    LimitPeriod,
    LimitScope,
    Residency,
    SetClientStatus,
    SetLimit,
    SetRate,
)
from tarazy.facility.sequencer.sequencer import Sequencer

from ..trading_stage import PLAN, make_facility, new_key, refusals, served
from ..web_person import PageClient, new_person
from .test_gateway_attacks import ORDER, Trader

USD, PAPER = 2, b"\x07" * 32
CENTS = 100


def capped_facility(directory: Path) -> None:
    """Make a facility that has a rate, both caps of resident retail clients, and account 1's owner as one of them."""
    desk = make_facility(directory)
    with Sequencer.open(directory, load_engine("spec")) as sequencer, published(sequencer, directory, Output(True)):
        owner = sequencer.engine.state.accounts[0].owner_id
        rules = PLAN.digest("rulebook")
        commands: list[Any] = [
            SetRate(asset_id=USD, rate_value_minor=1, rate_amount_minor=1_000_000, evidence_hash=PAPER)
        ]
        commands.append(SetClientStatus(ClientClass.retail, Residency.resident, 0, 0, owner, PAPER))
        for kind in (LimitKind.deposits, LimitKind.purchases):
            terms = (kind, LimitScope.everybody, LimitPeriod.month, ClientClass.retail, Residency.resident, 1)
            commands.append(SetLimit(*terms, amount_max_minor=1_000 * CENTS, rulebook_hash=rules))
        for command in commands:
            known_seq = sequencer.engine.next_seq - 1
            signed, entry = desk.sign(command.pack(), desk.people, time.time_ns(), known_seq=known_seq)
            assert not refusals(sequencer.execute(signed, instructions=entry))


def test_client_sees_what_a_purchase_left_of_the_cap(tmp_path: Path) -> None:
    directory = tmp_path / "facility"
    capped_facility(directory)
    person = new_person(directory, "dana", (1,))
    month = time.gmtime()[:2]
    with served(directory) as running:
        buyer, seller = (Trader(running, *new_key(directory, number)) for number in (1, 2))
        seller.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "5"})
        bought = buyer.ask("POST", "/api/v3/order", **{**ORDER, "side": "BUY", "quantity": "2.5"}).json()
        assert bought["status"] == "FILLED", bought
        assert len(buyer.ask("GET", "/api/v3/myTrades", symbol="BTCUSD").json()) == 1  # the read models have it
        refused = buyer.ask("POST", "/api/v3/order", **{**ORDER, "side": "BUY", "quantity": "7.51"}).json()
        assert refused["reject"] == "limit_reached"
        client = PageClient(running.url)
        try:
            client.log_in(person)
            deposits, purchases = client.get("/trade/1/rights.json").json()["caps"]
            page = client.get("/trade/1/rights").text
        finally:
            client.close()
    if time.gmtime()[:2] != month:
        pytest.skip("a month has begun in between, and its cap with it")
    assert (deposits["left"], deposits["used"]) == (
        [{"asset": "USD", "amount": "1000"}],
        [{"asset": "USD", "amount": "0"}],
    )
    assert (purchases["left"], purchases["used"]) == (
        [{"asset": "USD", "amount": "750"}],  # 1,000 less 2.5 bitcoins at 100
        [{"asset": "USD", "amount": "250"}],
    )
    assert "750 USD" in page
