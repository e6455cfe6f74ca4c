"""How dangerous an approval is: what it permits, to whom, and what is known of the one who may take.

Unknown is never safe: a spender that was not screened, or an amount that is not known, weighs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tarazy.screening.holder.model import (
    ACCOUNT,
    COLLECTION,
    DELEGATED,
    PIECE,
    UNREAD,
    StandingApproval,
    TokenOfWallet,
    WalletReading,
)
from tarazy.screening.holder.wording import amount_words, named, short_address, spender_words, until_words

HIGH, MEDIUM, LOW = "high", "medium", "low"
LEVELS = (HIGH, MEDIUM, LOW)
NOT_SCREENED, UNDER_WAY, NO_CODE = "not screened", "under way", "no code"
# The gravest first. A token that nobody screened stands before one that is clear.
WORDS = ("malicious", "unknown", "caution", NOT_SCREENED, UNDER_WAY, NO_CODE, "clear")


@dataclass(frozen=True, slots=True)
class ScreenedContract:
    """What is known of a contract: the word of its verdict, or why there is none; `lists` are those that hold it."""

    word: str = NOT_SCREENED
    report_id: str | None = None
    text: str = ""
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedApproval:
    """An approval with its level, and in words what it permits and why it is of that level."""

    approval: StandingApproval
    level: str
    permits: str
    why: tuple[str, ...]


def judged(reading: WalletReading, known: Mapping[str, ScreenedContract]) -> list[JudgedApproval]:
    """Return the approvals, the most dangerous first."""
    found = [judge_one(each, reading.token(each.key.token), known) for each in reading.approvals]
    return sorted(found, key=lambda each: (LEVELS.index(each.level), not each.approval.at_stake))


def judge_one(
    approval: StandingApproval, token: TokenOfWallet, known: Mapping[str, ScreenedContract]
) -> JudgedApproval:
    """Return one approval with its level and its words."""
    nothing = ScreenedContract()
    reasons = [
        *of_spender(approval, known.get(approval.key.spender, nothing)),
        *of_token(approval, known.get(approval.key.token, nothing)),
        *of_extent(approval, token),
    ]
    level = min((level for level, _ in reasons), key=LEVELS.index, default=LOW)
    reasons.sort(key=lambda each: LEVELS.index(each[0]))
    return JudgedApproval(approval, level, permitted(approval, token), tuple(text for _, text in reasons))


def permitted(approval: StandingApproval, token: TokenOfWallet) -> str:
    """Return what an approval permits, in one sentence."""
    key, who = approval.key, spender_words(approval.key.spender, approval.spender_is)
    if key.kind == COLLECTION:
        return f"{who}, may take every piece of {named(token)}, now and whatever comes later"
    if key.kind == PIECE:
        return f"{who}, may take piece {key.token_id} of {named(token)}"
    if approval.unlimited:
        text = f"{who}, may take all {named(token)}, now and whatever comes later"
    else:
        text = f"{who}, may take {amount_words(token, approval.amount)}"
    if key.through is not None:
        until = f", {until_words(approval.expires_s)}" if approval.expires_s is not None else ""
        text += f", by way of {short_address(key.through)}{until}"
    return text


def of_spender(approval: StandingApproval, known: ScreenedContract) -> Sequence[tuple[str, str]]:
    """Return what speaks against a spender."""
    found = [(HIGH, f"the spender is listed as {each.replace('_', ' ')}") for each in known.lists]
    if approval.spender_is == ACCOUNT:
        found.append((HIGH, "the spender is no contract: no code says when it takes, whoever has the key decides"))
    elif approval.spender_is == DELEGATED:
        found.append((HIGH, "the spender is an account with a key, whose code is exchanged by one signature"))
    elif approval.spender_is == UNREAD:
        found.append((MEDIUM, "what the spender is could not be read"))
    elif known.word == "malicious":
        found.append((HIGH, "the spender is malicious under the criteria of this service"))
    elif known.word in ("unknown", "caution"):
        found.append((MEDIUM, f"the verdict on the spender is {known.word}"))
    elif known.word != "clear":
        found.append((LOW, "the spender was not screened; unknown is never safe"))
    return found


def of_token(approval: StandingApproval, known: ScreenedContract) -> Sequence[tuple[str, str]]:
    """Return what speaks against the token: what it answers about its own approvals may be false."""
    if known.word != "malicious":
        return []
    return [(MEDIUM, "the token itself is malicious: what it says of approvals and balances may be false")]


def of_extent(approval: StandingApproval, token: TokenOfWallet) -> Sequence[tuple[str, str]]:
    """Return what speaks against how much is approved."""
    if approval.amount is None:
        return [(MEDIUM, "the contract gives no answer about what is approved, though its log says that something is")]
    found = []
    if approval.unlimited:
        found.append((MEDIUM, "there is no end to it: what comes to the wallet later may be taken as well"))
    if approval.at_stake:
        what = amount_words(token, approval.at_stake)
        found.append((LOW, f"as the wallet is now, {what} could be taken at once"))
    return found
