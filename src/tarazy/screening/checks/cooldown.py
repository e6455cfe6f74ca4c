"""A holder must wait between two transfers."""

from __future__ import annotations

from typing import NamedTuple

from tarazy.screening.bytecode.allowed import allowed_values, baseline
from tarazy.screening.bytecode.evaluation import evaluate
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.layout import fields_in
from tarazy.screening.bytecode.locations import Field
from tarazy.screening.bytecode.restrictions import Restriction, fails
from tarazy.screening.bytecode.term import Term, Word, walk
from tarazy.screening.bytecode.writer import Writer
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._switches import TIME, conditions, holders_of, waits
from tarazy.screening.checks._transfers import readable
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Evidence, Holder, HolderKind

LONGEST_S = 1 << 40  # a number beyond it is no time in seconds


class Cooldown(Check):
    """Find transfers that note the time for a party and refuse the next until some later time."""

    name = "cooldown"
    title = "A holder must wait between two transfers"
    sees = (
        "What transfers write for one of their parties from the clock or the number of the block, and conditions of "
        "later transfers on it. The length is read from the code, or from the storage that somebody can write."
    )
    cannot_see = "Waits that another contract keeps (see external_call)."
    impact = "medium"
    confidence = "high"
    goplus = ("trading_cooldown",)
    fires = "limit-cooldown/vulnerable"
    must_not_fire = "limit-holder-lock/vulnerable"

    @settled()
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found = [wait for each in conditions(facts) if (wait := wait_of(facts, each)) is not None]
        if found:
            first = found[0]
            return self.yes(
                f"a transfer notes the time in storage {first.noted}, and the next reverts until later",
                *(wait.evidence for wait in found[:4]),
                holders=holders_of(first.setters) or (Holder(HolderKind.NOBODY, "the wait is in the code"),),
                bound=bound_of(facts, first),
            )
        return readable(self, facts, "no transfer notes a time that a later one must wait for")


class Wait(NamedTuple):
    """One condition that makes a party wait, where the time is noted, and who sets how long."""

    restriction: Restriction
    noted: Field
    setters: tuple[Writer, ...]

    @property
    def evidence(self) -> Evidence:
        """Return the condition."""
        detail = f"a transfer at {self.restriction.offset:#x} must come later than storage {self.noted} says"
        return Evidence("code", detail, offset=self.restriction.offset, selector=self.restriction.entry)


def wait_of(facts: ContractFacts, restriction: Restriction) -> Wait | None:
    """Return the wait that a condition is, or None."""
    term = restriction.term
    if not any(inner.op in TIME for inner in walk(term)):
        return None
    noted = next((field for field in fields_in(term) if field in waits(facts)), None)
    if noted is None or not any(refuses(facts, restriction, noted, value) for value in waits(facts)[noted]):
        return None
    lengths = [field for word in (term, *waits(facts)[noted]) for field in fields_in(word) if field != noted]
    setters = tuple(w for field in dict.fromkeys(lengths) for w in facts.writers_of(field) if not w.open)
    return Wait(restriction, noted, setters)


def refuses(facts: ContractFacts, restriction: Restriction, noted: Field, value: Word) -> bool:
    """Return whether a condition fails for a transfer at the very time at which another noted what it notes."""
    now = evaluate(value, baseline(facts, restriction.entry, {}))
    return fails(facts, restriction.entry, restriction.needed, noted, now)


def bound_of(facts: ContractFacts, wait: Wait) -> str | None:
    """Return how long the wait can be made, or is."""
    unit = "blocks" if any(inner.op == "number" for inner in walk(wait.restriction.term)) else "s"
    if wait.setters:
        entry, needed = wait.restriction.entry, wait.restriction.needed
        values = [v for w in wait.setters for v in allowed_values(facts, entry, w, needed, w.change.field)]
        longest = max(values, default=LONGEST_S)
        return f"at most {longest} {unit}" if longest < LONGEST_S else None
    words: tuple[Word, ...] = (wait.restriction.term, *waits(facts)[wait.noted])
    numbers = [
        argument
        for word in words
        for inner in walk(word)
        if isinstance(inner, Term) and inner.op in ("add", "lt")
        for argument in inner.args
        if type(argument) is int and 0 < argument < LONGEST_S
    ]
    return f"{max(numbers)} {unit}" if numbers else None
