"""Market makers: agreements, and presence measured from the orders of a real engine through the projection."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError
from tarazy.facility.accounts.market_makers import MakerMeter, MakerTerms, confirm_agreement, propose_agreement
from tarazy.facility.projections.open_orders import OpenOrders
from tarazy.journal.frame import Position
from tarazy.spec.book import BUY, SELL
from tarazy.spec.venue import Venue

from ....floor import MILLION, SECOND_NS, Floor, Result, decode_events
from ..projections.histories import GENESIS, make_frame
from .desk import DANA, ERIK, Desk

TERMS = MakerTerms(1, date(2026, 12, 1), date(2027, 11, 30), 900, 10, 5)


class Recorded(Floor):
    """A floor whose every command is a frame that the projection of open orders applies."""

    position = Position(1, GENESIS, 1)

    def __init__(self) -> None:
        self.orders = OpenOrders()
        super().__init__(Venue)

    def send(self, command: Any) -> Result:
        """Apply one record and hand its frame on."""
        record = (command if command.ts_ns else command._replace(ts_ns=self.now)).pack()
        events = self.venue.apply(record)
        frame = make_frame(self.position, record, events)
        self.orders.apply(frame, events)
        self.position = self.position.after(frame.header, frame.frame_hash)
        return decode_events(events)


def test_presence_is_the_time_on_both_sides_in_size_and_spread() -> None:
    floor = Recorded()
    floor.asset("BTC", 0)
    floor.asset("USD", 0)
    floor.market()
    maker, taker = floor.account(btc=MILLION, usd=MILLION), floor.account(btc=MILLION, usd=MILLION)
    meter = MakerMeter(floor.orders, [maker], TERMS)

    def note(seconds: int) -> int:
        floor.now += seconds * SECOND_NS
        return meter.note(floor.now).present_ns // SECOND_NS

    assert note(0) == 0
    bid = floor.order(BUY, maker, 5, 100).order_id
    assert note(7) == 0  # nothing stood in those seven seconds, as a frame holds from its time on
    floor.order(SELL, maker, 5, 111)
    assert note(1) == 0  # one side alone
    ask = floor.order(SELL, maker, 5, 110).order_id
    assert note(1) == 0  # eleven ticks apart
    assert note(20) == 20  # ten ticks apart, five lots on each side
    floor.order(
        BUY, taker, 1, 110
    )  # the ask has four lots left at 110: five only with those at 111, eleven ticks apart
    assert note(0) == 20
    assert note(30) == 20
    floor.order(SELL, maker, 1, 110)
    assert note(0) == 20
    assert note(9) == 29
    floor.cancel(maker, bid)
    floor.order(BUY, taker, 9, 101)  # another's order does not stand for the maker's
    assert note(0) == 29
    assert note(40) == 29
    found = meter.note(floor.now)
    assert (found.measured_ns // SECOND_NS, found.permille) == (108, 29 * 1_000 // 108)
    assert ask


def test_nothing_measured_is_no_presence() -> None:
    meter = MakerMeter(OpenOrders(), [1], TERMS)
    assert meter.note(5).permille == 0


def test_an_agreement_takes_two_officers_and_an_approval(desk: Desk) -> None:
    client, _ = desk.applicant()
    with pytest.raises(RegisterInputError, match="the authority's approval"):
        propose_agreement(desk.register, DANA, client, TERMS, " ")
    for wrong in (
        TERMS._replace(ends=date(2026, 1, 1)),
        TERMS._replace(presence_permille=1_001),
        TERMS._replace(size_min_lots=0),
    ):
        with pytest.raises(RegisterInputError, match="days in order"):
            propose_agreement(desk.register, DANA, client, wrong, "AFSA letter 7")
    row = propose_agreement(desk.register, DANA, client, TERMS, "AFSA letter 7")
    with pytest.raises(DecisionRefusedError, match="another officer than 3"):
        confirm_agreement(desk.register, DANA, row.agreement)
    assert confirm_agreement(desk.register, ERIK, row.agreement).confirmed_by == 4
    with pytest.raises(DecisionRefusedError, match="one in force"):
        confirm_agreement(desk.register, ERIK, row.agreement)
