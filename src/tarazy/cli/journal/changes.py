"""What a command changed in the ledger: every balance of the accounts and assets that its events name."""

from __future__ import annotations

from typing import Any, NamedTuple

from tarazy.domain.records import CustodyLocation, Estate
from tarazy.spec.ledger import Kind
from tarazy.spec.state import State


class StateChange(NamedTuple):
    """One balance that changed, in minor units of its asset."""

    owner: str
    asset_id: int
    kind: str
    before: int
    after: int


def changes(before: State, after: State, events: list[Any]) -> list[StateChange]:
    """Return the balances that differ between two states, of those that the events can have touched."""
    accounts = sorted({n for e in events for n in account_ids(e)})
    found = []
    for asset_id in range(1, len(after.assets) + 1):
        for account_id in accounts:
            found += [
                StateChange(f"account {account_id}", asset_id, kind, *pair)
                for kind, pair in balance_pairs(before, after, account_id, asset_id).items()
            ]
    for asset_id in range(1, len(after.assets) + 1):
        found += estate_changes(before, after, asset_id)
    return [change for change in found if change.before != change.after]


def account_ids(event: Any) -> list[int]:
    """Return the accounts that an event names."""
    names = ("account_id", "from_account_id", "maker_account_id", "taker_account_id")
    return [getattr(event, name) for name in names if getattr(event, name, 0)]


def balance_pairs(before: State, after: State, account_id: int, asset_id: int) -> dict[str, tuple[int, int]]:
    """Return (before, after) of what an account has available and held."""
    old, new = (read_balance(state, account_id, asset_id) for state in (before, after))
    return {"available": (old[0], new[0]), "held": (old[1], new[1])}


def read_balance(state: State, account_id: int, asset_id: int) -> tuple[int, int]:
    """Return (available, held) without opening a balance that is not there."""
    balance = state.ledger.balances.get(account_id << 32 | asset_id)
    return (balance.available.minor, balance.held.minor) if balance else (0, 0)


def estate_changes(before: State, after: State, asset_id: int) -> list[StateChange]:
    """Return the asset's own ledger accounts: custody by location, and what belongs to no client."""
    found = []
    for estate in Estate:
        for location in CustodyLocation:
            pair = [read_custody(state, estate, location, asset_id) for state in (before, after)]
            found.append(StateChange(f"{estate.name} estate", asset_id, f"in {location.name}", *pair))
    for kind, (estate_name, words) in OWN_KINDS.items():
        pair = [read_total(state, kind, asset_id) for state in (before, after)]
        found.append(StateChange(f"{estate_name} estate", asset_id, words, *pair))
    return found


OWN_KINDS = {
    Kind.shortfall: ("client", "shortfall"),
    Kind.unattributed: ("client", "unattributed"),
    Kind.fees_earned: ("client", "fees earned"),
    Kind.network_float: ("client", "network float"),
    Kind.house_equity: ("house", "equity"),
}


def read_custody(state: State, estate: Estate, location: CustodyLocation, asset_id: int) -> int:
    """Return what a custody location holds."""
    if asset_id > len(state.ledger.assets):
        return 0
    return state.ledger.custody(estate, location, asset_id).minor


def read_total(state: State, kind: Kind, asset_id: int) -> int:
    """Return the total of a kind of ledger account."""
    return state.ledger.asset(asset_id).totals[kind] if asset_id <= len(state.ledger.assets) else 0
