"""The insolvency file: who is owed what at a command, what holds it, and which keys, one JSON object a line.

Whoever has the journal makes the same bytes: everything in it follows from the replayed state, no clock, name or
engine is in it, and lines and fields stand in a fixed order. Owners are numbers; the facility's client register says
who they are. Amounts are decimal digits in minor units. Lines, in this order:
    point        facility, command, time, digest of the state, root of the liabilities
    asset        what is owed to clients, what lies against it, and the rehearsal
    custody      what lies at one location of one estate, and which keys move it (see `Keyring`)
    claim        what an account owns of an asset: available, held, and held for withdrawals
    receipt      what waits unattributed, and why
    withdrawal   what is on its way out: asked for, approved or dispatched
    end          how many lines there are, so that a cut file is seen
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from tarazy.domain.records import (
    AccountRole,
    AccountState,
    ClientClass,
    CustodyLocation,
    Estate,
    ReceiptReason,
    WithdrawalKind,
)
from tarazy.oversight.solvency.rehearsal import AssetRehearsal, rehearse
from tarazy.spec.state import State

FILE_FORMAT = "tarazy insolvency file 1"
STATES = {1: "requested", 2: "approved", 3: "dispatched"}


class Keyring(Protocol):
    """Which keys move what lies at a location. The register of keys of a facility's custody is one."""

    def keys_of(self, asset_id: int, estate: int, location: int) -> list[dict[str, Any]]:
        """Return the wallets or accounts there, with their keys, holders and quorum, in a fixed order."""
        ...


class InsolvencyPoint(NamedTuple):
    """The point that a file is about."""

    facility_id: bytes
    edition: int
    seq: int
    state_digest: bytes
    liabilities_root: bytes
    state: State


def insolvency_lines(point: InsolvencyPoint, keyring: Keyring | None = None) -> Iterator[bytes]:
    """Iterate over the lines of the file."""
    count = 0
    for values in _objects(point, keyring):
        count += 1
        yield _line(values)
    yield _line({"line": "end", "lines": count + 1})


def _line(values: Mapping[str, Any]) -> bytes:
    return (json.dumps(values, ensure_ascii=True, separators=(",", ":")) + "\n").encode("ascii")


def _objects(point: InsolvencyPoint, keyring: Keyring | None) -> Iterator[dict[str, Any]]:
    """Iterate over the lines but for the last as plain values."""
    state = point.state
    yield {
        "line": "point",
        "format": FILE_FORMAT,
        "facility_id": point.facility_id.hex(),
        "edition": point.edition,
        "seq": point.seq,
        "ts_ns": str(state.last_ts_ns),
        "state_digest": point.state_digest.hex(),
        "liabilities_root": point.liabilities_root.hex(),
    }
    for rehearsed in rehearse(state):
        yield _asset(state, rehearsed)
    for asset in state.assets:
        yield from _custody(state, asset.asset_id, keyring)
    yield from _claims(state)
    for receipt in (state.receipts[number] for number in sorted(state.receipts)):
        yield {
            "line": "receipt",
            "receipt_id": receipt.receipt_id,
            "reason": ReceiptReason(receipt.reason).name,
            "account_id": receipt.account_id,
            "asset_id": receipt.asset_id,
            "amount_minor": str(receipt.amount_minor + receipt.returning_minor),
            "returning_minor": str(receipt.returning_minor),
            "evidence_hash": receipt.evidence_hash.hex(),
        }
    for withdrawal in (state.withdrawals[number] for number in sorted(state.withdrawals)):
        yield {
            "line": "withdrawal",
            "withdrawal_id": withdrawal.withdrawal_id,
            "kind": WithdrawalKind(withdrawal.kind).name,
            "state": STATES[withdrawal.withdrawal_state],
            "account_id": withdrawal.account_id,
            "receipt_id": withdrawal.receipt_id,
            "asset_id": withdrawal.asset_id,
            "amount_minor": str(withdrawal.amount_minor),
            "destination_hash": withdrawal.destination_hash.hex(),
            "location": CustodyLocation(withdrawal.location).name if withdrawal.location else "",
        }


def _asset(state: State, rehearsed: AssetRehearsal) -> dict[str, Any]:
    """Return the line of an asset."""
    asset, ledger = state.assets[rehearsed.asset_id - 1], state.ledger.asset(rehearsed.asset_id)
    return {
        "line": "asset",
        "asset_id": asset.asset_id,
        "asset_code": asset.asset_code.rstrip(b"\0").decode("ascii", "replace"),
        "scale": asset.scale,
        "owed_to_clients_minor": str(rehearsed.owed_minor),
        "fees_earned_minor": str(ledger.fees_earned.minor),
        "network_float_minor": str(ledger.network_float.minor),
        "shortfall_minor": str(ledger.shortfall.minor),
        "rehearsal": rehearsed.plain(),
    }


def _custody(state: State, asset_id: int, keyring: Keyring | None) -> Iterator[dict[str, Any]]:
    """Iterate over the locations where something of an asset lies; `keys` is null where no register was given."""
    for estate in Estate:
        for location in CustodyLocation:
            minor = state.ledger.custody(estate, location, asset_id).minor
            if minor:
                yield {
                    "line": "custody",
                    "asset_id": asset_id,
                    "estate": estate.name,
                    "location": location.name,
                    "amount_minor": str(minor),
                    "keys": keyring.keys_of(asset_id, estate, location) if keyring is not None else None,
                }


def _claims(state: State) -> Iterator[dict[str, Any]]:
    """Iterate over what accounts own, by account and asset."""
    leaving: dict[tuple[int, int], int] = {}
    for withdrawal in state.withdrawals.values():
        if not withdrawal.receipt_id:
            held = withdrawal.account_id, withdrawal.asset_id
            leaving[held] = leaving.get(held, 0) + withdrawal.amount_minor
    for key in sorted(state.ledger.balances):
        balance, account_id, asset_id = state.ledger.balances[key], key >> 32, key & 0xFFFFFFFF
        available, held_minor = balance.available.minor, balance.held.minor
        if not available + held_minor:
            continue
        account = state.accounts[account_id - 1]
        yield {
            "line": "claim",
            "account_id": account_id,
            "owner_id": account.owner_id,
            "role": AccountRole(account.account_role).name,
            "client_class": ClientClass(account.client_class).name,
            "state": AccountState(account.account_state).name,
            "asset_id": asset_id,
            "available_minor": str(available),
            "held_minor": str(held_minor),
            "held_for_withdrawals_minor": str(leaving.get((account_id, asset_id), 0)),
        }
