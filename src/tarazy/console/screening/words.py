"""What the pages of the screening say in words: powers, effects, verdicts, scenarios."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tarazy.console.layout.words import short, words_of
from tarazy.screening.wording import without_places

LONG_ADDRESS = re.compile(r"\b0x[0-9a-f]{40}\b")

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
OUTCOMES = {"fail": "fails", "weighs": "calls for caution", "unknown": "open", "noted": "noted", "pass": "passes"}
WEIGHTS = {"malicious": "malicious", "caution": "caution", "info": "noted", "noted": "noted", "unknown": "unknown"}
CRITERIA_GROUPS = {
    "harm": ("Harm", "What was shown to happen to a holder. No file can make it weigh less."),
    "power": ("Powers", "What somebody could do. A power is no guilt: it weighs caution at most."),
    "measure": ("Measures", "Figures against thresholds."),
}
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


def holder_words(holder: Mapping[str, Any]) -> str:
    """Return who holds a power in words."""
    return HOLDERS.get(holder["kind"], words_of(holder["kind"]))


def for_officers(text: str) -> str:
    """Return a sentence without places of storage and code, its addresses short."""
    return LONG_ADDRESS.sub(lambda match: short(match[0]), without_places(text))


GLOBALS = {
    "EFFECTS": EFFECTS,
    "HOLDERS": HOLDERS,
    "INPUTS": INPUTS,
    "OUTCOMES": OUTCOMES,
    "SCENARIOS": SCENARIOS,
    "STATES": STATES,
    "VERDICTS": VERDICTS,
    "WEIGHT_WORDS": WEIGHTS,
}
FILTERS: Mapping[str, Callable[..., Any]] = {
    "holder": holder_words,
    "placeless": without_places,
    "plain": for_officers,
    "title_of": title_of,
}
