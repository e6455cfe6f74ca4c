"""Short words for tests of limits: set a limit, a rate, a status, a time zone; read what was used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tarazy.domain.records import (
    AdmitAsset,
    AssetKind,
    ClientClass,
    CommandRejected,
    DepositCredited,
    LimitKind,
    LimitPeriod,
    LimitScope,
    ParameterTable,
    RegisterAsset,
    RemoveLimit,
    RequestWithdrawal,
    Residency,
    SetClientStatus,
    SetLimit,
    SetParameter,
    SetRate,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import Floor, Result

DEPOSITS, PURCHASES, WITHDRAWALS, ORDER_QUANTITY, ORDER_VALUE = LimitKind
EVERYBODY, OWNER, ACCOUNT = LimitScope
DAY, MONTH, EACH = LimitPeriod
RESIDENT, ABROAD = Residency
# USD 1,000 in cents: AIFC Cooperation Rules 3.1.1, rows R38 and R39 of the rule digest (read as excerpts).
CAP = 100_000


def at(floor: Floor, moment: str, plus_ns: int = 0) -> None:
    """Set the floor's time to a moment of UTC, `2026-11-10T12:00:00`."""
    seconds = int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())
    floor.now = seconds * 1_000_000_000 + plus_ns


def terms(kind: int, scope: int, period: int, subject: int, asset: int, resident: int, client_class: int) -> Any:
    """Return the terms of a limit by their wire names."""
    return {
        "limit_kind": kind,
        "limit_scope": scope,
        "limit_period": period,
        "limit_subject": subject,
        "limit_asset_id": asset,
        "limit_residency": resident,
        "limit_class": client_class,
    }


def limit(
    floor: Floor,
    most: int,
    kind: int = DEPOSITS,
    scope: int = EVERYBODY,
    period: int = MONTH,
    subject: int = 0,
    asset: int = 0,
    resident: int = 0,
    client_class: int = 0,
    **fields: Any,
) -> Result:
    """Set a limit."""
    named = terms(kind, scope, period, subject, asset, resident, client_class)
    return floor.act(SetLimit(amount_max_minor=most, rulebook_hash=floor.new_hash(), **named, **fields))


def unlimit(floor: Floor, kind: int, scope: int = EVERYBODY, period: int = MONTH, subject: int = 0) -> Result:
    """Remove a limit in the reference currency."""
    return floor.act(RemoveLimit(rulebook_hash=floor.new_hash(), **terms(kind, scope, period, subject, 0, 0, 0)))


def cap(floor: Floor, kind: int = DEPOSITS) -> None:
    """Set the monthly cap of resident retail clients, which a passed test lifts."""
    limit(floor, CAP, kind, resident=RESIDENT, client_class=ClientClass.retail, exemptible=1)


def rate(floor: Floor, asset: int, value: int = 1, of: int = 1) -> None:
    """State that `of` minor units of an asset are worth `value` of the reference currency."""
    floor.act(SetRate(asset_id=asset, rate_value_minor=value, rate_amount_minor=of, evidence_hash=floor.new_hash()))


def status(
    floor: Floor, owner: int, residency: int = RESIDENT, client_class: int = ClientClass.retail, exempt: int = 0
) -> Result:
    """State an owner's class, residency and exemption."""
    return floor.act(SetClientStatus(client_class, residency, exempt, 0, owner, floor.new_hash()))


def zone(floor: Floor, hours: int) -> None:
    """State the time zone of the periods: hours east of UTC."""
    table = ParameterTable.time_zone_offset_minutes
    floor.act(SetParameter(table, parameter_value=1440 + hours * 60, rulebook_hash=floor.new_hash()))


def admitted(floor: Floor, account: int, asset: int, amount: int) -> int:
    """Deposit an amount and return what was credited of it."""
    return sum(event.amount_minor for event in floor.deposit(account, asset, amount).of(DepositCredited))


def withdraw(floor: Floor, account: int, asset: int, amount: int) -> Result:
    """Ask for a withdrawal."""
    command = RequestWithdrawal(account_id=account, asset_id=asset, amount_minor=amount)
    return floor.do(command._replace(destination_hash=floor.new_hash()))


def used(floor: Floor, kind: int) -> list[int]:
    """Return the counters of a kind, in the order of their keys."""
    counters = floor.state.counters
    return [counters[key] for key in sorted(counters) if key[2] == kind]


def is_refused(result: Result, code: RejectCode, expected: int, found: int) -> bool:
    """Return whether a command was refused so."""
    refusal = result.one(CommandRejected)
    return (refusal.reject_code, refusal.expected, refusal.found) == (code, expected, found)


def fiat(floor: Floor, code: str) -> int:
    """Register and admit a fiat currency, and return its number."""
    number = len(floor.state.assets) + 1
    command = RegisterAsset(AssetKind.fiat, 2, asset_code=code.encode().ljust(16, b"\0"))
    floor.act(numbered(command, "asset_id", number))
    floor.act(AdmitAsset(asset_id=number, decision_hash=floor.new_hash()))
    return number


def numbered(command: Any, field: str, number: int) -> Any:
    """Return a command with its number, where commands carry one."""
    return command._replace(**{field: number}) if field in command._fields else command
