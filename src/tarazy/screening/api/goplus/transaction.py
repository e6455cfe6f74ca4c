"""POST /api/v1/transaction_simulation: what a transaction would change and what is risky about it.

Amounts are minor units (wei for the native coin) as decimal text; a change that goes out begins with a minus. The
format has no place for tokens of ERC-1155 and for approvals of collections: those are told by `flagged`, and in full by
the native API. `suspicious_url` is null: sites are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tarazy.screening.simulation.transaction import TransactionOutcome


def transaction_simulation(outcome: TransactionOutcome) -> dict[str, Any]:
    """Return the result, as far as the transaction alone tells it."""
    return {
        "is_simulated": True,
        "simulate_failed_reason": None,
        "is_revert": not outcome.succeeded,
        "revert_reason": outcome.reason or None,
        "used_gas": outcome.gas_used,
        "native_balance_changes": native_changes(outcome),
        "erc20_balance_changes": grouped(outcome, "erc20", "erc20_change"),
        "erc721_balance_changes": grouped(outcome, "erc721", "erc721_change"),
        "erc20_allowance_changes": allowance_changes(outcome),
        "logs": [{"address": each.address, "topics": list(each.topics), "data": each.data} for each in outcome.events],
        "flagged": [{"type": risk.code, "message": risk.text} for risk in outcome.risks],
        "suspicious_addresses": [],
        "suspicious_url": None,
    }


def with_suspicious(result: Mapping[str, Any], suspicious: Mapping[str, str]) -> dict[str, Any]:
    """Return the result with what is known of those who take part; `suspicious` maps addresses to why they are."""
    told = [{"type": "known_malicious", "message": f"{who}: {why}"} for who, why in suspicious.items()]
    named = [{"address": who, "storage_keys": []} for who in suspicious]
    return {**result, "flagged": [*result["flagged"], *told], "suspicious_addresses": named}


def not_simulated(reason: str) -> dict[str, Any]:
    """Return the result of a transaction that could not be played."""
    return {"is_simulated": False, "simulate_failed_reason": reason}


def native_changes(outcome: TransactionOutcome) -> list[dict[str, Any]]:
    """Return changes of the native coin, without the fee."""
    return [
        {
            "address": each.account,
            "native_change": {"before": str(each.before), "after": str(each.after), "change": str(each.change)},
        }
        for each in outcome.balances
        if each.standard == "native"
    ]


def grouped(outcome: TransactionOutcome, standard: str, key: str) -> list[dict[str, Any]]:
    """Return changes of one standard by account."""
    accounts: dict[str, list[dict[str, Any]]] = {}
    for each in outcome.balances:
        if each.standard != standard:
            continue
        told: dict[str, Any] = {"token_address": each.asset}
        if standard == "erc721":
            told |= {"token_id": str(each.token_id), "received": each.change > 0}
        else:
            told["change"] = str(each.change)
        accounts.setdefault(each.account, []).append(told)
    return [{"address": account, key: changes} for account, changes in accounts.items()]


def allowance_changes(outcome: TransactionOutcome) -> list[dict[str, Any]]:
    """Return allowances of fungible tokens as they are afterwards."""
    return [
        {
            "contract_address": each.asset,
            "owner": each.owner,
            "spender": each.spender,
            "amount": str(each.after),
        }
        for each in outcome.allowances
        if each.standard == "erc20"
    ]
