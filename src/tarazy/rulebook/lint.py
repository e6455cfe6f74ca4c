"""What is wrong with the rulebook as a whole, read from its source: words, contradictions, rules that never decided.

A word is undefined where a rule asks for it and `terms/` does not have it, and idle where neither a rule nor a review
asks for it. Two rules contradict where the same facts of a situation are met by one and breached by the other, on one
subject in one regime. A rule never decided anything where all its answers on real facts were unknown or not applicable.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from tarazy.rulebook.catalogue import LoadedRule, all_rules, rules_of
from tarazy.rulebook.costs import COSTS
from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.situations import situations_of
from tarazy.rulebook.terms import definitions
from tarazy.rulebook.verdicts import Outcome

ASKING = frozenset({"number", "flag", "day", "text", "rows", "current", "age_days", "is_known", "each", "has_all"})
DECIDED = (Outcome.met, Outcome.breached)
ASKED_BY_REVIEWS = frozenset({COSTS})


class LintFault(NamedTuple):
    """One fault: its kind, the rule or word that it is about, and a sentence."""

    kind: str
    about: str
    sentence: str


def words_asked(rule: LoadedRule) -> set[str]:
    """Return the facts that a rule asks for, read from the calls on its case."""
    tree = ast.parse((rule.folder / "rule.py").read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        on_case = isinstance(node.func.value, ast.Name) and node.func.value.id == "case"
        first = node.args[0]
        is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
        if on_case and is_text and node.func.attr in ASKING:
            found.add(str(ast.literal_eval(first)))
    return found | ({"attestations"} if str(rule.rule.form) == "attested" else set())


def word_faults() -> Iterator[LintFault]:
    """Yield words that are undefined, defined twice, or that no rule asks for."""
    counts = Counter(each.name for each in definitions())
    asked: dict[str, str] = {}
    for rule in all_rules():
        for word in words_asked(rule):
            asked.setdefault(word, rule.id)
    for word, rule_id in sorted(asked.items()):
        if word not in counts:
            yield LintFault("undefined", rule_id, f"asks for {word}, which no file of terms defines")
    for word, count in sorted(counts.items()):
        if count > 1:
            yield LintFault("defined twice", word, f"{count} definitions")
        if word not in asked and word not in ASKED_BY_REVIEWS:
            yield LintFault("idle", word, "no rule asks for it")


def contradictions() -> Iterator[LintFault]:
    """Yield pairs of rules on one subject of which one is met by the facts that breach the other."""
    for rules in _by_subject().values():
        for rule in rules:
            for situation in situations_of(rule):
                if situation.values or situation.outcome not in DECIDED:
                    continue
                for other in rules:
                    if other is rule or rule.id in (f"{other.regime}/{other.rule.overrides}",):
                        continue
                    found = other.decide(situation.facts, situation.asof).outcome
                    if found in DECIDED and found is not situation.outcome:
                        words = f"{situation.name}: {situation.outcome} here, {found} by {other.id}"
                        yield LintFault("contradiction", rule.id, words)


def _by_subject() -> dict[tuple[str, str], list[LoadedRule]]:
    found: dict[tuple[str, str], list[LoadedRule]] = {}
    for rule in all_rules():
        found.setdefault((rule.regime, rule.rule.subject), []).append(rule)
    return found


def idle_rules(regime: str, facts: FactSet, days: Iterable[date]) -> Iterator[LintFault]:
    """Yield the rules of a regime that decided on none of some days."""
    days = list(days)
    for rule in rules_of(regime):
        answers = {rule.decide(facts, day).outcome for day in days if rule.rule.is_in_force(day)}
        if answers and not answers & set(DECIDED):
            yield LintFault("never decided", rule.id, f"its answers: {', '.join(sorted(answers))}")
