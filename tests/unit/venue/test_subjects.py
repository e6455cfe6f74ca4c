"""What a command is about that names only a number. The core has no door to this; conformance compares what follows."""

from __future__ import annotations

from tarazy.domain.records import (
    AttributeReceipt,
    BustTrade,
    CommandKind,
    CreditDeposit,
    DispatchWithdrawal,
    RejectWithdrawal,
    RequestReturn,
    SettleWithdrawal,
    TradeExecuted,
    UndoDeposit,
    UndoWithdrawal,
)
from tarazy.spec.subjects import subject
from tarazy.spec.venue import Venue

from ...floor import ALICE, BOB, BTC, USD, open_floor
from .desk import Desk

EVIDENCE, SETTLED = b"\xcc" * 32, b"\xdd" * 32


def test_command_is_about_the_asset_and_amount_of_what_it_names() -> None:
    desk = Desk(open_floor(Venue))
    assert isinstance(desk.floor.venue, Venue)
    state = desk.floor.venue.state
    number, left = desk.request(ALICE, 30), desk.request(ALICE, 40)
    desk.send(left)
    desk.settle(left, SETTLED)
    desk.deposit(BOB, 70, EVIDENCE)
    receipt = desk.receive(90)
    desk.floor.sell(ALICE, 10, 7)
    trade = desk.floor.buy(BOB, 10, 7).one(TradeExecuted)
    about = [
        (DispatchWithdrawal(1, 0, number), (BTC, 30)),
        (SettleWithdrawal(0, number), (BTC, 30)),
        (RejectWithdrawal(1, 0, number), (BTC, 30)),
        (RejectWithdrawal(1, 0, left), (0, 0)),
        (AttributeReceipt(0, ALICE, receipt, 8), (BTC, 8)),
        (RequestReturn(0, receipt, 9), (BTC, 9)),
        (RequestReturn(0, receipt + 1, 9), (0, 0)),
        (UndoDeposit(0, EVIDENCE), (BTC, 70)),
        (UndoWithdrawal(0, SETTLED), (BTC, 40)),
        (UndoWithdrawal(0, bytes(32)), (0, 0)),
        (BustTrade(0, 0, trade.seq), (USD, 70)),
        (BustTrade(0, 1, trade.seq), (0, 0)),
        (CreditDeposit(asset_id=BTC, amount_minor=5), (0, 0)),
    ]
    for command, expected in about:
        kind = CommandKind(int.from_bytes(command.pack()[:2], "little"))
        assert subject(state, kind, command) == expected, command
