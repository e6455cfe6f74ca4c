"""What a rule's check is handed: facts and values of a day. All that it reads is kept for the trace.

A fact or value that is not there ends the check: the verdict is unknown and says what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from tarazy.rulebook.errors import MissingEvidenceError
from tarazy.rulebook.evidence import settled_by, settled_by_attestation
from tarazy.rulebook.facts import FactSet, RuleFact
from tarazy.rulebook.values import DatedValue, DatedValues
from tarazy.rulebook.verdicts import Outcome, RuleVerdict, UsedEvidence

NAMED_MAX = 5


class FactRow:
    """One row of a fact. A field that is not there ends the judgement of this row."""

    def __init__(self, name: str, number: int, fields: dict[str, Any]) -> None:
        self._name = name
        self._fields = fields
        self.label = str(fields.get("id", number))

    def _field(self, field: str) -> Any:
        if field not in self._fields:
            text = f"{self._name} {self.label} does not say {field}"
            raise MissingEvidenceError(text, settled_by(self._name, field))
        return self._fields[field]

    def number(self, field: str) -> int:
        """Return a number."""
        return int(self._field(field))

    def flag(self, field: str) -> bool:
        """Return whether something is so."""
        return bool(self._field(field))

    def day(self, field: str) -> date:
        """Return a day."""
        found: date = self._field(field)
        return found

    def text(self, field: str) -> str:
        """Return a text."""
        return str(self._field(field))

    def has(self, field: str) -> bool:
        """Return whether the row says something of a field, an empty text counting as nothing."""
        return self._fields.get(field) not in (None, "")

    def days_between(self, first: str, last: str) -> int:
        """Return how many days lie between two days of the row."""
        return (self.day(last) - self.day(first)).days


Test = Callable[[FactRow], bool]


class RuleCase:
    """The facts and values of one rule on one day."""

    def __init__(self, rule_id: str, facts: FactSet, values: DatedValues, asof: date) -> None:
        self.rule_id = rule_id
        self.trace: list[UsedEvidence] = []
        self.is_dated = False  # whether the check asked which day it is
        self.facts_read: dict[str, RuleFact | None] = {}
        self.values_read: dict[str, DatedValue] = {}  # those of the day itself
        self._asof, self._facts, self._values = asof, facts, values

    @property
    def asof(self) -> date:
        """Return the day of the case; who asks for it may answer otherwise on the next day."""
        self.is_dated = True
        return self._asof

    # ------------------------------------------------------------ what a check reads
    def value(self, key: str, day: date | None = None) -> Any:
        """Return the value of a key in force on the day of the case, or another: a number, or names."""
        if day is None:
            self.values_read[key] = self._values.at(key, self._asof)
        row = self._values.number(key, day or self._asof)
        source = f"value {key}, {row.status}, {row.citation} ({row.unit})"
        self.trace.append(UsedEvidence(key, row.value, source, row.grade))
        return row.value

    def _fact_on_day(self, name: str) -> RuleFact | None:
        fact = self.facts_read[name] = self._facts.at(name, self._asof)
        return fact

    def _fact(self, name: str) -> Any:
        fact = self._fact_on_day(name)
        if fact is None:
            self.trace.append(UsedEvidence(name, None, "nobody", "missing"))
            raise MissingEvidenceError(f"no fact says {name}", settled_by(name))
        self.trace.append(UsedEvidence(name, fact.value, fact.source, fact.grade))
        return fact.value

    def number(self, name: str) -> int:
        """Return a number."""
        return int(self._fact(name))

    def flag(self, name: str) -> bool:
        """Return whether something is so."""
        return bool(self._fact(name))

    def day(self, name: str) -> date:
        """Return a day."""
        found: date = self._fact(name)
        return found

    def text(self, name: str) -> str:
        """Return a text."""
        return str(self._fact(name))

    def rows(self, name: str) -> list[FactRow]:
        """Return the rows of a fact."""
        return [FactRow(name, number, row) for number, row in enumerate(self._fact(name), 1)]

    def current(self, name: str) -> list[FactRow]:
        """Return the rows of a fact that have begun and not ended; the last day counts."""
        rows = [row for row in self.rows(name) if row.day("begins") <= self.asof]
        return [row for row in rows if not row.has("ends") or self.asof <= row.day("ends")]

    def age_days(self, name: str) -> int:
        """Return how many days ago something was."""
        return (self.asof - self.day(name)).days

    def is_known(self, name: str) -> bool:
        """Return whether there is a fact; what is not known of an exception leaves the rule itself standing."""
        return self._fact_on_day(name) is not None

    # ------------------------------------------------------------ what a check answers
    def holds(self, is_met: bool, because: str) -> RuleVerdict:
        """Answer met or breached."""
        return RuleVerdict(Outcome.met if is_met else Outcome.breached, because)

    def not_applicable(self, because: str) -> RuleVerdict:
        """Answer that the rule asks nothing here."""
        return RuleVerdict(Outcome.not_applicable, because)

    def each(self, name: str, test: Test, asks: str, only: Test | None = None) -> RuleVerdict:
        """Answer for every row of a fact, or those that `only` chooses: any that fails is a breach and is named."""
        failed, open_, judged = [], [], 0
        needed: dict[str, None] = {}
        for row in self.rows(name):
            try:
                if only is not None and not only(row):
                    continue
                judged += 1
                if not test(row):
                    failed.append(row.label)
            except MissingEvidenceError as error:
                open_.append(str(error))
                needed[error.settled_by] = None
        if failed:
            rows = tuple((name, label) for label in failed)
            return RuleVerdict(Outcome.breached, f"{name} {_named(failed)}: not so that {asks}", failed=rows)
        if open_:
            return RuleVerdict(Outcome.unknown, _named(open_), settled_by=tuple(needed))
        if not judged:
            return self.not_applicable(f"no row of {name} to judge")
        return RuleVerdict(Outcome.met, f"{judged} of {name}: {asks}")

    def has_all(self, name: str, needed: list[str], field: str = "id") -> RuleVerdict:
        """Answer whether each of some names stands in the rows of a fact."""
        there = {row.text(field) for row in self.rows(name)}
        missing = [each for each in needed if each not in there]
        words = f"without {_named(missing)}" if missing else f"with {_named(needed)}"
        return self.holds(not missing, f"{name} {words}")

    def attested(self) -> RuleVerdict:
        """Answer by a person's statement: who, when, which document, until when. It lapses; then it is a breach."""
        mine = [row for row in self.rows("attestations") if row.text("rule") == self.rule_id]
        begun = [row for row in mine if row.day("on") <= self.asof]
        if not begun:
            raise MissingEvidenceError(f"nobody attested {self.rule_id}", settled_by_attestation(self.rule_id))
        newest = max(begun, key=lambda row: row.day("on"))
        if len(newest.text("document_sha256")) != 64 or not newest.has("owner"):
            text = "the attestation names no owner, or no document by its SHA-256"
            raise MissingEvidenceError(text, settled_by_attestation(self.rule_id))
        if newest.days_between("on", "expires") > self.value("valid_days_max"):
            text = "the attestation states a longer life than it may have"
            raise MissingEvidenceError(text, settled_by_attestation(self.rule_id))
        words = f"attested on {newest.day('on')}, until {newest.day('expires')}"
        return self.holds(self.asof <= newest.day("expires"), words)


def _named(labels: list[str]) -> str:
    """Return the first few of some names, and how many more there are."""
    more = f" and {len(labels) - NAMED_MAX} more" if len(labels) > NAMED_MAX else ""
    return f"{', '.join(labels[:NAMED_MAX])}{more}"
