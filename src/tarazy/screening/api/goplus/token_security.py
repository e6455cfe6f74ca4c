"""GET /api/v1/token_security/{chain_id}: one report as the 45 keys. What is unknown has no key.

A tax is sent only where it was measured on the token's own state: synthetic storage says nothing of it. A sale that
fails is a tax of 1 only where the capability says so.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tarazy.chains.evm.facts import HolderShare, Ownership, PoolFacts, TokenFacts
from tarazy.screening.api.goplus.fields import B20_POWERS, FLAG_OF_CAPABILITY, WITHOUT_FLAG
from tarazy.screening.api.goplus.values import FLAGS, amount, boolean_flag, flag, fraction, is_listed, known, share
from tarazy.screening.identity.impersonation import compare
from tarazy.screening.model import Answer, Capability, Report, answer_of

HOLDERS_MAX = 10
POOLS_MAX = 20
TEXT_CHARS_MAX = 2_000
ALL = "1"
SHARE_DECIMALS = 18  # of the shares of constant-product pools


def token_security(report: Report, honeypots_of_creator: int | None = None) -> dict[str, Any]:
    """Return the result of one token.

    `honeypots_of_creator` is how many other tokens of the same creator were found to be honeypots; None: unknown.
    """
    ownership = report.ownership or Ownership()
    pairs: dict[str, Any] = {"is_open_source": boolean_flag(report.is_open_source)}
    pairs |= {key: flag(report, capability) for capability, key in FLAG_OF_CAPABILITY.items()}
    pairs |= owners(ownership, report.token)
    pairs |= taxes(report)
    pairs |= pools(ownership.pools)
    pairs |= {
        "honeypot_with_same_creator": None if honeypots_of_creator is None else str(honeypots_of_creator),
        "token_name": report.token.name,
        "token_symbol": report.token.symbol,
        "total_supply": amount(report.token.total_supply, report.token.decimals),
        "holder_count": None if ownership.holder_count is None else str(ownership.holder_count),
        "holders": [holder(each, report.token.decimals) for each in ownership.holders[:HOLDERS_MAX]] or None,
        "other_potential_risks": other_risks(report),
        "note": note(report),
        "b20_token": b20(report),
    }
    return known(pairs | identity(report))


def owners(ownership: Ownership, token: TokenFacts) -> dict[str, Any]:
    """Return owner and creator with what they hold; a contract without an owner has an empty address and no balance."""
    pairs: dict[str, Any] = {}
    for who, address, balance in (
        ("owner", ownership.owner_address, ownership.owner_balance),
        ("creator", ownership.creator_address, ownership.creator_balance),
    ):
        pairs[f"{who}_address"] = address
        if address:
            pairs[f"{who}_balance"] = amount(balance, token.decimals)
            pairs[f"{who}_percent"] = share(balance, token.total_supply)
    return pairs


def taxes(report: Report) -> dict[str, Any]:
    """Return what a purchase and a sale lose."""
    honeypot, cannot_buy = answer_of(report, "honeypot"), answer_of(report, "cannot_buy")
    return {
        "buy_tax": ALL if cannot_buy is Answer.YES else fraction(measured_tax(report, "buy")),
        "sell_tax": ALL if honeypot is Answer.YES else fraction(measured_tax(report, "sell")),
    }


def measured_tax(report: Report, scenario: str) -> int | None:
    """Return the largest tax measured in a scenario over all pools, in parts per million."""
    simulation = report.simulation
    if simulation is None or simulation.state == "synthetic":
        return None
    found = [
        trade.tax_ppm
        for trade in simulation.trades
        if trade.scenario == scenario and trade.succeeded and trade.tax_ppm is not None
    ]
    return max(found, default=None)


def pools(found: tuple[PoolFacts, ...] | None) -> dict[str, Any]:
    """Return the pools, and the shares of the largest; liquidity in money is not stated, since no price is known."""
    if found is None:
        return {}
    pairs: dict[str, Any] = {
        "is_in_dex": str(int(bool(found))),
        "dex": [{"name": pool.name, "pair": pool.address} for pool in found[:POOLS_MAX]],
    }
    if found:
        largest = max(found, key=lambda pool: pool.liquidity_minor)
        decimals = 0 if "V3" in largest.name else SHARE_DECIMALS  # positions are counted in units of liquidity
        pairs["lp_total_supply"] = amount(largest.lp_total_supply, decimals)
        pairs["lp_holders"] = [holder(each, decimals) for each in largest.lp_holders[:HOLDERS_MAX]] or None
    return pairs


def holder(found: HolderShare, decimals: int | None) -> dict[str, Any]:
    """Return one holder; a lock as its amount and its two times."""
    pairs: dict[str, Any] = {
        "address": found.address,
        "balance": amount(found.balance, decimals),
        "percent": fraction(found.percent_ppm),
        "tag": found.tag,
        "is_contract": None if found.is_contract is None else int(found.is_contract),
        "is_locked": None if found.is_locked is None else int(found.is_locked),
    }
    if found.locks:
        pairs["locked_detail"] = [
            known({"amount": amount(minor, decimals), "opt_time": when(start_s), "end_time": when(end_s)})
            for minor, start_s, end_s in found.locks
        ]
    return known(pairs)


def when(seconds: int) -> str:
    """Return a time of a chain as ISO text; one beyond the calendar stays a number."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return str(seconds)


def identity(report: Report) -> dict[str, Any]:
    """Return what is known of who the token is; silence where nothing is."""
    if is_listed(report):
        return {"is_true_token": "1", "trust_list": "1"}
    if answer_of(report, "impersonation") is not Answer.YES:
        return {}
    true_address = compare(report.token, report.chain_id, report.address).true_address
    return {"is_true_token": "0", "fake_token": known({"value": 1, "true_token_address": true_address})}


def other_risks(report: Report) -> str | None:
    """Return powers that have no key of their own, each with its reason."""
    lines = [
        f"{found.name}: {found.reason}"
        for name in WITHOUT_FLAG
        if (found := report.capabilities.get(name)) is not None and found.answer is Answer.YES
    ]
    return " ".join(lines)[:TEXT_CHARS_MAX] or None


def note(report: Report) -> str | None:
    """Return the verdict under its criteria, block and state that were looked at, and the notes."""
    lines: list[str] = []
    if report.verdict is not None:
        verdict = report.verdict
        lines.append(f"Verdict {verdict.word} under {verdict.criteria} of {verdict.criteria_date}.")
    if report.block_number is not None:
        lines.append(f"State of block {report.block_number}.")
    if answer_of(report, "launch_gate") is Answer.YES:
        lines.append("Trading is not open yet.")
    if report.simulation is not None and report.simulation.ran:
        lines.append(f"Simulated by {report.simulation.engine} on {report.simulation.state} state.")
    lines += report.notes
    return " ".join(lines)[:TEXT_CHARS_MAX] or None


def b20(report: Report) -> dict[str, Any] | None:
    """Return the powers with who holds them, as far as the state was read; is_b20_token is not determined."""
    info = {key: power(found) for key, name in B20_POWERS.items() if (found := report.capabilities.get(name))}
    told = known(info)
    return {"b20_info": told} if told else None


def power(found: Capability) -> dict[str, Any] | None:
    """Return status and holders of one power; None where it is unknown."""
    status = FLAGS.get(found.answer)
    if status is None:
        return None
    return {"status": status, "admin": sorted({holder.address for holder in found.holders if holder.address})}
