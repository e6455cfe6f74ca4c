"""A wallet as plain data: what the API answers, what the page shows and what the command line prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tarazy.screening.holder.judging import (
    HIGH,
    NOT_SCREENED,
    UNDER_WAY,
    WORDS,
    JudgedApproval,
    ScreenedContract,
    judged,
)
from tarazy.screening.holder.model import CONTRACT, WalletReading
from tarazy.screening.holder.revocation import revocation_of, wallet_request
from tarazy.screening.model import Report, is_malicious, to_plain

Known = Mapping[str, ScreenedContract]


def contracts_of(reading: WalletReading) -> list[str]:
    """Return the contracts that a verdict is wanted on, those that may take something first."""
    spenders = [each.key.spender for each in reading.approvals if each.spender_is == CONTRACT]
    approved = [each.key.token for each in reading.approvals]
    return list(dict.fromkeys([*spenders, *approved, *(token.address for token in reading.tokens)]))


def screened(report: Report, lists: Iterable[str] = ()) -> ScreenedContract:
    """Return what a report says of a contract."""
    verdict = report.verdict
    word = verdict.word if verdict is not None else "unknown"
    text = verdict.next_step if verdict is not None else ""
    return ScreenedContract(word, report.id, text, tuple(lists))


def wallet_view(reading: WalletReading, known: Known) -> dict[str, Any]:
    """Return a wallet as plain data: tokens and approvals, the most dangerous first."""
    approvals = [approval_view(each, reading, known) for each in judged(reading, known)]
    tokens = [{**to_plain(each), "verdict": verdict_view(each.address, known)} for each in reading.tokens]
    tokens.sort(key=lambda each: (WORDS.index(each["verdict"]["word"]), not each["balance"]))
    open_ones = [each for each in contracts_of(reading) if word_of(each, known) in (NOT_SCREENED, UNDER_WAY)]
    return {
        "chain_id": reading.chain_id,
        "wallet": reading.wallet,
        "block_number": reading.block_number,
        "block_hash": reading.block_hash,
        "time_s": reading.time_s,
        "complete": not reading.reasons,
        "not_looked_at": list(reading.reasons),
        "without_verdict": len(open_ones),
        "under_way": len([each for each in open_ones if word_of(each, known) == UNDER_WAY]),
        "dangerous_approvals": len([each for each in approvals if each["level"] == HIGH]),
        "malicious_tokens": len([each for each in tokens if each["verdict"]["word"] == "malicious"]),
        "approvals": approvals,
        "tokens": tokens,
    }


def approval_view(each: JudgedApproval, reading: WalletReading, known: Known) -> dict[str, Any]:
    """Return one approval as plain data, with the transaction that ends it."""
    approval, key = each.approval, each.approval.key
    revocation = revocation_of(key)
    token = reading.token(key.token)
    return {
        **{name: value for name, value in to_plain(approval).items() if name != "key"},
        **to_plain(key),
        "token_id": None if key.token_id is None else str(key.token_id),
        "token_symbol": token.symbol,
        "token_decimals": token.decimals,
        "unlimited": approval.unlimited,
        "level": each.level,
        "permits": each.permits,
        "why": list(each.why),
        "spender_verdict": verdict_view(key.spender, known),
        "token_verdict": verdict_view(key.token, known),
        "revocation": {
            "words": revocation.words,
            "to": revocation.to,
            "data": "0x" + revocation.data.hex(),
            "request": wallet_request(reading.chain_id, reading.wallet, revocation.to, revocation.data),
        },
    }


def verdict_view(address: str, known: Known) -> dict[str, Any]:
    """Return what is known of a contract as plain data."""
    plain: dict[str, Any] = to_plain(known.get(address, ScreenedContract()))
    return plain


def word_of(address: str, known: Known) -> str:
    """Return the word of a contract's verdict, or why there is none."""
    return known.get(address, ScreenedContract()).word


def suspicious_in(known: Mapping[str, Report]) -> dict[str, str]:
    """Return the addresses whose report is malicious, with the reason."""
    return {
        address: "it is malicious under the criteria of this screening"
        for address, report in known.items()
        if is_malicious(report)
    }
