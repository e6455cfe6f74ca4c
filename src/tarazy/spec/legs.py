"""The orders of a list by their numbers: a leg's number has its role above bit 48, its list's number below.

So an order says by itself that it is a leg, of which list and what its others are called, and an order that is none
costs one comparison. The list's number is that of the command that placed it.
"""

from __future__ import annotations

LEG_SHIFT = 48
LEG_BASE = 1 << LEG_SHIFT
OCO_LIMIT, OCO_STOP, OTO_WORKING, OTO_PENDING, OTOCO_WORKING, OTOCO_LIMIT, OTOCO_STOP = range(1, 8)
OTHER = {OCO_LIMIT: OCO_STOP, OCO_STOP: OCO_LIMIT, OTOCO_LIMIT: OTOCO_STOP, OTOCO_STOP: OTOCO_LIMIT}
WORKING = {OTO_PENDING: OTO_WORKING, OTOCO_LIMIT: OTOCO_WORKING, OTOCO_STOP: OTOCO_WORKING}
PENDING = {OTO_WORKING: (OTO_PENDING,), OTOCO_WORKING: (OTOCO_LIMIT, OTOCO_STOP)}


def leg_id(list_id: int, role: int) -> int:
    """Return the number of a list's order; role 0 is an order by itself."""
    return role << LEG_SHIFT | list_id


def role_of(order_id: int) -> int:
    """Return an order's role in its list, 0 for an order by itself."""
    return order_id >> LEG_SHIFT


def list_of(order_id: int) -> int:
    """Return the number of the command that placed an order, which is that of its list."""
    return order_id & (LEG_BASE - 1)


def is_leg(order_id: int) -> bool:
    """Return whether an order belongs to a list."""
    return order_id >= LEG_BASE


def other_leg(order_id: int) -> int:
    """Return the other order of a pair of which one cancels the other, 0 for none."""
    role = OTHER.get(role_of(order_id), 0)
    return leg_id(list_of(order_id), role) if role else 0


def working_leg(order_id: int) -> int:
    """Return the working order that a pending one waits for, 0 for none."""
    role = WORKING.get(role_of(order_id), 0)
    return leg_id(list_of(order_id), role) if role else 0


def pending_legs(order_id: int) -> list[int]:
    """Return the pending orders that wait for a working one."""
    return [leg_id(list_of(order_id), role) for role in PENDING.get(role_of(order_id), ())]


def kind_of(order_id: int) -> int:
    """Return the kind of list of a leg, as the first role that it has."""
    role = role_of(order_id)
    return OTOCO_WORKING if role >= OTOCO_WORKING else OTO_WORKING if role >= OTO_WORKING else OCO_LIMIT


def is_amendable(order_id: int) -> bool:
    """Return whether an order may be amended: not one that shares its hold and its quantity with another."""
    return role_of(order_id) not in OTHER
