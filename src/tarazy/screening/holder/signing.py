"""A transaction that a holder is about to sign, played on the newest block and said in words.

The words rest on what was measured before and after, not on events or names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tarazy.screening.holder.judging import HIGH, LEVELS, LOW, MEDIUM, JudgedApproval
from tarazy.screening.holder.model import ACCOUNT, ALLOWANCE, COLLECTION, CONTRACT, THROUGH, ApprovalKey, TokenOfWallet
from tarazy.screening.holder.wording import NATIVE_DECIMALS, amount_words, named, short_address, spender_words, whole
from tarazy.screening.simulation.measure import PERMIT2_APPROVE, Question, is_unlimited

# What to do, by the gravest risk.
ADVICE = {
    HIGH: "Do not sign unless you know why each of these is right.",
    MEDIUM: "Look twice before you sign.",
    LOW: "Nothing dangerous was found. Sign only what you wanted to do.",
}
CHANGES_MAX = 50
Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SigningWords:
    """What a transaction would do for whoever signs it, in sentences. `level` is that of the gravest risk."""

    level: str
    advice: str
    changes: tuple[str, ...]
    risks: tuple[Plain, ...]


def assets_of(outcome: Plain, wallet: str) -> list[str]:
    """Return the tokens that are named in the words, each once."""
    assets = [each["asset"] for each in mine(outcome, wallet) if each["standard"] != "native"]
    assets += [each["asset"] for each in given_by(outcome, wallet)]
    return list(dict.fromkeys(assets))[:CHANGES_MAX]


def signing_words(
    outcome: Plain,
    wallet: str,
    tokens: Mapping[str, TokenOfWallet],
    suspicious: Mapping[str, str],
    stands: Sequence[JudgedApproval] = (),
) -> SigningWords:
    """Return the words for an outcome; `suspicious` are those who take part and are on a list or malicious.

    `stands` are the approvals that the transaction names and leaves as they are: given a second time, an approval
    changes nothing and is as dangerous as before.
    """
    risks = [
        *(risk_of("suspicious", HIGH, f"{who}: {why}", who) for who, why in suspicious.items()),
        *outcome["risks"],
        *(
            risk_of("standing_approval", each.level, f"already now {each.permits}", each.approval.key.spender)
            for each in stands
        ),
    ]
    risks.sort(key=lambda risk: LEVELS.index(risk["severity"]))
    level = min((risk["severity"] for risk in risks), key=LEVELS.index, default=LOW)
    return SigningWords(level, ADVICE[level], tuple(changes(outcome, wallet, tokens)), tuple(risks))


def risk_of(code: str, severity: str, text: str, address: str) -> dict[str, str]:
    """Return a risk as outcomes hold them."""
    return {"code": code, "severity": severity, "text": text, "address": address}


# Where the input names an approval: its kind, and which of the addresses in it are the token's and the spender's.
NAMED = {
    "approve(address,uint256)": ALLOWANCE,
    "increaseAllowance(address,uint256)": ALLOWANCE,
    "setApprovalForAll(address,bool)": COLLECTION,
    PERMIT2_APPROVE: THROUGH,
}


def named_approval(outcome: Plain, wallet: str, to: str) -> ApprovalKey | None:
    """Return the approval that the input names and that the transaction leaves as it was; None where there is none."""
    called = outcome["input"] or {}
    kind = NAMED.get(called.get("signature") or "")
    if kind is None or not called["arguments"] or given_by(outcome, wallet):
        return None
    first, second = (argument["value"] for argument in called["arguments"][:2])
    if kind == THROUGH:
        return ApprovalKey(kind, first, second, through=to)
    return ApprovalKey(kind, to, first)


def changes(outcome: Plain, wallet: str, tokens: Mapping[str, TokenOfWallet]) -> list[str]:
    """Return what changes for the wallet, in sentences."""
    if not outcome["succeeded"]:
        return [f"It would fail ({outcome['reason'] or 'without a reason'}): nothing changes but the fee."]
    moved = [balance_sentence(each, tokens) for each in mine(outcome, wallet)]
    given = [allowance_sentence(each, tokens) for each in given_by(outcome, wallet)]
    if not moved and not given:
        return ["No balance and no approval of yours changes, as far as the contracts answered."]
    return moved[:CHANGES_MAX] + given[:CHANGES_MAX]


def balance_sentence(change: Plain, tokens: Mapping[str, TokenOfWallet]) -> str:
    """Return one change of a balance."""
    before, after = int(change["before"]), int(change["after"])
    verb = "You receive" if after > before else "You give away"
    if change["standard"] == "native":
        amount, rest = whole(abs(after - before), NATIVE_DECIMALS), whole(after, NATIVE_DECIMALS)
        return f"{verb} {amount} of the native currency; {rest} are left, less the fee."
    token = token_in(tokens, change)
    if change["token_id"] is not None:
        return f"{verb} {abs(after - before):,} of piece {change['token_id']} of {named(token)}."
    return f"{verb} {amount_words(token, abs(after - before))}; you have {amount_words(token, after)} then."


def allowance_sentence(change: Plain, tokens: Mapping[str, TokenOfWallet]) -> str:
    """Return one change of what somebody may take."""
    token, after = token_in(tokens, change), int(change["after"])
    who = spender_words(change["spender"], CONTRACT if change["spender_has_code"] else ACCOUNT)
    through = f", by way of {short_address(change['through'])}" if change["through"] else ""
    what = f"piece {change['token_id']} of {named(token)}" if change["token_id"] is not None else named(token)
    if not after:
        return f"{who}, may no longer take {what}{through}."
    if change["standard"] == "collection":
        return f"{who}, may then take EVERY piece of {named(token)}, now and later."
    if change["token_id"] is not None:
        return f"{who}, may then take {what}."
    if is_unlimited(after):
        return f"{who}, may then take ALL you have of {named(token)}, now and whatever comes later{through}."
    return f"{who}, may then take {amount_words(token, after)}{through}."


def token_in(tokens: Mapping[str, TokenOfWallet], change: Plain) -> TokenOfWallet:
    """Return what is known of the token of a change."""
    return tokens.get(change["asset"]) or TokenOfWallet(change["asset"], token_standard(change["standard"]))


def token_standard(standard: str) -> str:
    """Return the standard of the token that a change is about."""
    return "erc20" if standard in ("erc20", "permit2") else standard


def mine(outcome: Plain, wallet: str) -> Sequence[Plain]:
    """Return the changes of the wallet's own balances."""
    return [each for each in outcome["balances"] if each["account"] == wallet]


def given_by(outcome: Plain, wallet: str) -> Sequence[Plain]:
    """Return the changes of what others may take of the wallet's."""
    return [each for each in outcome["allowances"] if each["owner"] == wallet]


ENDS, STAYS, FAILS, UNSEEN = "ends", "stays", "fails", "unseen"
EFFECTS = {
    ENDS: "Played on the newest block, this ends the approval.",
    STAYS: "Played on the newest block, this does NOT end the approval: the contract keeps it. Move your tokens away.",
    FAILS: "Played on the newest block, this fails: the contract refuses to take the approval back.",
    UNSEEN: "Whether this ends the approval could not be seen: the contract gives no answer about it.",
}


def effect_of(outcome: Plain, wallet: str, asked: Question, stands: int | None) -> str:
    """Return what a revocation does, as it was played; `stands` is what was approved before, None where not known."""
    if not outcome["succeeded"]:
        return FAILS
    looked_for = (asked.spender, asked.asset, asked.standard, asked.token_id, asked.through)
    for each in given_by(outcome, wallet):
        token_id = None if each["token_id"] is None else int(each["token_id"])
        if (each["spender"], each["asset"], each["standard"], token_id, each["through"]) == looked_for:
            return STAYS if int(each["after"]) else ENDS
    return UNSEEN if stands is None else STAYS if stands else ENDS
