"""POST /api/v1/abi/input_decode: a call in words, with the risk of signing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tarazy.screening.api.goplus.approval import UNLIMITED
from tarazy.screening.api.goplus.values import known
from tarazy.screening.model import Answer, Report, answer_of, is_malicious
from tarazy.screening.service.decoding import DecodedCall

# Functions that hand control or spending power to an address, with the place of that address and of the amount.
GIVES_ALLOWANCE = {"approve": (0, 1), "increaseAllowance": (0, 1), "permit": (1, 2)}
GIVES_CONTROL = frozenset(
    {"transferOwnership", "changeAdmin", "upgradeTo", "upgradeToAndCall", "grantRole", "renounceOwnership"}
)


def input_decode(
    call: DecodedCall, contract: Report | None, accounts: Mapping[str, bool | None], reports: Mapping[str, Report]
) -> dict[str, Any]:
    """Return the result of one call.

    `accounts` says for each address among the arguments whether it is a contract; `reports` what is known of some.
    """
    risk = risk_in_words(call, contract, accounts, reports)
    return {
        "method": call.method,
        "contract_name": contract.token.name if contract is not None else None,
        "contract_description": None,
        "malicious_contract": int(is_malicious(contract)),
        "risky_signature": int(risk is not None),
        "risk": risk,
        "signature_detail": call.purpose or None,
        "params": [
            known(
                {
                    "name": name,
                    "type": kind,
                    "input": value,
                    "address_info": address_info(value, accounts, reports) if kind == "address" else None,
                }
            )
            for name, kind, value in zip(call.names, call.types, call.values, strict=True)
        ],
    }


def address_info(
    address: str, accounts: Mapping[str, bool | None], reports: Mapping[str, Report]
) -> dict[str, Any] | None:
    """Return what is known of an address among the arguments; None where it was not looked at."""
    is_contract, report = accounts.get(address), reports.get(address)
    if is_contract is None and report is None:
        return None
    is_token = report is not None and report.token.decimals is not None
    return {
        "is_contract": None if is_contract is None else int(is_contract),
        "malicious_address": int(is_malicious(report)),
        "standard": "erc20" if is_token else None,
        "name": report.token.name if report is not None else None,
        "symbol": report.token.symbol if report is not None else None,
        "contract_name": report.token.name if report is not None else None,
    }


def risk_in_words(
    call: DecodedCall, contract: Report | None, accounts: Mapping[str, bool | None], reports: Mapping[str, Report]
) -> str | None:
    """Return why signing is risky, None where no risk is seen, which proves nothing."""
    reasons: list[str] = []
    if is_malicious(contract):
        reasons.append("The contract is malicious under the criteria of this service.")
    if contract is not None and answer_of(contract, "honeypot") is Answer.YES:
        reasons.append("The token cannot be sold.")
    if call.method in GIVES_ALLOWANCE:
        reasons += allowance_risk(call, accounts, reports)
    if call.method == "setApprovalForAll" and call.values[1] is True:
        reasons.append(f"{call.values[0]} may then move every piece of this collection that you hold.")
    if call.method in GIVES_CONTROL:
        reasons.append("It changes who controls the contract or which code it runs.")
    if call.risk_within:
        reasons.append(call.risk_within)
    return " ".join(reasons) or None


def allowance_risk(call: DecodedCall, accounts: Mapping[str, bool | None], reports: Mapping[str, Report]) -> list[str]:
    """Return what is risky about who may spend, and how much."""
    at_spender, at_amount = GIVES_ALLOWANCE[call.method]
    if call.names[0] == "token":  # the shared approval contract names the token first
        at_spender, at_amount = at_spender + 1, at_amount + 1
    spender, given = call.values[at_spender], call.values[at_amount]
    if given in ("0", False):
        return []
    reasons = []
    if is_unlimited(call.types[at_amount], given):
        reasons.append(f"{spender} may then spend without a limit.")
    if accounts.get(spender) is False:
        reasons.append("The spender is an account without code, not a contract.")
    if is_malicious(reports.get(spender)):
        reasons.append("The spender is malicious under the criteria of this service.")
    return reasons


def is_unlimited(kind: str, given: Any) -> bool:
    """Say whether an amount is meant as no limit: half of what its type can hold, or more."""
    if not isinstance(given, str) or not given.isdecimal():
        return False
    bits = int(kind.removeprefix("uint") or 256) if kind.startswith("uint") else 256
    return int(given) >= min(UNLIMITED, 1 << (bits - 1))
