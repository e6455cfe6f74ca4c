"""Market makers: what they agreed to, and what they did, measured from the open orders of the record.

A maker is present while its own resting orders show, on both sides, at least the agreed lots no farther apart than the
agreed ticks. Presence is time present of all time measured, in parts of a thousand and exact: both are kept as integers
of nanoseconds. An agreement counts after a second officer and with the authority's approval named; no text of the
authority on such schemes was seen (MOTF 10, titles alone).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from tarazy.domain.records import Side
from tarazy.facility.accounts.clients import find_client
from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError
from tarazy.facility.accounts.register import JUDGE, Register
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.projections.open_orders import ACCOUNT_ID, MARKET_ID, PRICE, SIDE, UNTRIGGERED, VISIBLE, OpenOrders

BUY = int(Side.buy)
FULL = 1_000


class MakerTerms(NamedTuple):
    """What a maker agrees to in one market. Units: parts of a thousand of the time, ticks, lots; days included."""

    market_id: int
    begins: date
    ends: date
    presence_permille: int
    spread_max_ticks: int
    size_min_lots: int

    def checked(self) -> MakerTerms:
        """Return them where they can be measured. Raises: RegisterInputError."""
        numbers = (self.market_id, self.spread_max_ticks, self.size_min_lots)
        if self.begins > self.ends or min(numbers) < 1 or not 1 <= self.presence_permille <= FULL:
            expected = f"a market, days in order, 1 to {FULL} permille, a spread and a size of 1 or more"
            raise RegisterInputError("agreement", expected=expected, found=str(tuple(self))[:120])
        return self


class AgreementRow(NamedTuple):
    """An agreement. `confirmed_by` is 0 until a second officer confirmed it."""

    agreement: int
    client: int
    market_id: int
    begins: str
    ends: str
    presence_permille: int
    spread_max_ticks: int
    size_min_lots: int
    approval: str
    proposed_by: int
    proposed_key: str
    confirmed_by: int

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return self._asdict()


def propose_agreement(register: Register, actor: Actor, client: int, terms: MakerTerms, approval: str) -> AgreementRow:
    """Enter an agreement with the number of the authority's approval.

    Raises: RegisterInputError, NotInRegisterError.
    """
    terms.checked()
    if not approval.strip() or not approval.isprintable() or len(approval) > 100:
        raise RegisterInputError("approval", expected="the authority's approval", found=repr(approval[:60]))
    with register.acting(actor, JUDGE):
        find_client(register, client)
        number = int(register.all("SELECT coalesce(max(agreement), 0) + 1 FROM agreements")[0][0])
        key = actor.signer.public_key.hex()
        days = (terms.begins.isoformat(), terms.ends.isoformat())
        asked = (terms.presence_permille, terms.spread_max_ticks, terms.size_min_lots)
        row = AgreementRow(number, client, terms.market_id, *days, *asked, approval, actor.officer_id, key, 0)
        register.write(actor, "agreement.propose", client, row.plain())
        register.connection.execute("INSERT INTO agreements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return row


def confirm_agreement(register: Register, actor: Actor, agreement: int) -> AgreementRow:
    """Confirm an agreement as the second officer.

    Raises: DecisionRefusedError.
    """
    with register.acting(actor, JUDGE):
        row = find_agreement(register, agreement)
        if row.confirmed_by:
            raise DecisionRefusedError(f"agreement {agreement}", expected="one that waits", found="one in force")
        if actor.officer_id == row.proposed_by or actor.signer.public_key.hex() == row.proposed_key:
            expected = f"another officer than {row.proposed_by}, who proposed it"
            raise DecisionRefusedError(f"agreement {agreement}", expected=expected, found=f"officer {actor.officer_id}")
        register.write(actor, "agreement.confirm", row.client, {"agreement": agreement})
        register.connection.execute(
            "UPDATE agreements SET confirmed_by = ? WHERE agreement = ?", (actor.officer_id, agreement)
        )
        return find_agreement(register, agreement)


def find_agreement(register: Register, agreement: int) -> AgreementRow:
    """Return an agreement. Raises: NotInRegisterError."""
    return AgreementRow(*register.one("agreement", "SELECT * FROM agreements WHERE agreement = ?", (agreement,)))


class Presence(NamedTuple):
    """How long a maker was measured and present, in nanoseconds."""

    measured_ns: int
    present_ns: int

    @property
    def permille(self) -> int:
        """Return the presence, rounded down: who is measured never gains by rounding."""
        return self.present_ns * FULL // self.measured_ns if self.measured_ns else 0


class MakerMeter:
    """Measures one account's presence in one market. `note` is called with the time of every frame once it is applied.

    What the orders are after a frame holds until the next. Cost: all open orders are passed over for each frame.
    """

    def __init__(self, orders: OpenOrders, accounts: Iterable[int], terms: MakerTerms) -> None:
        self.orders, self.accounts, self.terms = orders, frozenset(accounts), terms.checked()
        self._since_ns: int | None = None
        self._is_present = False
        self._measured_ns = self._present_ns = 0

    def note(self, ts_ns: int) -> Presence:
        """Count the time since the last call under the orders that stood then, and look at those that stand now."""
        if self._since_ns is not None:
            passed = ts_ns - self._since_ns
            self._measured_ns += passed
            self._present_ns += passed if self._is_present else 0
        self._since_ns, self._is_present = ts_ns, self.is_present()
        return Presence(self._measured_ns, self._present_ns)

    def is_present(self) -> bool:
        """Say whether the agreed size stands on both sides within the agreed spread.

        The side's price is the one at which its best orders together reach the size: a single lot in front of them
        narrows nothing.
        """
        bid, ask = self.price_of_size(is_buy=True), self.price_of_size(is_buy=False)
        return bid is not None and ask is not None and ask - bid <= self.terms.spread_max_ticks

    def price_of_size(self, *, is_buy: bool) -> int | None:
        """Return the price at which a side reaches the agreed lots, None where it never does."""
        lots = 0
        rows = [
            (row[PRICE], row[VISIBLE])
            for row in self.orders.orders.rows.values()
            if row[MARKET_ID] == self.terms.market_id
            and row[ACCOUNT_ID] in self.accounts
            and not row[UNTRIGGERED]
            and (row[SIDE] == BUY) == is_buy
        ]
        for price, visible in sorted(rows, reverse=is_buy):
            lots += visible
            if lots >= self.terms.size_min_lots:
                return int(price)
        return None
