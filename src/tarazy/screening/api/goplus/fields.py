"""The 45 keys of one token's result: type on the wire, and what of a report feeds each.

The table is what the mapping follows, what OpenAPI shows and what docs/reference/screening-api.md is checked against.
"""

from __future__ import annotations

from typing import NamedTuple

FLAG = "flag"  # "1" | "0", absent: unknown
TEXT = "text"
DECIMAL = "decimal"  # decimal number as text
LIST = "list"
OBJECT = "object"


class WireField(NamedTuple):
    """One key. `source` names the capability for a flag, else the part of the report."""

    key: str
    kind: str
    source: str
    meaning: str


TOKEN_FIELDS: tuple[WireField, ...] = (
    # contract
    WireField("is_open_source", FLAG, "is_open_source", "verified source was screened"),
    WireField("is_proxy", FLAG, "proxy", "the code can be exchanged behind the address"),
    WireField("is_mintable", FLAG, "mint", "someone may create supply"),
    WireField("owner_address", TEXT, "ownership", "present owner; empty: the contract has none"),
    WireField("owner_balance", DECIMAL, "ownership", "what the owner holds, in whole tokens"),
    WireField("owner_percent", DECIMAL, "ownership", "the owner's share of the supply, 1 is all"),
    WireField("creator_address", TEXT, "ownership", "who deployed it"),
    WireField("creator_balance", DECIMAL, "ownership", "what the creator holds, in whole tokens"),
    WireField("creator_percent", DECIMAL, "ownership", "the creator's share of the supply, 1 is all"),
    WireField("can_take_back_ownership", FLAG, "take_back_ownership", "ownership given up can be regained"),
    WireField("owner_change_balance", FLAG, "balance_change", "someone may rewrite a holder's balance"),
    WireField("hidden_owner", FLAG, "hidden_owner", "a second controller outlives giving up ownership"),
    WireField("selfdestruct", FLAG, "selfdestruct", "the contract can destroy itself"),
    WireField("external_call", FLAG, "external_call", "transfers depend on calls to other contracts"),
    # trading
    WireField("is_in_dex", FLAG, "ownership.pools", "it trades in a pool"),
    WireField("dex", LIST, "ownership.pools", "pools: name, pair"),
    WireField("buy_tax", DECIMAL, "simulation", "part that a purchase loses, 1 is all"),
    WireField("sell_tax", DECIMAL, "simulation", "part that a sale loses, 1 is all or no sale possible"),
    WireField("cannot_buy", FLAG, "cannot_buy", "a purchase fails"),
    WireField("cannot_sell_all", FLAG, "cannot_sell_all", "the whole balance cannot be sold at once"),
    WireField("slippage_modifiable", FLAG, "fee_change", "the tax can be changed"),
    WireField("personal_slippage_modifiable", FLAG, "personal_fee", "the tax can be set for one address"),
    WireField("is_honeypot", FLAG, "honeypot", "it cannot be sold"),
    WireField("honeypot_with_same_creator", TEXT, "store", "honeypots among the screened tokens of this creator"),
    WireField("transfer_pausable", FLAG, "pause", "transfers can be suspended"),
    WireField("is_blacklisted", FLAG, "blacklist", "a list of the excluded exists"),
    WireField("is_whitelisted", FLAG, "whitelist", "a list of the exempt exists"),
    WireField("is_anti_whale", FLAG, "size_cap", "the size of a trade or holding is capped"),
    WireField("anti_whale_modifiable", FLAG, "size_cap_change", "that cap can be changed"),
    WireField("trading_cooldown", FLAG, "cooldown", "a time must pass between two trades"),
    # information
    WireField("token_name", TEXT, "token", "name"),
    WireField("token_symbol", TEXT, "token", "symbol"),
    WireField("total_supply", DECIMAL, "token", "supply in whole tokens"),
    WireField("holder_count", TEXT, "ownership", "number of holders"),
    WireField("holders", LIST, "ownership", "ten largest holders"),
    WireField("lp_holder_count", TEXT, "ownership.pools", "number of holders of the largest pool's shares"),
    WireField("lp_total_supply", DECIMAL, "ownership.pools", "supply of the largest pool's shares"),
    WireField("lp_holders", LIST, "ownership.pools", "ten largest holders of the largest pool's shares"),
    WireField("trust_list", FLAG, "identity", "only 1 is sent: the address is that of a listed token"),
    WireField("is_true_token", FLAG, "identity, impersonation", "1: it is the listed token; 0: it poses as one"),
    WireField("fake_token", OBJECT, "impersonation", "the token that it poses as"),
    WireField("is_airdrop_scam", FLAG, "", "never sent: airdrops are not looked at"),
    WireField("other_potential_risks", TEXT, "capabilities", "powers without a key of their own, in words"),
    WireField("note", TEXT, "notes, verdict", "verdict under the criteria, block and state that were looked at, notes"),
    WireField("b20_token", OBJECT, "capabilities.holders", "b20_info: for eight powers, whether and who holds them"),
)
FLAG_OF_CAPABILITY = {
    field.source: field.key for field in TOKEN_FIELDS if field.kind == FLAG and field.source.isidentifier()
}
FLAG_OF_CAPABILITY.pop("is_open_source")
FLAG_OF_CAPABILITY.pop("identity")

# key of b20_info -> capability
B20_POWERS: dict[str, str] = {
    "mintable": "mint",
    "blacklist": "blacklist",
    "whitelist": "whitelist",
    "transfer_pausable": "pause",
    "owner_change_balance": "balance_change",
    "cannot_buy": "cannot_buy",
    "cannot_sell": "honeypot",
    "metadata_modifiable": "metadata_change",
}
# Capabilities without a flag: a yes is told in other_potential_risks.
WITHOUT_FLAG: tuple[str, ...] = (
    "leak",
    "limit",
    "approval_abuse",
    "privileged_withdraw",
    "burn",
    "fee",
    "delegate_call",
    "gas_abuse",
    "metadata_change",
    "known_code",
)
