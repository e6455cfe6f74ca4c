"""The honest day that every fraud starts from: each command by its name.

Erin is the house. Dave is the client who never looks. Frauds change one command or what it does; the names tell which.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    RECORD_SIZE,
    AccountRole,
    AdvanceTime,
    ApproveWithdrawal,
    CreditDeposit,
    CustodyLocation,
    DispatchWithdrawal,
    DrawHouse,
    FundHouse,
    MoveCustody,
    ParameterTable,
    PlaceOrder,
    RequestWithdrawal,
    SetParameter,
    SettleWithdrawal,
    SweepFees,
    TakeCheckpoint,
)
from tarazy.spec.venue import Venue

from ...floor import ALICE, BOB, BTC, CAROL, DAVE, MARKET, MILLION, USD, Floor, open_floor
from .forger import FACILITY_KEY, OFFICER_KEYS

ERIN = 5
HOT = CustodyLocation.hot


class Recorder(Venue):
    """A venue that keeps the commands it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.recorded: list[bytes] = []

    def apply(self, commands: bytes) -> bytes:
        """Apply the commands and keep them."""
        self.recorded += [commands[at : at + RECORD_SIZE] for at in range(0, len(commands), RECORD_SIZE)]
        return super().apply(commands)


class SigningFloor(Floor):
    """A floor whose facility and officers have keys with which a journal of it can be signed."""

    facility_key = FACILITY_KEY

    def key_of(self, number: int) -> bytes:
        """Return the public key with which an officer is registered."""
        return OFFICER_KEYS[number].public_key


class History:
    """Commands in order, and the sequence numbers of those that have a name."""

    def __init__(self, commands: list[bytes], names: dict[str, int]) -> None:
        self.commands = commands
        self.names = names

    def __getitem__(self, name: str) -> int:
        """Return a command's sequence number."""
        return self.names[name]


def order(side: int, account: int, lots: int, price: int, time_in_force: int = 1) -> PlaceOrder:
    """Return a limit order."""
    return PlaceOrder(1, side, time_in_force, 1, 0, 0, MARKET, account, 0, price, lots)


def digest(number: int) -> bytes:
    """Return the hash of an imagined document."""
    return number.to_bytes(32, "big")


# What is done after the floor is open, by name. Some are refused by an honest venue: those are what a fraud lets pass.
ACTS: dict[str, Any] = {
    "first checkpoint": TakeCheckpoint(),
    "first in the queue": order(2, ALICE, 10, 100),
    "second in the queue": order(2, BOB, 10, 100),
    "worse price": order(2, BOB, 10, 105),
    "fill": order(1, CAROL, 1_000, 100, 2),
    "quiet moment": AdvanceTime(),
    "deposit": CreditDeposit(HOT, 0, ALICE, BTC, 0, 500, digest(501)),
    "same evidence again": CreditDeposit(HOT, 0, ALICE, BTC, 0, 500, digest(501)),
    "withdrawal": RequestWithdrawal(0, ALICE, USD, 300, digest(502)),
    "withdrawal is approved": ApproveWithdrawal(0, ALICE, USD, 0, 300, digest(502)),
    "withdrawal is sent": DispatchWithdrawal(HOT, 0, 0, digest(511)),
    "withdrawal leaves": SettleWithdrawal(0, 0, 0, digest(503)),
    "too large withdrawal": RequestWithdrawal(0, DAVE, USD, MILLION + 1, digest(504)),
    "sell above holding": order(2, DAVE, 2 * MILLION, 100),
    "buy on credit": order(1, DAVE, 2 * MILLION, 50),
    "house order": order(1, ERIN, 1, 1),
    "own funds of the house": FundHouse(HOT, 0, USD, 0, 40, digest(505)),
    "house draws": DrawHouse(HOT, 0, USD, 0, MILLION, digest(506)),
    "parameter without a hash": SetParameter(ParameterTable.fee_discount_ppm, 0, 0, 0, 0, MILLION),
    "fees are paid": order(1, CAROL, 10, 105, 2),
    "sweep": SweepFees(HOT, HOT, 0, USD, 0, 1, digest(507)),
    "sweep above the fees": SweepFees(HOT, HOT, 0, USD, 0, 900_000, digest(508)),
    "move": MoveCustody(1, HOT, CustodyLocation.cold, 0, BTC, 0, 1_000, digest(509)),
    "last checkpoint": TakeCheckpoint(),
    "day after": order(1, BOB, 1, 50),
    "checkpoint of the day after": TakeCheckpoint(),
}


def honest_history(engine: type[Engine] = Recorder) -> History:
    """Return the commands of the day."""
    floor: Floor = open_floor(engine, SigningFloor, maker_fee_ppm=1_000, taker_fee_ppm=2_000)
    floor.account(role=AccountRole.house)
    names: dict[str, int] = {}
    for name, command in ACTS.items():
        floor.now += 1_000
        if name in ("withdrawal is approved", "withdrawal is sent", "withdrawal leaves"):
            command = command._replace(withdrawal_id=names["withdrawal"])
        floor.do(command)
        names[name] = floor.venue.next_seq - 1
    assert isinstance(floor.venue, Recorder)
    return History(floor.venue.recorded, names)
