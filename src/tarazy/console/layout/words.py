"""What the pages say in words: names of powers and effects, amounts, shares, times."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

NARROW = "\u00a0"  # a space at which no line breaks, between a number and its unit
# Powers in the groups and the order in which pages show them: (title, what the group asks, capabilities).
GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Selling", "Can a holder be kept from selling?", ("honeypot", "cannot_buy", "cannot_sell_all", "limit", "pause",
        "blacklist", "whitelist", "cooldown", "size_cap", "size_cap_change", "launch_gate")),
    ("Fees", "What does a trade cost, and who can change that?", ("fee", "fee_change", "personal_fee", "gas_abuse")),
    ("Supply and balances", "Can supply or a balance be rewritten?", ("mint", "burn", "balance_change")),
    ("Funds of others", "Can what belongs to others be taken?", ("leak", "approval_abuse", "privileged_withdraw")),
    ("Control", "Who rules, and can the rules be replaced?", ("hidden_owner", "take_back_ownership", "proxy",
        "delegate_call", "selfdestruct", "external_call")),
    ("Identity", "Is it what it says it is?", ("impersonation", "known_code", "metadata_change")),
)  # fmt: skip

TITLES = {
    "honeypot": "Honeypot",
    "cannot_buy": "Cannot be bought",
    "cannot_sell_all": "Cannot sell the whole balance",
    "limit": "Selling can be limited",
    "pause": "Trading can be paused",
    "blacklist": "Blacklist",
    "whitelist": "Whitelist",
    "cooldown": "Waiting time between trades",
    "size_cap": "Cap on size",
    "size_cap_change": "Cap can be changed",
    "launch_gate": "Trading not yet opened",
    "fee": "Fee on trades",
    "fee_change": "Fee can be changed",
    "personal_fee": "Fee for one holder",
    "gas_abuse": "Burns the trader's gas",
    "mint": "New tokens can be made",
    "burn": "Tokens can be destroyed",
    "balance_change": "Balances can be rewritten",
    "leak": "Funds of others can be taken",
    "approval_abuse": "Approvals can be abused",
    "privileged_withdraw": "Privileged withdrawal",
    "hidden_owner": "Hidden owner",
    "take_back_ownership": "Ownership can be taken back",
    "proxy": "Code can be replaced (proxy)",
    "delegate_call": "Runs other code as itself",
    "selfdestruct": "Can destroy itself",
    "external_call": "Depends on other contracts",
    "impersonation": "Impersonates another token",
    "known_code": "Known code",
    "metadata_change": "Name or symbol can be changed",
}
HOLDERS = {
    "anyone": "anyone",
    "owner": "the owner",
    "hidden_owner": "a hidden owner",
    "role": "members of a role",
    "fixed_address": "an address in the code",
    "proxy_admin": "the proxy's admin",
    "contract": "another contract",
    "nobody": "nobody",
    "unknown": "not known",
}
EFFECTS = {
    "blocks_sell": "blocks selling",
    "blocks_transfer": "blocks transfers",
    "delays_sell": "delays selling",
    "drains_pool": "drains the pool",
    "gives_allowance": "may spend the holder's tokens",
    "makes_own": "makes himself new tokens",
    "mints": "makes new tokens",
    "raises_tax": "raises the tax",
    "regains_ownership": "regains ownership",
    "replaces_code": "replaces the code",
    "takes_balance": "takes the holder's balance",
    "takes_ownership": "takes ownership",
    "taxes_sell": "taxes the sale",
    "withdraws_ether": "withdraws ether",
    "withdraws_tokens": "withdraws tokens",
}
VERDICTS = {
    "clear": "No criterion fails and none is open.",
    "caution": "A criterion calls for caution.",
    "malicious": "A criterion that stands for malice fails.",
    "unknown": "A criterion could not be answered, and unknown is never safe.",
}
OUTCOMES = {"fail": "fails", "unknown": "open", "noted": "noted", "pass": "passes"}
STATES = {
    "synthetic": "Synthetic state: storage was made up from the code's layout. A refusal here means unknown.",
    "deployed": "Deployed from its creation code: the constructor ran, nobody has used it since.",
    "forked": "Forked state: the balances and settings are those of the chain at this block.",
}
INPUTS = {
    "runtime": "runtime bytecode",
    "creation": "creation bytecode",
    "chain": "an address on chain",
    "source": "verified source",
}
SCENARIOS = {
    "launch_gate": "Opening of trading",
    "buy": "Buy",
    "buy_opened": "Buy, once opened",
    "buy_again": "Buy a second time",
    "buy_large": "Buy ten times as much",
    "transfer": "Transfer",
    "sell": "Sell half",
    "sell_opened": "Sell half, once opened",
    "sell_again": "Sell a second time",
    "sell_again_after_week": "Sell a second time, a week later",
    "sell_all": "Sell the whole balance",
    "sell_small": "Sell a thousandth",
    "sell_large": "Sell a large amount",
    "sell_fresh": "Sell from a fresh address",
    "sell_after_hour": "Sell an hour later",
    "sell_after_day": "Sell a day later",
    "sell_after_week": "Sell a week later",
}


def words_of(name: str) -> str:
    """Return a name in lower snake case as words."""
    return name.replace("_", " ")


def title_of(capability: str) -> str:
    """Return the title of a power."""
    return TITLES.get(capability) or words_of(capability).capitalize()


def grouped(capabilities: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the groups with the capabilities that a report has; names of no group come last."""
    left = dict(capabilities)
    found = [
        {"title": title, "question": question, "powers": [left.pop(name) for name in names if name in left]}
        for title, question, names in GROUPS
    ]
    if left:
        found.append({"title": "Other", "question": "What else was looked at?", "powers": list(left.values())})
    return [group for group in found if group["powers"]]


def percent(ppm: int) -> str:
    """Return parts per million as percent, with no more digits than it has."""
    whole, rest = divmod(abs(int(ppm)), 10_000)
    digits = f"{rest:04d}".rstrip("0")
    return f"{'-' if int(ppm) < 0 else ''}{whole}{'.' + digits if digits else ''}{NARROW}%"


def amount(minor: int | str, decimals: int | None = None) -> str:
    """Return an amount in minor units as the token counts it, every digit kept; without decimals as it is."""
    value = int(minor)
    if not decimals or not 0 < decimals <= 77:
        return f"{value:,}"
    whole, rest = divmod(abs(value), 10**decimals)
    digits = f"{rest:0{decimals}d}".rstrip("0")
    return f"{'-' if value < 0 else ''}{whole:,}{'.' + digits if digits else ''}"


def rough(minor: int | str) -> str:
    """Return a number with four digits and its power of ten, a small one as it is."""
    value = int(minor)
    digits = str(abs(value))
    if len(digits) <= 9:
        return f"{value:,}"
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:4]}e{len(digits) - 1}"


def moment(given: str | int | None) -> str:
    """Return a time in UTC to the second: ISO text or seconds since 1970."""
    if given is None or given == "":
        return "not known"
    try:
        at = datetime.fromtimestamp(int(given), UTC) if isinstance(given, int) else datetime.fromisoformat(given)
    except (ValueError, OverflowError, OSError):
        return str(given)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")


def duration(seconds: float) -> str:
    """Return a span of time in the unit that fits."""
    if seconds < 1:
        return f"{seconds * 1000:.0f}{NARROW}ms" if seconds else f"0{NARROW}s"
    for most, size, unit in ((120, 1, "s"), (7_200, 60, "min"), (172_800, 3_600, "h")):
        if seconds < most:
            return f"{seconds / size:.1f}".removesuffix(".0") + NARROW + unit
    return f"{seconds / 86_400:.1f}".removesuffix(".0") + NARROW + "days"


def short(text: str) -> str:
    """Return a long hexadecimal text with its middle left out."""
    return text if len(text) <= 16 else f"{text[:8]}…{text[-6:]}"


def place(label: str) -> str:
    """Return a label as lists show it: an address without its middle, anything else as it is."""
    return short(label) if len(label) == 42 and label.startswith("0x") else label


def counted(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def holder_words(holder: Mapping[str, Any]) -> str:
    """Return who holds a power in words."""
    return HOLDERS.get(holder["kind"], words_of(holder["kind"]))


def as_json(value: Any) -> str:
    """Return plain data as people read JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def listed(items: Iterable[str]) -> str:
    """Return items as a list in a sentence."""
    words = list(items)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""


FILTERS = {
    "as_json": as_json,
    "amount": amount,
    "counted": counted,
    "duration": duration,
    "holder": holder_words,
    "listed": listed,
    "moment": moment,
    "percent": percent,
    "place": place,
    "rough": rough,
    "short": short,
    "title_of": title_of,
    "words": words_of,
}
GLOBALS = {
    "EFFECTS": EFFECTS,
    "HOLDERS": HOLDERS,
    "INPUTS": INPUTS,
    "OUTCOMES": OUTCOMES,
    "SCENARIOS": SCENARIOS,
    "STATES": STATES,
    "VERDICTS": VERDICTS,
}
