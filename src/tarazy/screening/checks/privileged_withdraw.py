"""A privileged account can take what the contract holds."""

from __future__ import annotations

from typing import NamedTuple

from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.graph import Call
from tarazy.screening.bytecode.guards import ANYONE, is_caller
from tarazy.screening.bytecode.layout import APPROVE, TRANSFER, TRANSFER_FROM
from tarazy.screening.bytecode.locations import field_of, format_word, locate
from tarazy.screening.bytecode.term import Term, Word, loads, walk
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Evidence, Holder, HolderKind

STANDARD = frozenset(f"0x{selector:08x}" for selector in (TRANSFER, TRANSFER_FROM, APPROVE))


class PrivilegedWithdraw(Check):
    """Find ways by which native currency or tokens of the contract go to where a privileged account wants."""

    name = "privileged_withdraw"
    title = "What the contract holds can be taken by a privileged account"
    sees = (
        "Calls that send native currency, calls of transfer, transferFrom and approve of other tokens, and movements "
        "of the token's own balance, on paths that only a privileged account may go, or that pay a stored account "
        "whoever calls. What the contract owes to the receiver by its own record does not count."
    )
    cannot_see = (
        "Whether others have a claim on what is taken (see leak). Fees that transfers turn into native currency for a "
        "stored account are no withdrawal."
    )
    impact = "medium"
    confidence = "medium"
    goplus = ("privilege_withdraw",)
    fires = "privileged-withdraw/vulnerable"
    must_not_fire = "privileged-withdraw/benign"

    @settled("withdraws_ether/privileged", any_code=True)
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found = [*native_and_tokens(facts), *own_tokens(facts)]
        if found:
            return self.yes(
                found[0].evidence.detail,
                *(each.evidence for each in found[:6]),
                holders=tuple(dict.fromkeys(holder for each in found for holder in each.holders)),
            )
        return self.no("nothing that the contract holds goes to where a privileged account wants")


class FoundWithdrawal(NamedTuple):
    """One way to take what the contract holds."""

    holders: tuple[Holder, ...]
    evidence: Evidence
    guarded: bool = True  # False where anyone may call, and the holders are those who are paid


def native_and_tokens(facts: ContractFacts) -> list[FoundWithdrawal]:
    """Return the withdrawals of native currency and of other tokens."""
    found = []
    for name, number, call in facts.calls:
        if name in STANDARD or call.kind != "CALL":
            continue
        what, receiver = taken_by(call)
        if not what or owed(amount_of(call), receiver):
            continue
        holders = facts.guards.holders(facts.flows[name], number)
        guarded = ANYONE not in holders
        if not guarded:
            holders = payees(facts, receiver)
            if not holders or name == "fallback":
                continue
        detail = f"{name} sends {what} of the contract to {format_word(receiver)}"
        found.append(FoundWithdrawal(holders, Evidence("code", detail, offset=call.offset, selector=name), guarded))
    return found


def taken_by(call: Call) -> tuple[str, Word]:
    """Return what a call sends and to whom; nothing where it sends nothing of the contract's own."""
    arguments = call.arguments
    if call.selector in (TRANSFER, APPROVE) and len(arguments) > 1:
        return "tokens", arguments[0]
    if call.selector == TRANSFER_FROM and len(arguments) > 2 and is_itself(arguments[0]):
        return "tokens", arguments[1]
    value = call.value
    if value == 0 or call.selector:  # nothing, or native currency for a call that does something with them
        return "", 0
    passed_on = isinstance(value, Term) and any(term.op == "callvalue" for term in walk(value))
    return ("", 0) if passed_on else ("native currency", call.target)


def amount_of(call: Call) -> Word:
    """Return how much a call sends."""
    return call.arguments[-1] if call.selector and call.arguments else call.value


def is_itself(word: Word) -> bool:
    """Return whether a word is the contract's own address."""
    return isinstance(word, Term) and word.op == "address"


def owed(amount: Word, receiver: Word) -> bool:
    """Return whether an amount is what a record kept for the receiver, or for the caller, says."""
    return any(
        key is receiver or is_caller(key)
        for load in (loads(amount) if isinstance(amount, Term) else ())
        for key in locate(load.args[0]).keys
    )


def payees(facts: ContractFacts, receiver: Word) -> tuple[Holder, ...]:
    """Return who is paid where anyone may call: an address in the code, or one that somebody privileged named."""
    if type(receiver) is int:
        return (Holder(HolderKind.FIXED_ADDRESS, "in the code", f"0x{receiver:040x}"),) if receiver else ()
    assert isinstance(receiver, Term)  # noqa: S101 - a word is a number or a term
    field = field_of(receiver)
    if field is None or field.depth:
        return ()
    shown = any(shown.overlaps(field) for shown in facts.layout.shown_owners)
    return (Holder(HolderKind.OWNER if shown else HolderKind.HIDDEN_OWNER, f"storage {field}"),)


def own_tokens(facts: ContractFacts) -> list[FoundWithdrawal]:
    """Return the ways by which tokens that the contract holds of itself go to a privileged account's choice."""
    found = []
    for name, (sums, _) in facts.sums.items():
        for path in sums if name not in STANDARD else ():
            lowered = next((m for m in path.movements if is_itself(m.holder) and m.lowers), None)
            raised = next((m for m in path.movements if m.raises and not is_itself(m.holder)), None)
            if lowered is None or raised is None or any(owed_term(term, raised.holder) for term, _ in raised.delta):
                continue
            holders = facts.guards.holders(facts.flows[name], lowered.node)
            if ANYONE in holders:
                continue
            detail = f"{name} moves tokens that the contract holds to {format_word(raised.holder)}"
            found.append(FoundWithdrawal(holders, Evidence("code", detail, lowered.change.offset, name)))
            break
    return found


def owed_term(term: Term | None, receiver: Word) -> bool:
    """Return whether a part of an amount is what is owed."""
    return term is not None and owed(term, receiver) and not is_balance_read(term, receiver)


def is_balance_read(term: Term, receiver: Word) -> bool:
    """Return whether a word is just the receiver's balance as it was."""
    return term.op == "sload" and locate(term.args[0]).keys == (receiver,)
