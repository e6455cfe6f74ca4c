"""Approvals: /api/v1/approval_security (one spender) and /api/v2/..._approval_security (a wallet's open approvals).

Numbers 1 and 0 here, null for unknown. `doubt_list` and `trust_list` are 0 where nothing was found, which proves
nothing: so the format has it. Times and first transactions of an approval are sent as found in the logs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tarazy.screening.api.goplus.values import NUMBERS, amount, is_listed
from tarazy.screening.model import Answer, Report, answer_of, is_malicious
from tarazy.screening.service.approvals import ApprovedToken, OpenApproval

# Powers of a spender over what others approved, told under malicious_behavior where a screening found them.
BEHAVIOURS: tuple[str, ...] = ("approval_abuse", "leak", "honeypot", "impersonation", "gas_abuse")
UNLIMITED = 1 << 255


@dataclass(frozen=True, slots=True)
class Spender:
    """What is known of the account that may spend."""

    address: str
    is_contract: bool | None
    report: Report | None = None
    listed: Mapping[str, bool] = field(default_factory=dict)


def approval_security(spender: Spender) -> dict[str, Any]:
    """Return the result of approval_security v1."""
    report = spender.report
    proxy = answer_of(report, "proxy") if report is not None else Answer.UNKNOWN
    info = address_info(spender)
    info["is_proxy"] = NUMBERS[proxy] if proxy is not Answer.UNKNOWN else None
    return info


def address_info(spender: Spender) -> dict[str, Any]:
    """Return what is said of a spender; for an account without code the keys of a contract are null."""
    report = spender.report
    behaviour = malicious_behaviour(report, spender.listed)
    source = report.is_open_source if report is not None else None
    return {
        "is_contract": None if spender.is_contract is None else int(spender.is_contract),
        "contract_name": report.token.name if report is not None else None,
        "creator_address": creator(report),
        "deployed_time": None,
        "is_open_source": None if source is None else int(source),
        "doubt_list": int(bool(behaviour) or is_malicious(report)),
        "trust_list": int(report is not None and is_listed(report)),
        "malicious_behavior": behaviour,
        "tag": None,
    }


def malicious_behaviour(report: Report | None, listed: Mapping[str, bool]) -> list[str]:
    """Return the names of the lists that hold it and of the powers that were found."""
    found = [key for key, held in sorted(listed.items()) if held]
    if report is not None:
        found += [name for name in BEHAVIOURS if answer_of(report, name) is Answer.YES]
    return found


def creator(report: Report | None) -> str | None:
    """Return who deployed it, where known."""
    return (report.ownership.creator_address or None) if report is not None and report.ownership else None


def token_approvals(
    chain_id: int, tokens: Sequence[ApprovedToken], spenders: Mapping[str, Spender]
) -> list[dict[str, Any]]:
    """Return the result of token_approval_security v2."""
    return [
        {
            **approved_head(chain_id, token),
            "token_address": token.address,
            "token_name": token.name,
            "token_symbol": token.symbol,
            "decimals": token.decimals,
            "balance": amount(token.balance, token.decimals),
            "approved_list": [
                {**approval(each, spenders), "approved_amount": approved_amount(each.amount, token.decimals)}
                for each in token.approvals
            ],
        }
        for token in tokens
    ]


def nft_approvals(
    chain_id: int, tokens: Sequence[ApprovedToken], spenders: Mapping[str, Spender], standard: str
) -> list[dict[str, Any]]:
    """Return the result of nft721_ or nft1155_approval_security v2."""
    return [
        {
            **approved_head(chain_id, token),
            "nft_address": token.address,
            "nft_name": token.name,
            "nft_symbol": token.symbol,
            "is_verified": None,
            "approved_list": [nft_approval(each, spenders, standard) for each in token.approvals],
        }
        for token in tokens
    ]


def nft_approval(each: OpenApproval, spenders: Mapping[str, Spender], standard: str) -> dict[str, Any]:
    """Return one approval of a collection; in ERC-721 of one piece or of all."""
    told = approval(each, spenders)
    if standard == "721":
        told["approved_for_all"] = int(each.token_id is None)
        told["approved_token_id"] = None if each.token_id is None else str(each.token_id)
    return told


def approved_head(chain_id: int, token: ApprovedToken) -> dict[str, Any]:
    """Return what tokens and collections have in common."""
    behaviour = malicious_behaviour(token.report, {})
    source = token.report.is_open_source if token.report is not None else None
    return {
        "chain_id": str(chain_id),
        "is_open_source": None if source is None else int(source),
        "malicious_address": int(bool(behaviour) or is_malicious(token.report)),
        "malicious_behavior": behaviour,
    }


def approval(each: OpenApproval, spenders: Mapping[str, Spender]) -> dict[str, Any]:
    """Return one approval with what is known of its spender."""
    return {
        "approved_contract": each.spender,
        "approved_time": each.last_time_s,
        "initial_approval_time": each.first_time_s,
        "hash": each.last_transaction or None,
        "initial_approval_hash": each.first_transaction or None,
        "address_info": address_info(spenders.get(each.spender) or Spender(each.spender, None)),
    }


def approved_amount(minor: int | None, decimals: int | None) -> str | None:
    """Return an allowance in whole tokens; half of all numbers and more is `Unlimited`, as wallets show it."""
    if minor is not None and minor >= UNLIMITED:
        return "Unlimited"
    return amount(minor, decimals)
