"""What every check that reads code shares: a no needs code that was read, and a shown attack is a yes.

`settled` goes around `run`. It turns a no into unknown where the behaviour lives in code that was not at hand, and adds
what the simulation showed as a second witness.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.checks._delegation import elsewhere
from tarazy.screening.checks._folded import folded_writes
from tarazy.screening.checks._given import unseen_gifts
from tarazy.screening.checks._shown import shown
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Answer, Capability

C = TypeVar("C", bound=Check)
P = ParamSpec("P")
Run = Callable[Concatenate[C, Subject, P], Capability]


def settled(*effects: str, any_code: bool = False) -> Callable[[Run[C, P]], Run[C, P]]:
    """Settle the answer of a check that reads code.

    `effects` are the effects of attacks that prove the privilege; `any_code` says that code chosen by somebody and run
    on this storage could bring it about, whatever the rest of the code says.
    """

    def wrapped(run: Run[C, P]) -> Run[C, P]:
        @wraps(run)
        def settle(check: C, subject: Subject, /, *more: P.args, **named: P.kwargs) -> Capability:
            return answer_with(run(check, subject, *more, **named), subject, effects, any_code)

        return settle

    return wrapped


def answer_with(answer: Capability, subject: Subject, effects: tuple[str, ...], any_code: bool) -> Capability:
    """Return an answer without a no that nobody could give, and with what attacks showed."""
    reason = ""
    if answer.answer is Answer.NO:
        reason = elsewhere(subject.facts, any_code) or unread(subject.facts)
        if check_of_balances(answer.name):
            reason = reason or folded_writes(subject.facts) or unread_lengths(subject.facts) or unseen_gifts(subject)
    if reason:
        answer = replace(answer, answer=Answer.UNKNOWN, reason=reason)
    story = shown(subject.simulation, effects)
    if story is None or (answer.answer is Answer.NO and not story.real):
        return answer
    known = answer.answer is Answer.YES
    return replace(
        answer,
        answer=Answer.YES,
        reason=answer.reason if known else story.reason,
        holders=answer.holders or story.holders,
        evidence=(*answer.evidence, *story.evidence) if known else story.evidence,
    )


def check_of_balances(name: str) -> bool:
    """Return whether a capability is about balances or allowances."""
    return name in ("mint", "leak", "balance_change", "approval_abuse")


def unread_lengths(facts: ContractFacts) -> str:
    """Return why nothing can be ruled out where a length that was not read alone keeps a caller inside a list."""
    unknown = sorted(facts.fixed_lengths - set(facts.stored))
    if not unknown:
        return ""
    return "a list's length, which only the constructor wrote, was not read: the state of the contract settles it"


def unread(facts: ContractFacts) -> str:
    """Return why a no cannot be given where there was nothing to read, or an entry point was not read to the end."""
    if not facts.code.runtime:
        return "there is no code to read"
    return "" if facts.complete else "the code was not read to the end: " + "; ".join(facts.notes[:3])
