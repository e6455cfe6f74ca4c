"""Parts of the state that only rare commands touch: withdrawals and receipts, officers and mandates, limits."""

from __future__ import annotations

from typing import NamedTuple

from tarazy.domain.records import ZERO32

REQUESTED, APPROVED, DISPATCHED = 1, 2, 3


class Withdrawal:
    """Assets on their way out of the client estate: held by the account or, for a return, by its receipt.

    withdrawal_state: REQUESTED, APPROVED, DISPATCHED (and then `location` says from where).
    """

    __slots__ = (
        "account_id",
        "amount_minor",
        "asset_id",
        "destination_hash",
        "kind",
        "location",
        "receipt_id",
        "withdrawal_id",
        "withdrawal_state",
    )

    def __init__(
        self,
        withdrawal_id: int,
        kind: int,
        account_id: int,
        asset_id: int,
        receipt_id: int,
        amount_minor: int,
        destination_hash: bytes,
    ) -> None:
        self.withdrawal_id = withdrawal_id
        self.kind = kind
        self.account_id = account_id
        self.asset_id = asset_id
        self.receipt_id = receipt_id
        self.amount_minor = amount_minor
        self.destination_hash = destination_hash
        self.withdrawal_state = REQUESTED
        self.location = 0


# What holds the amount of a withdrawal: (account, asset, 0), or (0, 0, receipt).
HeldBy = tuple[int, int, int]


def held_by(withdrawal: Withdrawal) -> HeldBy:
    """Return what holds the amount of a withdrawal."""
    if withdrawal.receipt_id:
        return 0, 0, withdrawal.receipt_id
    return withdrawal.account_id, withdrawal.asset_id, 0


class Receipt:
    """Assets in the client estate that wait unattributed; `returning_minor` of them is asked to be sent back."""

    __slots__ = ("account_id", "amount_minor", "asset_id", "evidence_hash", "reason", "receipt_id", "returning_minor")

    def __init__(
        self, receipt_id: int, reason: int, account_id: int, asset_id: int, amount_minor: int, evidence_hash: bytes
    ) -> None:
        self.receipt_id = receipt_id
        self.reason = reason
        self.account_id = account_id
        self.asset_id = asset_id
        self.amount_minor = amount_minor
        self.returning_minor = 0
        self.evidence_hash = evidence_hash


class Evidence:
    """What a piece of evidence was recorded for; the kinds are spec.evidence's.

    credited_minor: the part that went to account_id (undone: the part taken back from it). lost_minor: the part that
    was a shortfall when the credit was undone.
    """

    __slots__ = (
        "account_id",
        "amount_minor",
        "asset_id",
        "credited_minor",
        "is_undone",
        "kind",
        "location",
        "lost_minor",
        "number",
        "recorded_ns",
        "seq",
    )

    def __init__(
        self,
        kind: int,
        location: int,
        account_id: int,
        asset_id: int,
        number: int,
        amount_minor: int,
        credited_minor: int,
    ) -> None:
        self.kind = kind
        self.location = location
        self.account_id = account_id
        self.asset_id = asset_id
        self.number = number
        self.amount_minor = amount_minor
        self.credited_minor = credited_minor
        self.lost_minor = 0
        self.is_undone = False
        self.seq = 0
        self.recorded_ns = 0


class Trade(NamedTuple):
    """A trade that can still be busted; market_id 0 when it was. Fees and rebate follow from amounts and rates."""

    seq: int
    trade_index: int
    market_id: int
    buyer_account_id: int
    seller_account_id: int
    buyer_rate_ppm: int
    seller_rate_ppm: int
    quantity_minor: int
    cost_minor: int


class Delisting:
    """An asset's way out of trading: its stage, and when its steps are due."""

    __slots__ = ("asset_id", "cancel_only_ns", "close_ns", "decision_hash", "stage", "withdraw_until_ns")

    def __init__(
        self, asset_id: int, cancel_only_ns: int, close_ns: int, withdraw_until_ns: int, decision_hash: bytes
    ) -> None:
        self.asset_id = asset_id
        self.stage = 1
        self.cancel_only_ns = cancel_only_ns
        self.close_ns = close_ns
        self.withdraw_until_ns = withdraw_until_ns
        self.decision_hash = decision_hash

    def due_ns(self) -> int:
        """Return when the next step is due, 0 after the last."""
        return (0, self.cancel_only_ns, self.close_ns, self.withdraw_until_ns, 0)[self.stage]


class Fees(NamedTuple):
    """Fees of an account or a market in place of the standard ones; a maker's rate below zero is a rebate."""

    maker_rate_ppm: int
    taker_rate_ppm: int
    rulebook_hash: bytes


class Officer:
    """A registered officer."""

    __slots__ = ("officer_id", "officer_roles", "officer_state", "public_key", "valid_from_ns", "valid_until_ns")

    def __init__(self, officer_id: int) -> None:
        self.officer_id = officer_id
        self.officer_roles = 0
        self.officer_state = 0
        self.valid_from_ns = 0
        self.valid_until_ns = 0
        self.public_key = ZERO32


class ClientKey(NamedTuple):
    """A key with which a client signs its requests; scopes: trade 1, withdraw 2; valid_until_ns 0 = it has no end."""

    account_id: int
    client_key_scopes: int
    signed_only: int
    valid_until_ns: int
    public_key: bytes
    is_revoked: bool


class Mandate:
    """What a machine officer may do, and what it used of it on the UTC day `used_day` (days since 1970)."""

    __slots__ = (
        "amount_max_minor",
        "asset_id",
        "day_max_minor",
        "mandate_id",
        "mandated_kind",
        "officer_id",
        "signers_needed",
        "used_day",
        "used_minor",
        "valid_until_ns",
    )

    def __init__(self, mandate_id: int) -> None:
        self.mandate_id = mandate_id
        self.officer_id = 0
        self.mandated_kind = 0
        self.asset_id = 0
        self.amount_max_minor = 0
        self.day_max_minor = 0
        self.valid_until_ns = 0
        self.signers_needed = 0
        self.used_day = 0
        self.used_minor = 0


class Instruction:
    """The instruction that covers the next `remaining` commands.

    `known_seq`: the last command that its signers knew, 0 = not stated; `is_whole`: no covered command was refused.
    """

    __slots__ = ("approver_id", "is_whole", "known_seq", "officer_id", "remaining", "seq", "valid_until_ns")

    def __init__(self) -> None:
        self.seq = 0
        self.officer_id = 0
        self.approver_id = 0
        self.remaining = 0
        self.valid_until_ns = 0
        self.known_seq = 0
        self.is_whole = False


class Authority:
    """Officers, mandates and instructions. `numbers` are (valid_until_ns, instruction_number), sorted.

    `signers` and `uses` belong to the command under way: who signed it, and which mandates it uses up with what amount.
    """

    def __init__(self) -> None:
        self.genesis_open = True
        self.facility_key = ZERO32
        self.officers: list[Officer] = []
        self.mandates: dict[int, Mandate] = {}
        self.instruction = Instruction()
        self.numbers: list[tuple[int, int]] = []
        self.used_numbers: set[int] = set()
        self.signers: tuple[int, ...] = ()
        self.uses: list[tuple[Mandate, int]] = []


class ClientStatus(NamedTuple):
    """What was stated about an owner; residency 0 = never stated."""

    residency: int
    cap_exempt: int


class Limit(NamedTuple):
    """The most that a row of the limit table allows in a period, and the release that orders it."""

    amount_max_minor: int
    exemptible: int
    rulebook_hash: bytes


class Rate(NamedTuple):
    """What an asset is worth: value_minor of the reference currency for amount_minor of it; 0 for 0 = unknown."""

    value_minor: int
    amount_minor: int


class Purchase(NamedTuple):
    """An open purchase of a limited account: what it may still pay, and what it paid at its rate on day `paid_day`."""

    account_id: int
    asset_id: int
    open_minor: int
    paid_minor: int
    paid_day: int
    rate: Rate


# (limit kind, scope, subject) -> (period, asset, class, residency) -> limit.
LimitTable = dict[tuple[int, int, int], dict[tuple[int, int, int, int], Limit]]


# (period, number of the period, limit kind, scope of the subject, subject, asset).
CounterKey = tuple[int, int, int, int, int, int]
