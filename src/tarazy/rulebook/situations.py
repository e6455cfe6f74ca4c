"""Situations of a rule: facts in few lines, named as a sentence, with the outcome that a reader of the text expects."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.rulebook.catalogue import LoadedRule
from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.facts import FactSet, RuleFact
from tarazy.rulebook.toml_files import check_fields, read_toml, rows_of
from tarazy.rulebook.values import DatedValue, DatedValues
from tarazy.rulebook.verdicts import Outcome, RuleVerdict

ASOF = date(2026, 11, 30)
LONG_AGO = date(2000, 1, 1)


class RuleSituation(NamedTuple):
    """One situation; `values` stand in the place of the rule's own, for a number that nobody has seen yet."""

    name: str
    outcome: Outcome
    asof: date
    facts: FactSet
    values: dict[str, Any]


def situations_of(rule: LoadedRule) -> list[RuleSituation]:
    """Return the situations of a rule.

    Raises: RulebookError.
    """
    return load_situations(rule.folder / "situations.toml", rule.id)


def load_situations(path: Path, where: str) -> list[RuleSituation]:
    """Read `situations.toml`.

    Raises: RulebookError.
    """
    rows = rows_of(path, read_toml(path), "situation")
    found = [_situation(f"{where}, situation {number}", row) for number, row in enumerate(rows, 1)]
    names = [each.name for each in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise RulebookError(where, expected="each situation once", found=f"two named {twice!r}")
    return found


def _situation(where: str, row: dict[str, Any]) -> RuleSituation:
    check_fields(where, row, {"name": str, "outcome": str}, {"asof": date, "facts": dict, "values": dict})
    if row["outcome"] not in list(Outcome):
        raise RulebookError(where, expected=f"an outcome of {', '.join(Outcome)}", found=row["outcome"])
    facts = FactSet(RuleFact(name, value, where, "assumed", LONG_AGO) for name, value in row.get("facts", {}).items())
    return RuleSituation(row["name"], Outcome(row["outcome"]), row.get("asof", ASOF), facts, row.get("values", {}))


def decided(rule: LoadedRule, situation: RuleSituation) -> RuleVerdict:
    """Return the rule's answer in a situation."""
    return rule._replace(values=with_values(rule.values, situation.values)).decide(situation.facts, situation.asof)


def with_values(values: DatedValues, instead: dict[str, Any]) -> DatedValues:
    """Return values with some replaced.

    Raises: RulebookError for a key that the rule does not have.
    """
    unknown = set(instead) - set(values.keys)
    if unknown:
        raise RulebookError(values.where, expected=f"keys {', '.join(values.keys)}", found=", ".join(sorted(unknown)))
    rows = [_replaced(row, instead[row.key]) if row.key in instead else row for row in values.rows]
    return DatedValues(values.where, rows)


def _replaced(row: DatedValue, value: Any) -> DatedValue:
    return row._replace(value=value, status="default")


def failures(rule: LoadedRule, situations: list[RuleSituation] | None = None) -> list[str]:
    """Return every situation whose outcome is not as it says, with what was found."""
    found = []
    for each in situations if situations is not None else situations_of(rule):
        verdict = decided(rule, each)
        if verdict.outcome is not each.outcome:
            found.append(f"{rule.id}: {each.name}: expected {each.outcome}, found {verdict.outcome}: {verdict.because}")
    return found


def outcomes_shown(rule: LoadedRule) -> set[Outcome]:
    """Return the outcomes that the situations of a rule show."""
    return {each.outcome for each in situations_of(rule)}
