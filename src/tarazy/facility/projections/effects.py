"""What each kind of event does to the ledger: the one place to extend when the ledger gains a transfer type.

An event moves amounts. Each leg adds one of them to a ledger account or takes it off; the account is a client's balance
or a pool of the asset, and custody is one pool for each location. The table says of each leg which field of the event
holds the amount, the location, the account and the asset, and when it counts. Orders and trades are not here: what they
move depends on what the order has on hold, and `balances.py` follows that.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

from tarazy.domain.records import Estate, EventKind, WithdrawalKind


class Pool(IntEnum):
    """Ledger accounts of one asset that belong to no client; the first three are what the facility has or should."""

    client_custody = 1
    house_custody = 2
    shortfall = 3
    unattributed = 4
    fees_earned = 5
    network_float = 6
    house_equity = 7


class Side(IntEnum):
    """The two balances of a client in one asset."""

    available = 0
    held = 1


class Leg(NamedTuple):
    """One side of a movement, and the event's fields that say how much, where, whose and of what."""

    target: Pool | Side
    sign: int
    amount: str = "amount_minor"
    location: str = ""
    account: str = "account_id"
    asset: str = "asset_id"
    when: Callable[[Any], bool] | None = None


def _is_clients(event: Any) -> bool:
    return bool(event.withdrawal_kind == WithdrawalKind.withdrawal)


def _is_from_receipt(event: Any) -> bool:
    return bool(event.withdrawal_kind != WithdrawalKind.withdrawal)


def _has_receipt(event: Any) -> bool:
    return bool(event.receipt_id)


def _has_no_receipt(event: Any) -> bool:
    return not event.receipt_id


def _arrived(event: Any) -> bool:
    return bool(event.location)


def _came_from_account(event: Any) -> bool:
    return not event.location


def _is_client_estate(event: Any) -> bool:
    return bool(event.estate == Estate.client)


def _is_house_estate(event: Any) -> bool:
    return bool(event.estate == Estate.house)


CUSTODY, HOUSE, SHORTFALL, UNATTRIBUTED, FEES, FLOAT, EQUITY = Pool
AVAILABLE, HELD = Side
K = EventKind


def _paid_out(*amounts: str) -> tuple[Leg, ...]:
    """Return the legs of several amounts that leave client custody."""
    return tuple(Leg(CUSTODY, -1, amount, "location") for amount in amounts)


def _house_gives(target: Pool | Side, sign: int) -> tuple[Leg, ...]:
    """Return the legs of the house's own assets that move to the client estate for something."""
    return (
        Leg(HOUSE, -1, location="from_location"),
        Leg(EQUITY, -1),
        Leg(CUSTODY, +1, location="to_location"),
        Leg(target, sign),
    )


EFFECTS: dict[EventKind, tuple[Leg, ...]] = {
    # assets that arrive, and what becomes of them
    K.deposit_credited: (Leg(CUSTODY, +1, location="location"), Leg(AVAILABLE, +1)),
    K.receipt_held: (
        Leg(CUSTODY, +1, location="location", when=_arrived),
        Leg(AVAILABLE, -1, when=_came_from_account),
        Leg(UNATTRIBUTED, +1),
    ),
    K.receipt_attributed: (Leg(UNATTRIBUTED, -1), Leg(AVAILABLE, +1)),
    K.deposit_undone: (
        *_paid_out("taken_minor", "unattributed_minor", "lost_minor"),
        Leg(AVAILABLE, -1, "taken_minor"),
        Leg(UNATTRIBUTED, -1, "unattributed_minor"),
        Leg(SHORTFALL, +1, "lost_minor"),
    ),
    # the way out
    K.withdrawal_requested: (Leg(AVAILABLE, -1, when=_is_clients), Leg(HELD, +1, when=_is_clients)),
    K.withdrawal_settled: (
        Leg(CUSTODY, -1, location="location"),
        Leg(HELD, -1, when=_is_clients),
        Leg(UNATTRIBUTED, -1, when=_is_from_receipt),
    ),
    K.withdrawal_rejected: (Leg(HELD, -1, when=_is_clients), Leg(AVAILABLE, +1, when=_is_clients)),
    K.withdrawal_undone: (
        Leg(CUSTODY, +1, location="location"),
        Leg(HELD, +1, when=_has_no_receipt),
        Leg(UNATTRIBUTED, +1, when=_has_receipt),
    ),
    # losses, network fees, and what makes up for them
    K.loss_recorded: (*_paid_out("amount_minor"), Leg(SHORTFALL, +1)),
    K.loss_recovered: (Leg(CUSTODY, +1, location="location"), Leg(SHORTFALL, -1)),
    K.network_fee_paid: (
        *_paid_out("float_minor", "fees_minor", "lost_minor"),
        Leg(FLOAT, -1, "float_minor"),
        Leg(FEES, -1, "fees_minor"),
        Leg(SHORTFALL, +1, "lost_minor"),
    ),
    K.float_lent: _house_gives(FLOAT, +1),
    K.shortfall_topped_up: _house_gives(SHORTFALL, -1),
    K.shortfall_topped_up_from_fees: (
        Leg(FEES, -1, "fees_minor"),
        Leg(FLOAT, -1, "float_minor"),
        Leg(SHORTFALL, -1, "fees_minor"),
        Leg(SHORTFALL, -1, "float_minor"),
    ),
    # between house and clients, and among clients
    K.fees_swept: (
        Leg(FEES, -1),
        Leg(EQUITY, +1),
        Leg(CUSTODY, -1, location="from_location"),
        Leg(HOUSE, +1, location="to_location"),
    ),
    K.client_compensated: _house_gives(AVAILABLE, +1),
    K.fee_refunded: (Leg(FEES, -1), Leg(AVAILABLE, +1)),
    K.maker_rebated: (Leg(FEES, -1), Leg(AVAILABLE, +1)),
    K.trade_busted: (
        Leg(FEES, -1, "fee_minor"),
        Leg(AVAILABLE, +1, "fee_minor", account="from_account_id"),
        Leg(AVAILABLE, -1, account="from_account_id"),
        Leg(AVAILABLE, +1),
    ),
    K.block_leg_settled: (
        Leg(AVAILABLE, -1, account="from_account_id"),
        Leg(AVAILABLE, +1),
        Leg(AVAILABLE, -1, "fee_minor"),
        Leg(FEES, +1, "fee_minor"),
    ),
    K.ownership_transferred: (Leg(AVAILABLE, -1, account="from_account_id"), Leg(AVAILABLE, +1)),
    K.asset_migrated: (
        Leg(AVAILABLE, -1),
        Leg(CUSTODY, -1, location="location"),
        Leg(AVAILABLE, +1, asset="to_asset_id"),
        Leg(CUSTODY, +1, location="location", asset="to_asset_id"),
    ),
    # the house's own, and between locations
    K.house_funded: (Leg(EQUITY, +1), Leg(HOUSE, +1, location="location")),
    K.house_drawn: (Leg(EQUITY, -1), Leg(HOUSE, -1, location="location")),
    K.custody_moved: (
        Leg(CUSTODY, -1, location="from_location", when=_is_client_estate),
        Leg(CUSTODY, +1, location="to_location", when=_is_client_estate),
        Leg(HOUSE, -1, location="from_location", when=_is_house_estate),
        Leg(HOUSE, +1, location="to_location", when=_is_house_estate),
    ),
}
# What moves nothing by itself, by name; a test refuses a kind of event that stands in no list of this file.
NO_EFFECT = frozenset(
    """
    command_rejected asset_registered asset_status_changed market_opened market_rules_set market_state_changed
    parameter_set checkpoint_marked account_opened account_state_changed account_tier_set
    officer_registered officer_state_changed officer_key_rotated mandate_granted mandate_revoked facility_key_rotated
    instruction_accepted
    withdrawal_approved withdrawal_dispatched balance_reported
    limit_set limit_removed rate_set client_status_set parameter_scheduled market_rules_scheduled limit_scheduled
    limit_removal_scheduled setting_replaced
    order_triggered order_elected order_replenished auction_uncrossed auction_extended trading_rules_set
    fees_set fees_scheduled tick_band_set tick_band_scheduled increments_changed
    delisting_scheduled delisting_stepped delisting_canceled
    client_key_registered client_key_revoked block_trade_executed
    order_joined cancel_timer_set cancel_timer_elapsed
    order_list_placed trailing_stop_placed trailing_stop_started
    """.split()
)
# What moves as much as an order has on hold: `balances.py`.
OF_ORDERS = frozenset(
    (K.order_accepted, K.trade_executed, K.order_canceled, K.order_amended, K.order_reduced, K.order_held)
)
