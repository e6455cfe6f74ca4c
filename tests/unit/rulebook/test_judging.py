"""Default logic: one rule decides a subject; exceptions, conflicts and gaps; what the forms of checks answer."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tarazy.domain.reject_codes import REJECT_INFO, RejectCode
from tarazy.rulebook import case as case_module
from tarazy.rulebook.catalogue import LoadedRule, all_rules, find_rule, regimes, rules_of
from tarazy.rulebook.errors import RulebookError, RuleConflictError, RuleGapError
from tarazy.rulebook.facts import FactSet, RuleFact
from tarazy.rulebook.gates import provisions_cited, rules_behind
from tarazy.rulebook.judging import check_conflicts, check_gaps, in_force, judge
from tarazy.rulebook.lint import ASKED_BY_REVIEWS, contradictions, idle_rules, word_faults, words_asked
from tarazy.rulebook.mutation import mutants
from tarazy.rulebook.situations import failures, situations_of
from tarazy.rulebook.terms import terms
from tarazy.rulebook.verdicts import Outcome, RuleVerdict, combined

DAY = date(2026, 11, 30)


def facts(**values: Any) -> FactSet:
    return FactSet(RuleFact(name, value, "test", "declared", date(2026, 1, 1)) for name, value in values.items())


def test_newest_form_of_a_rule_is_in_force() -> None:
    """The cap of 2021 (AMI 6.7) was blanked when the framework began on 1 January 2024."""
    caps = {
        day: [
            rule.folder.name
            for rule in rules_of("aifc")
            if rule.rule.subject == "monthly_cap" and rule.rule.is_in_force(day)
        ]
        for day in (date(2021, 10, 25), date(2023, 12, 31), date(2024, 1, 1))
    }
    assert list(caps.values()) == [[], ["monthly_cap_2021"], ["monthly_cap"]]


def test_two_rules_on_one_subject_are_a_conflict() -> None:
    first, second = find_rule("aifc/monthly_cap"), find_rule("aifc/monthly_cap_purchases")
    same = second._replace(rule=second.rule._replace(subject="monthly_cap"))
    with pytest.raises(RuleConflictError, match="one rule that decides"):
        check_conflicts([first, same], DAY)
    check_conflicts([first, same._replace(rule=same.rule._replace(overrides="monthly_cap"))], DAY)


def test_exception_without_its_rule_is_a_gap() -> None:
    with pytest.raises(RuleGapError, match="pre_trade_prices in force"):
        check_conflicts([find_rule("aifc/transparency_waiver")], DAY)


def test_subject_without_a_rule_is_a_gap() -> None:
    rules = [rule for rule in in_force("aifc", DAY) if rule.rule.subject != "retention_starts"]
    with pytest.raises(RuleGapError, match="retention_starts"):
        check_gaps(regimes()["aifc"], rules, DAY)


WAIVER = {"id": "W1", "begins": date(2026, 1, 1), "ends": date(2026, 12, 31), "threshold_minor": 1000}


@pytest.mark.parametrize(
    ("stated", "outcome", "excused"),
    [
        ({"transparency_waivers": [WAIVER], "hidden_order_min_minor": 1000, "feed_gap_max_s": 99}, Outcome.met, True),
        (
            {"transparency_waivers": [WAIVER], "hidden_order_min_minor": 999, "feed_gap_max_s": 99},
            Outcome.breached,
            False,
        ),
        ({"transparency_waivers": [], "feed_gap_max_s": 99}, Outcome.breached, False),
        ({"feed_gap_max_s": 99}, Outcome.breached, False),
        ({"transparency_waivers": [WAIVER], "feed_gap_max_s": 1}, Outcome.met, False),
        ({}, Outcome.unknown, False),
    ],
)
def test_exception_excuses_only_while_its_own_conditions_are_met(
    stated: dict[str, Any], outcome: Outcome, excused: bool
) -> None:
    found = {each.loaded.id: each for each in judge("aifc", facts(**stated), DAY)}["aifc/pre_trade_prices"]
    assert found.verdict.outcome is outcome
    assert bool(found.excused_by) is excused


def test_one_breach_is_a_breach_and_one_gap_leaves_the_rest_open() -> None:
    met, unknown, breached, none = (
        RuleVerdict(Outcome(o), o) for o in ("met", "unknown", "breached", "not_applicable")
    )
    assert combined([met, unknown, breached]).outcome is Outcome.breached
    assert combined([met, unknown, none]).outcome is Outcome.unknown
    assert combined([met, none]).outcome is Outcome.met
    assert combined([none]).outcome is combined([]).outcome is Outcome.not_applicable


def test_newest_fact_that_has_begun_counts_and_of_one_day_the_better_proven() -> None:
    found = FactSet(
        [
            RuleFact("board_seats", 9, "later", "declared", date(2027, 1, 1)),
            RuleFact("board_seats", 7, "company", "declared", date(2026, 1, 1)),
            RuleFact("board_seats", 6, "notary", "attested", date(2026, 1, 1)),
            RuleFact("board_seats", 5, "earlier", "replayed", date(2025, 1, 1)),
        ]
    )
    newest = found.at("board_seats", DAY)
    assert newest is not None
    assert newest.value == 6
    assert found.at("board_seats", date(2024, 1, 1)) is None


# ---------------------------------------------------------------- the forms of checks, mutated
def telling() -> Iterator[LoadedRule]:
    """Yield rules that between them use every form."""
    names = "notice_of_changes officers whistleblowing diligence_records three_rulebooks application_fee enforcement"
    yield from (find_rule(f"aifc/{name}") for name in names.split())


def test_no_flipped_comparison_of_the_forms_goes_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(case_module.__file__)
    rules = [(rule, situations_of(rule)) for rule in telling()]
    unseen = []
    # Only how many names a sentence shows, and whether there are rows to sweep: no answer depends on them.
    wording = {node.lineno for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.IfExp)}
    for mutant in mutants(path.read_text()):
        if mutant.line in wording:
            continue
        space: dict[str, Any] = {"__name__": "tarazy.rulebook.mutant", "__file__": str(path)}
        exec(compile(ast.fix_missing_locations(mutant.tree), str(path), "exec"), space)
        with monkeypatch.context() as patched:
            patched.setattr("tarazy.rulebook.catalogue.RuleCase", space["RuleCase"])
            if not any(told_apart(rule, situations) for rule, situations in rules):
                unseen.append(f"{mutant.line}: {mutant.change}")
    assert not unseen


def told_apart(rule: LoadedRule, situations: list[Any]) -> bool:
    """Return whether a situation answers otherwise, or fails."""
    try:
        return bool(failures(rule, situations))
    except Exception:
        return True


# ---------------------------------------------------------------- the whole
def test_words_are_defined_once_and_every_one_is_asked_for() -> None:
    assert not list(word_faults())
    asked = {word for rule in all_rules() for word in words_asked(rule)}
    assert asked | ASKED_BY_REVIEWS == set(terms())


def test_word_that_nobody_defines_and_word_defined_twice_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    known = list(terms().values())
    without = [each for each in known if each.name != "board_seats"]
    monkeypatch.setattr("tarazy.rulebook.lint.definitions", lambda: [*without, known[0]])
    faults = {(fault.kind, fault.about) for fault in word_faults()}
    assert faults == {("undefined", "aifc/independent_directors"), ("defined twice", known[0].name)}


def test_rules_that_contradict_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six years of records on the one side and seven on the other cannot both decide one subject of one regime."""
    six, seven = find_rule("aifc/retention"), find_rule("hk_vatp/seven_years")
    assert not list(contradictions())
    monkeypatch.setattr("tarazy.rulebook.lint.all_rules", lambda: (six, seven._replace(regime="aifc")))
    assert {fault.kind for fault in contradictions()} == {"contradiction"}


def test_rules_that_never_decided_are_named() -> None:
    idle = {fault.about for fault in idle_rules("aifc", facts(board_seats=6, board_independent=2), [DAY])}
    assert "aifc/independent_directors" not in idle
    assert "aifc/officers" in idle


@pytest.mark.parametrize(
    "code", [code for code in RejectCode if REJECT_INFO[code].citation], ids=lambda code: code.name
)
def test_every_refusal_that_cites_leads_to_a_rule(code: RejectCode) -> None:
    assert provisions_cited(REJECT_INFO[code].citation)
    assert rules_behind(code)


def test_checks_import_nothing_that_varies() -> None:
    allowed = ("__future__", "datetime", "tarazy.rulebook.", "tarazy.domain.")
    for rule in all_rules():
        for node in ast.walk(ast.parse((rule.folder / "rule.py").read_text())):
            assert not isinstance(node, ast.Import), rule.id
            if isinstance(node, ast.ImportFrom):
                assert str(node.module).startswith(allowed), rule.id
            if isinstance(node, ast.Constant):
                assert not isinstance(node.value, float), rule.id
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("today", "now"), rule.id


def test_unknown_regime_and_rule_are_refused() -> None:
    with pytest.raises(RulebookError, match="regime"):
        rules_of("mars")
    with pytest.raises(RulebookError, match="tarazy rules list"):
        find_rule("nothing")
