"""What a draft would have changed: a rule asked with the values in force and with drafted ones, on past quarters.

Each facility's facts at the end of each quarter are asked twice. Counted are the facilities whose answer changes, the
findings (rows that fail; one where a rule has no rows) before and after, and the clients that come under the rule or
leave it: those that failing rows name, and under a monthly cap those whose months lie between the two amounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from tarazy.rulebook.catalogue import find_rule
from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.gates import LIMITS
from tarazy.rulebook.situations import with_values
from tarazy.rulebook.verdicts import Outcome, RuleVerdict

# Facts whose rows are clients, by their number in the register.
OF_CLIENTS = frozenset({"members", "class_reviews", "professional_individuals", "resident_months"})
VALUE_LETTERS_MAX = 2_000
Months = Mapping[tuple[int, str], tuple[int, int]]


class DraftValue(NamedTuple):
    """One drafted value: the rule's id, the key, and what would stand there."""

    rule: str
    key: str
    value: int | list[str]


class FacilityQuarter(NamedTuple):
    """A facility's facts at the end of a quarter; `months` are (deposits, purchases) of retail residents under the cap,
    by (owner, month as 2026-11), in minor units of the reference currency."""

    facility: str
    day: date
    facts: FactSet
    months: Months


class QuarterImpact(NamedTuple):
    """What a draft changes of one rule, at one facility, in one quarter."""

    rule: str
    facility: str
    day: date
    in_force: str
    draft: str
    findings_in_force: int
    findings_draft: int
    clients: frozenset[int]

    @property
    def changes(self) -> bool:
        """Return whether the facility's answer is another."""
        return self.in_force != self.draft

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return self._asdict() | {"day": self.day.isoformat(), "clients": len(self.clients), "changes": self.changes}


def draft_value(rule: str, key: str, text: str) -> DraftValue:
    """Return a drafted value from its text: a whole number, or names with commas where the key has names.

    Raises: RulebookError where the rule has no such key, or the text is none of its kind.
    """
    loaded = find_rule(rule)
    if key not in loaded.values.keys:
        known = ", ".join(loaded.values.keys) or "none"
        raise RulebookError(loaded.id, expected=f"a key of {known}", found=repr(key)[:60])
    has_names = any(isinstance(row.value, list) for row in loaded.values.rows if row.key == key)
    names = [name.strip() for name in text.split(",")]
    if len(text) > VALUE_LETTERS_MAX or not all(names) or (has_names and not text.isprintable()):
        raise RulebookError(f"{loaded.id}, {key}", expected="names with commas, or a number", found=text[:60])
    if has_names:
        return DraftValue(loaded.id, key, names)
    digits = text.replace("_", "").replace(",", "").strip()
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 18:
        raise RulebookError(f"{loaded.id}, {key}", expected="a whole number of zero or more", found=repr(text)[:60])
    return DraftValue(loaded.id, key, int(digits))


def impact(drafts: Iterable[DraftValue], quarters: Iterable[FacilityQuarter]) -> list[QuarterImpact]:
    """Ask every drafted rule of every quarter twice."""
    by_rule: dict[str, dict[str, Any]] = {}
    for draft in drafts:
        by_rule.setdefault(draft.rule, {})[draft.key] = draft.value
    return [_asked(rule, changed, each) for each in quarters for rule, changed in by_rule.items()]


def _asked(rule_id: str, changed: dict[str, Any], quarter: FacilityQuarter) -> QuarterImpact:
    rule = find_rule(rule_id)
    drafted = rule._replace(values=with_values(rule.values, changed))
    before, after = rule.decide(quarter.facts, quarter.day), drafted.decide(quarter.facts, quarter.day)
    clients = _clients(before) ^ _clients(after)
    for limited, key, kind in LIMITS:
        in_force = rule.values.at(key, quarter.day).value if limited == rule_id and key in changed else None
        if isinstance(in_force, int):
            clients |= _between(in_force, changed[key], kind.name, quarter)
    return QuarterImpact(
        rule_id, quarter.facility, quarter.day, str(before.outcome), str(after.outcome),
        findings(before), findings(after), frozenset(clients),
    )  # fmt: skip


def findings(verdict: RuleVerdict) -> int:
    """Return how many findings an answer is: none, the rows that fail, or one."""
    return max(len(verdict.failed), 1) if verdict.outcome is Outcome.breached else 0


def _clients(verdict: RuleVerdict) -> set[int]:
    return {int(label) for fact, label in verdict.failed if fact in OF_CLIENTS and label.isdecimal()}


def _between(in_force: int, draft: int, kind: str, quarter: FacilityQuarter) -> set[int]:
    """Return the clients with a month above the lower of two caps and not above the higher."""
    scale = quarter.facts.at("reference_scale", quarter.day)
    if scale is None:
        return set()
    low, high = (cap * 10**scale.value for cap in sorted((in_force, draft)))
    place = 0 if kind == "deposits" else 1
    return {owner for (owner, _), amounts in quarter.months.items() if low < amounts[place] <= high}


def summed(rows: Iterable[QuarterImpact]) -> list[dict[str, Any]]:
    """Return per rule and quarter how many facilities were asked and change, findings, and clients; no facility's name.

    A client of two facilities counts at each.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (row.rule, row.day.isoformat())
        empty = {"rule": key[0], "quarter": key[1], "facilities": 0, "changed": 0, "findings_in_force": 0}
        total = found.setdefault(key, empty | {"findings_draft": 0, "clients": 0, "unknown": 0})
        total["facilities"] += 1
        total["changed"] += row.changes
        total["findings_in_force"] += row.findings_in_force
        total["findings_draft"] += row.findings_draft
        total["clients"] += len(row.clients)
        total["unknown"] += Outcome.unknown in (row.in_force, row.draft)
    return [found[key] for key in sorted(found)]
