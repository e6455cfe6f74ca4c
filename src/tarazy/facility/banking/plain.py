"""Statements for programs: decimal text for people's tools, minor units for exact ones, both always."""

from __future__ import annotations

from typing import Any

from tarazy.facility.banking.amounts import decimal_text, scale_of
from tarazy.facility.banking.statements import (
    NOBODY,
    BankBalance,
    BankEntry,
    EntryCharge,
    EntryDetail,
    StatementEnd,
    StatementFault,
    StatementHead,
    entry_identity,
)

PARTIES = ("payer", "payee", "actual_payer", "actual_payee")


def money(name: str, amount_minor: int, currency: str) -> dict[str, Any]:
    """Return an amount under a name: decimal text, and minor units beside it."""
    return {name: decimal_text(amount_minor, scale_of(currency)), f"{name}_minor": amount_minor}


def balance_plain(balance: BankBalance) -> dict[str, Any]:
    """Return a balance."""
    return {
        "code": balance.code,
        **money("amount", balance.amount_minor, balance.currency),
        "currency": balance.currency,
        "day": balance.day and balance.day.isoformat(),
        "interim": balance.is_interim,
    }


def charge_plain(charge: EntryCharge) -> dict[str, Any]:
    """Return a charge."""
    amounts = money("amount", charge.amount_minor, charge.currency)
    return {**amounts, "currency": charge.currency, "included": charge.is_included}


def detail_plain(detail: EntryDetail) -> dict[str, Any]:
    """Return a transaction of an entry, without what its message does not say."""
    values = detail._asdict()
    amount_minor, charges = values.pop("amount_minor"), values.pop("charges")
    parties = {name: values.pop(name) for name in PARTIES}
    found = {key: value for key, value in values.items() if value}
    if amount_minor is not None:
        found |= money("amount", amount_minor, detail.currency)
    if charges:
        found["charges"] = [charge_plain(each) for each in charges]
    for name, party in parties.items():
        if party != NOBODY:
            found[name] = {key: value for key, value in party._asdict().items() if value}
    return found


def entry_plain(head: StatementHead, entry: BankEntry) -> dict[str, Any]:
    """Return an entry with what makes it itself."""
    return {
        "statement": head.number,
        "position": entry.position,
        "line": entry.line,
        "identity": "/".join(map(str, entry_identity(head, entry))),
        **money("amount", entry.amount_minor, entry.currency),
        "currency": entry.currency,
        "status": entry.status,
        "reversal": entry.is_reversal,
        "booked_on": entry.booked_on and entry.booked_on.isoformat(),
        "value_on": entry.value_on and entry.value_on.isoformat(),
        "reference": entry.reference,
        "servicer_reference": entry.servicer_reference,
        "transaction_code": entry.transaction_code,
        "information": entry.information,
        "details": [detail_plain(each) for each in entry.details],
        "charges": [charge_plain(each) for each in entry.charges],
    }


def head_plain(head: StatementHead) -> dict[str, Any]:
    """Return what stands before the entries."""
    values = head._asdict()
    del values["form"], values["balances"]
    return {"statement": values.pop("number"), "format": values.pop("version"), **values}


def end_plain(end: StatementEnd) -> dict[str, Any]:
    """Return what is known at the end: balances, whether they tie, faults and notices."""
    opening, closing = end.opening, end.closing
    currency = opening.currency if opening else closing.currency if closing else end.head.currency
    return {
        **edge_plain("opening", opening),
        **edge_plain("closing", closing),
        **(money("sum", end.sum_minor, currency) if currency else {"sum": None, "sum_minor": end.sum_minor}),
        "entry_count": end.entry_count,
        "balanced": end.is_balanced,
        "balances": [balance_plain(each) for each in end.balances],
        "errors": [fault_plain(each) for each in end.faults],
        "notices": [fault_plain(each) for each in end.notices],
    }


def edge_plain(name: str, balance: BankBalance | None) -> dict[str, Any]:
    """Return an opening or closing balance, None where there is none."""
    if balance is None:
        return {name: None, f"{name}_minor": None, f"{name}_day": None}
    day = balance.day and balance.day.isoformat()
    return {**money(name, balance.amount_minor, balance.currency), f"{name}_day": day}


def fault_plain(fault: StatementFault) -> dict[str, Any]:
    """Return a fault with its sentence."""
    return {**fault._asdict(), "text": fault.text()}
