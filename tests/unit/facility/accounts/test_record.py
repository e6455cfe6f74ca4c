"""What the register asks of the record, applied by the engine: an account, a status, and a cap that replay proves."""

from __future__ import annotations

from typing import Any

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    AccountOpened,
    AccountStateChanged,
    AdmitAsset,
    AssetKind,
    CustodyLocation,
    DepositCredited,
    RegisterAsset,
    SetRate,
)
from tarazy.facility.accounts.clients import find_client
from tarazy.facility.accounts.decisions import confirm_state, decide
from tarazy.facility.accounts.instructions import cap_commands, for_accounts, outbox
from tarazy.facility.officers.drafts import command_of
from tarazy.spec.venue import Venue

from ....floor import Floor
from .desk import DANA, ERIK, Desk

CENTS = 2


class CashDesk:
    """An engine with dollars, the cap of the parameters, and the client's account."""

    def __init__(self, desk: Desk, engine: type[Engine] = Venue) -> None:
        self.floor = Floor(engine)
        floor = self.floor
        floor.do(RegisterAsset(AssetKind.fiat, CENTS, 0, b"USD".ljust(16, b"\0")))
        floor.do(AdmitAsset(0, 1, floor.new_hash()))
        floor.do(SetRate(0, 1, 1, 1, floor.new_hash()))
        for each in cap_commands(desk.register, CENTS, bytes([7]) * 32):
            self.apply(each)

    def apply(self, command: dict[str, object]) -> Any:
        """Apply a command of the outbox as two officers' act."""
        return self.floor.do(command_of(command))

    def deposit(self, account: int, dollars: int) -> int:
        """Credit what the limits admit of a deposit and return it in dollars."""
        result = self.floor.deposit(account, 1, dollars * 100, CustodyLocation.bank)
        return sum(event.amount_minor for event in result.of(DepositCredited)) // 100


def test_a_resident_retail_client_comes_to_a_thousand_dollars_a_month_and_no_further(desk: Desk) -> None:
    # Cooperation Rules 3.1.1: USD 1,000 a calendar month. Of 700 and 600 dollars, 700 and 300 are credited.
    desk.lists()
    client = desk.ready()
    confirm_state(desk.register, ERIK, decide(desk.register, DANA, client, "approved", "checked").decision)
    cash = CashDesk(desk)
    opens, states = outbox(desk.register, client)[0].commands
    account = cash.apply(opens).one(AccountOpened)
    assert account.owner_id == client == find_client(desk.register, client).client
    cash.apply(states)
    assert [cash.deposit(account.account_id, dollars) for dollars in (700, 600)] == [700, 300]


def test_a_suspended_client_is_restricted_in_the_record(desk: Desk) -> None:
    desk.lists()
    client = desk.ready()
    confirm_state(desk.register, ERIK, decide(desk.register, DANA, client, "approved", "checked").decision)
    cash = CashDesk(desk)
    for command in outbox(desk.register, client)[0].commands:
        cash.apply(command)
    decide(desk.register, DANA, client, "suspended", "asked for papers")
    (change,) = for_accounts(outbox(desk.register, client)[1].commands, [1])
    assert cash.apply(change).one(AccountStateChanged).account_state == 2
