"""Privileges: what somebody could do tomorrow. Named with holder and bound, weighed as caution, never as guilt."""

from __future__ import annotations

import re

from tarazy.screening.criteria.case import BURNT, Case, Criterion, kinds, name_holders
from tarazy.screening.model import Answer, Capability, Finding, HolderKind

# What each privilege lets its holder do, as the finding says it.
PRIVILEGES = {
    "mint": "create supply",
    "burn": "destroy tokens",
    "pause": "stop all transfers",
    "blacklist": "bar chosen addresses from trading",
    "whitelist": "let only chosen addresses trade",
    "fee": "take a part of each transfer",
    "fee_change": "change the part taken from transfers",
    "personal_fee": "set the part taken from one address",
    "cooldown": "make holders wait between trades",
    "size_cap": "cap the size of a trade or a holding",
    "size_cap_change": "change the cap on trades or holdings",
    "balance_change": "rewrite a holder's balance",
    "hidden_owner": "act as owner without being shown as one",
    "take_back_ownership": "regain ownership after it was renounced",
    "selfdestruct": "destroy the contract",
    "external_call": "make transfers depend on another contract",
    "delegate_call": "run code of another contract on this storage",
    "proxy": "replace the code",
    "leak": "take tokens of others",
    "limit": "restrict selling or transfers after launch",
    "approval_abuse": "spend approvals that were not meant for it",
    "privileged_withdraw": "withdraw what the contract holds",
    "metadata_change": "change name, symbol or decimals",
    "launch_gate": "decide when trading opens",
    "cannot_buy": "refuse purchases",
    "cannot_sell_all": "keep holders from selling all at once",
    "gas_abuse": "make a trade burn gas for somebody's gain",
}
# Shown, not weighed, unless a file says otherwise: frequent in honest tokens, or judged elsewhere: a fee by the taxes
# that were measured, the destruction of others' tokens as leak.
NOTED = ("burn", "fee", "size_cap", "external_call")
FUNCTIONS_MAX = 2
GETTER = re.compile(r"the caller must be (\w+)\(\)")
WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")
# What the code does to everybody by itself; there, that nobody holds it is no relief.
WITHOUT_HOLDER = ("fee", "cooldown", "size_cap", "external_call", "limit", "cannot_buy", "cannot_sell_all", "gas_abuse")


def judge_privilege(case: Case, criterion: Criterion) -> Finding:
    """Say who could use the privilege and what bounds it."""
    capability = case.capability(criterion.name)
    weight = case.criteria.weights.get(criterion.name, "info" if criterion.name in NOTED else "caution")
    if capability.answer is Answer.NO:
        return criterion.find("pass", capability.reason, weight)
    if capability.answer is Answer.UNKNOWN:
        return criterion.find(
            "unknown", f"not known whether somebody can {what(criterion)}: {capability.reason}", weight
        )
    reason = idle(case, capability)
    if reason:
        return criterion.find("noted", f"the code holds the privilege to {what(criterion)}, but {reason}", "info")
    return criterion.find("fail" if weight == "caution" else "noted", describe(capability, criterion), weight)


def what(criterion: Criterion) -> str:
    """Return what the privilege lets its holder do."""
    return PRIVILEGES[criterion.name]


def describe(capability: Capability, criterion: Criterion) -> str:
    """Name the holder, the guard and the bound of a privilege."""
    if capability.name in WITHOUT_HOLDER and kinds(capability) <= {HolderKind.NOBODY, HolderKind.UNKNOWN}:
        return f"the code itself can {what(criterion)}. {capability.reason}"
    named = GETTER.fullmatch(capability.guard or "") is not None and kinds(capability) == {HolderKind.OWNER}
    guard = f"; guard: {capability.guard}" if capability.guard and not named else ""
    bound = f"; bound: {capability.bound}" if capability.bound else "; no bound was found"
    return f"{who(capability)} can {what(criterion)}{through(capability)}{guard}{bound}"


def who(capability: Capability) -> str:
    """Return the holders in words; one account that a view names is called as the view calls it."""
    getter = GETTER.fullmatch(capability.guard or "")
    if getter is None or kinds(capability) != {HolderKind.OWNER}:
        return name_holders(capability)
    role = " ".join(part.lower() for part in WORDS.findall(getter[1]))
    addresses = dict.fromkeys(holder.address for holder in capability.holders if holder.address)
    return f"the {role}" + (f" ({', '.join(addresses)})" if addresses else "")


def through(capability: Capability) -> str:
    """Return the functions by which it is done, the first two."""
    read = [piece for piece in capability.evidence if piece.kind == "code"] or capability.evidence
    named = dict.fromkeys(piece.signature or piece.selector for piece in read)
    functions = [name for name in named if name]
    more = f" and {len(functions) - FUNCTIONS_MAX} more" if len(functions) > FUNCTIONS_MAX else ""
    return f" by {', '.join(functions[:FUNCTIONS_MAX])}{more}" if functions else ""


def idle(case: Case, capability: Capability) -> str | None:
    """Say why nobody can use a privilege that the code holds, or None.

    Renounced counts only where it is known that ownership cannot be taken back.
    """
    if capability.name in WITHOUT_HOLDER:
        return None
    if kinds(capability) == {HolderKind.NOBODY}:
        return "the field that guards it cannot be other than zero"
    renounced = capability.holders and all(
        holder.kind is HolderKind.NOBODY or (holder.kind is HolderKind.OWNER and holder.address in BURNT)
        for holder in capability.holders
    )
    if renounced and case.answer("take_back_ownership") is Answer.NO and case.answer("hidden_owner") is Answer.NO:
        return "ownership is renounced and cannot be taken back"
    return None


def judge_known_code(case: Case, criterion: Criterion) -> Finding:
    """Say what known code this resembles."""
    capability = case.capability(criterion.name)
    weight = case.criteria.weights.get(criterion.name, "info")
    if weight == "info":
        return criterion.find("noted", capability.reason, weight)
    outcome = {Answer.YES: "pass", Answer.NO: "fail", Answer.UNKNOWN: "unknown"}[capability.answer]
    return criterion.find(outcome, capability.reason, weight)


CRITERIA = tuple(
    Criterion(name, "power", f"Can somebody {action}?", "caution", (name,), judge_privilege)
    for name, action in PRIVILEGES.items()
) + (
    Criterion(
        "known_code", "power", "Is the code one that is known by name?", "caution", ("known_code",), judge_known_code
    ),
)
