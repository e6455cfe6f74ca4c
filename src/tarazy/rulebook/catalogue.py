"""All rules, read from the folders of their regimes."""

from __future__ import annotations

import importlib
import sys
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.errors import MissingEvidenceError, RulebookError
from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.provisions import NOT_YET, provisions
from tarazy.rulebook.rule import Rule, RuleCheck
from tarazy.rulebook.toml_files import check_fields, read_toml
from tarazy.rulebook.values import DatedValues, load_values
from tarazy.rulebook.verdicts import Outcome, RuleVerdict

FOLDER = Path(__file__).with_name("regimes")


class LoadedRule(NamedTuple):
    """A rule with its check and its values; `id` is `regime/folder`."""

    id: str
    regime: str
    folder: Path
    rule: Rule
    check: RuleCheck
    values: DatedValues

    @property
    def asks(self) -> str:
        """Return what the rule asks: the sentence at the head of its file."""
        return " ".join((sys.modules[self.check.__module__].__doc__ or "").split())

    def standing(self, day: date) -> str:
        """Return what the rule is on a day.

        `enacted`: binding text was seen, and with it every number that counts. `enacted_with_default`: the text was
        seen, a number of it is ours or nobody's. `proposal`, `expected`, else `default`: no binding text was seen.
        """
        if not self.rule.is_law:
            stages = {row.stage for row in self.rule.rows()} & set(NOT_YET)
            return min(stages, default="default")
        begun = [row for row in self.values.rows if row.begins <= day]
        newest = {row.key: row.status for row in begun}
        return "enacted" if set(newest.values()) <= {"enacted"} else "enacted_with_default"

    def decide(self, facts: FactSet, asof: date) -> RuleVerdict:
        """Return the rule's answer on a day, with the trace of what it read.

        Raises: RuleGapError where a value of it has no row in force.
        """
        if not self.rule.is_in_force(asof):
            return RuleVerdict(Outcome.not_applicable, f"not in force on {asof}")
        return self.decide_case(RuleCase(self.id, facts, self.values, asof))

    def decide_case(self, case: RuleCase) -> RuleVerdict:
        """Return the answer of a rule in force on a case, which keeps what was read.

        Raises: RuleGapError.
        """
        try:
            found = self.check(case)
        except MissingEvidenceError as error:
            found = RuleVerdict(Outcome.unknown, str(error), settled_by=(error.settled_by,))
        return found._replace(trace=tuple({used.name: used for used in case.trace}.values()))


class RuleRegime(NamedTuple):
    """A regime: its name, who supervises, and the subjects that are never without a rule, each with its first day."""

    name: str
    title: str
    authority: str
    covers: dict[str, date]


@cache
def regimes() -> dict[str, RuleRegime]:
    """Return every regime by its name.

    Raises: RulebookError.
    """
    found = {}
    for path in sorted(FOLDER.glob("*/regime.toml")):
        row = read_toml(path)
        check_fields(path.parent.name, row, {"title": str, "authority": str, "covers": dict}, {})
        found[path.parent.name] = RuleRegime(path.parent.name, **row)
    return found


@cache
def rules_of(regime: str) -> tuple[LoadedRule, ...]:
    """Return the rules of a regime, by name.

    Raises: RulebookError where there is no such regime, or a rule of it cannot be used.
    """
    if regime not in regimes():
        raise RulebookError("regime", expected=f"one of {', '.join(regimes())}", found=repr(regime)[:60])
    folders = sorted(path.parent for path in (FOLDER / regime).glob("*/rule.py"))
    return tuple(load_rule(folder, regime) for folder in folders)


def all_rules() -> tuple[LoadedRule, ...]:
    """Return every rule of every regime."""
    return tuple(rule for regime in regimes() for rule in rules_of(regime))


def find_rule(rule_id: str) -> LoadedRule:
    """Return a rule by its id, `regime/name`, or by its name alone where one regime has it.

    Raises: RulebookError.
    """
    found = [each for each in all_rules() if rule_id in (each.id, each.folder.name)]
    if len(found) != 1:
        what = "none" if not found else ", ".join(each.id for each in found)
        raise RulebookError("rule", expected=f"one rule {rule_id[:60]!r}", found=what, action="See: tarazy rules list")
    return found[0]


def load_rule(folder: Path, regime: str) -> LoadedRule:
    """Read one rule's folder.

    Raises: RulebookError.
    """
    rule_id = f"{regime}/{folder.name}"
    module = importlib.import_module(f"tarazy.rulebook.regimes.{regime}.{folder.name}.rule")
    rule, check = getattr(module, "RULE", None), getattr(module, "check", None)
    if not isinstance(rule, Rule) or not callable(check):
        raise RulebookError(f"{rule_id}/rule.py", expected="RULE and check", found="none of this kind")
    _check_rule(rule_id, rule, regime)
    return LoadedRule(rule_id, regime, folder, rule, check, load_values(folder / "values.toml", rule_id))


def _check_rule(rule_id: str, rule: Rule, regime: str) -> None:
    """Refuse a rule that does not say what the reader needs."""
    for field in ("title", "subject", "why"):
        if not getattr(rule, field).strip():
            raise RulebookError(rule_id, expected=f"a {field}", found="none")
    unknown = [each for each in rule.provisions if each not in provisions(regime)]
    if unknown or not rule.provisions:
        raise RulebookError(rule_id, expected=f"provisions of {regime}", found=", ".join(unknown) or "none")
    if rule.ends is not None and rule.ends < rule.begins:
        raise RulebookError(rule_id, expected="an end after the begin", found=f"{rule.begins} to {rule.ends}")
