"""Facts that are read from the venue's state at the end of a replay: positions, balances, custody, markets, limits."""

from __future__ import annotations

from typing import Any

from tarazy.domain.arithmetic import PPM, div_floor
from tarazy.domain.records import (
    COMMANDS,
    AssetKind,
    ClientClass,
    CustodyLocation,
    Estate,
    LimitKind,
    LimitPeriod,
    LimitScope,
    RemoveLimit,
    Residency,
    SetLimit,
)
from tarazy.spec.ledger import Kind
from tarazy.spec.state import Asset, State
from tarazy.spec.state_parts import Rate

Rows = list[dict[str, Any]]
OWED = (Kind.available, Kind.held, Kind.unattributed)


def code_of(asset: Asset) -> str:
    """Return an asset's code as text."""
    return asset.asset_code.rstrip(b"\0").decode("ascii", "backslashreplace")


def positions(state: State) -> Rows:
    """Return per asset what the client pool holds and what is owed to clients, minor units."""
    found = []
    for asset in state.assets:
        totals = state.ledger.asset(asset.asset_id).totals
        owed = sum(totals[kind] for kind in OWED)
        row = {"id": code_of(asset), "client_custody_minor": totals[Kind.client_custody], "owed_to_clients_minor": owed}
        found.append(row)
    return found


def cold_shares(state: State) -> Rows:
    """Return per digital asset that clients hold the share of the pool in cold wallets, parts per million."""
    found = []
    for asset in state.assets:
        held = state.ledger.asset(asset.asset_id).totals[Kind.client_custody]
        if asset.asset_kind == AssetKind.digital and held:
            cold = state.ledger.custody(Estate.client, CustodyLocation.cold, asset.asset_id).minor
            found.append({"id": code_of(asset), "cold_ppm": div_floor(cold * PPM, held)})
    return found


def digital_codes(state: State) -> dict[int, str]:
    """Return the codes of digital assets by their numbers."""
    return {asset.asset_id: code_of(asset) for asset in state.assets if asset.asset_kind == AssetKind.digital}


def officer_keys(state: State) -> dict[int, str]:
    """Return the officers' public keys in hexadecimal digits, by their numbers."""
    return {officer.officer_id: officer.public_key.hex() for officer in state.authority.officers}


def negative_balances(state: State) -> int:
    """Return how many balances of accounts are below zero."""
    balances = state.ledger.balances.values()
    return sum(balance.available.minor < 0 or balance.held.minor < 0 for balance in balances)


def broken_sums(state: State) -> int:
    """Return how many assets do not close: pool and shortfall against all claims, house custody against its equity."""
    broken = 0
    for asset in state.assets:
        totals = state.ledger.asset(asset.asset_id).totals
        claims = sum(totals[kind] for kind in (*OWED, Kind.fees_earned, Kind.network_float))
        closes = totals[Kind.client_custody] + totals[Kind.shortfall] == claims
        broken += not (closes and totals[Kind.house_custody] == totals[Kind.house_equity])
    return broken


def markets(state: State) -> Rows:
    """Return the controls of every market."""
    return [
        {
            "id": str(market.market_id),
            "collar_ppm": market.collar_ppm,
            "corridor_ppm": market.corridor_ppm,
            "quantity_max_lots": market.quantity_max_lots,
        }
        for market in state.markets
    ]


def limits(state: State, until_ns: int | None = None) -> Rows:
    """Return the rows of the limit table, in words, with those scheduled ones that bind by a moment.

    The engine lets a scheduled row bind before the first command at or after its time; until that command comes, the
    table does not show it yet.
    """
    amounts = {
        (kind, scope, subject, *row): limit.amount_max_minor
        for (kind, scope, subject), rows in state.limits.items()
        for row, limit in rows.items()
    }
    pending = [COMMANDS[int.from_bytes(packed[:2], "little")].unpack(packed) for packed in state.pending.values()]
    scheduled = [each for each in pending if isinstance(each, SetLimit | RemoveLimit)]
    for command in sorted(scheduled, key=lambda each: each.effective_ns):
        if until_ns is None or command.effective_ns > until_ns:
            break
        key = (command.limit_kind, command.limit_scope, command.limit_subject, command.limit_period,
               command.limit_asset_id, command.limit_class, command.limit_residency)  # fmt: skip
        if isinstance(command, SetLimit):
            amounts[key] = command.amount_max_minor
        else:
            amounts.pop(key, None)
    return [_limit_row(*key, amount) for key, amount in sorted(amounts.items())]


def _limit_row(
    kind: int, scope: int, subject: int, period: int, asset: int, client_class: int, residency: int, amount_minor: int
) -> dict[str, Any]:
    """Return one row of the limit table in words; `subject` and `asset` bound it to one of them."""
    return {
        "kind": LimitKind(kind).name,
        "scope": LimitScope(scope).name,
        "period": LimitPeriod(period).name,
        "client_class": ClientClass(client_class).name if client_class else "any",
        "residency": Residency(residency).name if residency else "any",
        "amount_minor": amount_minor,
    }


def reference_asset(state: State) -> Asset | None:
    """Return the currency of the record that is the reference itself, None where none or several may be.

    It has the rate 1 for 1, in minor units of both.
    """
    own = [
        asset
        for asset in state.assets
        if asset.asset_kind == AssetKind.fiat
        and asset.asset_id in state.rates
        and _is_one(state.rates[asset.asset_id][0])
    ]
    return own[0] if len(own) == 1 else None


def _is_one(rate: Rate) -> bool:
    return rate.value_minor == rate.amount_minor > 0


def reconciliations(state: State, reports: dict[tuple[int, int], tuple[int, bool]], now_ns: int) -> Rows:
    """Return per holding of the client pool the age of its newest report, in whole days, and whether it agreed."""
    found = []
    for asset in state.assets:
        for location in CustodyLocation:
            held = state.ledger.custody(Estate.client, location, asset.asset_id).minor
            report = reports.get((asset.asset_id, location))
            if not held and report is None:
                continue
            row: dict[str, Any] = {"id": f"{code_of(asset)} in {location.name}"}
            if report is not None:
                row |= {"age_days": (now_ns - report[0]) // NS_PER_DAY, "matches": report[1]}
            found.append(row)
    return found


def balance_rows(state: State) -> list[tuple[int, ...]]:
    """Return (account, asset, available, held) of every balance that is not empty."""
    found: list[tuple[int, ...]] = []
    for key, balance in sorted(state.ledger.balances.items()):
        if balance.available.minor or balance.held.minor:
            found.append((key >> 32, key & 0xFFFFFFFF, balance.available.minor, balance.held.minor))
    return found


def custody_rows(state: State) -> list[tuple[int, ...]]:
    """Return (estate, location, asset, amount) of every custody account that is not empty."""
    places = [
        (estate, location, asset.asset_id)
        for estate in Estate
        for location in CustodyLocation
        for asset in state.assets
    ]
    found: list[tuple[int, ...]] = [(*place, state.ledger.custody(*place).minor) for place in places]
    return [row for row in found if row[-1]]


def client_money(state: State, amounts: dict[tuple[int, int], int]) -> Rows:
    """Return per currency what is owed to clients and what the bank reported last; without a report no balance."""
    found = []
    for asset in state.assets:
        if asset.asset_kind != AssetKind.fiat:
            continue
        totals = state.ledger.asset(asset.asset_id).totals
        row = {"id": code_of(asset), "ledger_minor": sum(totals[kind] for kind in OWED)}
        reported = amounts.get((asset.asset_id, CustodyLocation.bank))
        found.append(row if reported is None else row | {"bank_minor": reported})
    return found


NS_PER_DAY = 86_400 * 10**9
