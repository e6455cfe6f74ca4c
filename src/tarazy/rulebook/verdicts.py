"""A rule's answer, four-valued, with every fact and value that it used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple


class Outcome(StrEnum):
    """What a rule says of a facility on a day. Unknown means that evidence is missing; it is never good."""

    met = "met"
    breached = "breached"
    not_applicable = "not_applicable"
    unknown = "unknown"


# Of several answers together the first in this order counts: one breach is a breach, one gap leaves the rest open.
PRECEDENCE = (Outcome.breached, Outcome.unknown, Outcome.met, Outcome.not_applicable)


class UsedEvidence(NamedTuple):
    """One fact or value that a check read, as it found it; value None where it was not there."""

    name: str
    value: Any
    source: str
    grade: str

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return self._asdict() | {"value": plain_value(self.value)}


class RuleVerdict(NamedTuple):
    """An outcome with its reason in a sentence, the evidence behind it, and the rows that fail, as (fact, label).

    `settled_by`: of an unknown answer, which evidence would decide it, in words.
    """

    outcome: Outcome
    because: str
    trace: tuple[UsedEvidence, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    settled_by: tuple[str, ...] = ()


def combined(verdicts: Sequence[RuleVerdict]) -> RuleVerdict:
    """Return what several answers say together."""
    for outcome in PRECEDENCE:
        found = [each for each in verdicts if each.outcome is outcome]
        if found:
            words = "; ".join(dict.fromkeys(each.because for each in found))
            failed = tuple(row for each in found for row in each.failed)
            needed = tuple(dict.fromkeys(words for each in found for words in each.settled_by))
            return RuleVerdict(outcome, words, found[0].trace, failed, needed)
    return RuleVerdict(Outcome.not_applicable, "nothing to judge")


ROWS_SHOWN = 5


def plain_value(value: Any) -> Any:
    """Return a value that JSON knows; of rows how many there are, and the first few."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        rows = [plain_value(each) for each in value[:ROWS_SHOWN]]
        return {"rows": len(value), "first": rows} if value and isinstance(value[0], dict) else rows
    if isinstance(value, dict):
        return {key: plain_value(each) for key, each in value.items()}
    return value
