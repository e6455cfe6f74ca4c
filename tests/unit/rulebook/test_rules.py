"""Every rule: its situations answer as they say, pin down every comparison, and show every outcome that it can have."""

from __future__ import annotations

from datetime import date

import pytest

from tarazy.rulebook.catalogue import LoadedRule, all_rules, regimes, rules_of
from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.judging import judge
from tarazy.rulebook.mutation import mutants, surviving
from tarazy.rulebook.rule import RuleForm
from tarazy.rulebook.situations import failures, outcomes_shown, situations_of
from tarazy.rulebook.sweep import quarters, swept
from tarazy.rulebook.verdicts import Outcome

RULES = all_rules()
LAST = date(2027, 12, 31)
# What the rulebook decides although our note calls it a matter of attestation: the fee is a number with a date.
MORE_THAN_NOTED = {"aifc/application_fee"}
CAN_DO = {"yes": RuleForm.coded, "partly": RuleForm.partly, "attestation": RuleForm.attested}


def name(rule: LoadedRule) -> str:
    return rule.id


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_situations_answer_as_they_say(rule: LoadedRule) -> None:
    assert not failures(rule)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_situations_show_met_breached_and_unknown(rule: LoadedRule) -> None:
    assert {Outcome.met, Outcome.breached, Outcome.unknown} <= outcomes_shown(rule)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_no_flipped_comparison_goes_unseen(rule: LoadedRule) -> None:
    assert not surviving(rule)


def test_a_comparison_without_its_boundary_is_found() -> None:
    rule = next(each for each in RULES if each.id == "aifc/notice_of_changes")
    without = [each for each in situations_of(rule) if "ten days" not in each.name]
    changed = [mutant for mutant in mutants((rule.folder / "rule.py").read_text()) if mutant.change == "GtE to Gt"]
    namespace: dict[str, object] = {"__name__": "mutant"}
    exec(compile(changed[0].tree, "rule.py", "exec"), namespace)
    flipped = rule._replace(check=namespace["check"])  # type: ignore[arg-type]
    assert not failures(flipped, without)
    assert failures(flipped)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_nothing_known_is_never_met(rule: LoadedRule) -> None:
    for day in quarters(rule.rule.begins, rule.rule.ends or LAST):
        assert rule.decide(FactSet(), day).outcome in (Outcome.unknown, Outcome.not_applicable)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_no_rule_claims_more_than_a_program_can_decide(rule: LoadedRule) -> None:
    forms = list(RuleForm)
    best = min((CAN_DO[row.machine] for row in rule.rule.rows()), key=forms.index)
    assert forms.index(rule.rule.form) >= forms.index(best) or rule.id in MORE_THAN_NOTED


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_rule_is_told_in_sentences(rule: LoadedRule) -> None:
    assert rule.asks.endswith(".")
    assert len(rule.asks) > 20
    assert rule.rule.why.endswith(".")
    assert not rule.rule.title.endswith(".")


def test_every_quarter_has_one_rule_for_every_subject_and_a_row_for_every_value() -> None:
    assert not swept(LAST)


@pytest.mark.parametrize("regime", regimes())
def test_judged_without_any_fact_nothing_is_met(regime: str) -> None:
    found = judge(regime, FactSet(), date(2026, 11, 30))
    assert len(found) == sum(rule.rule.is_in_force(date(2026, 11, 30)) for rule in rules_of(regime))
    assert not [each.loaded.id for each in found if each.verdict.outcome in (Outcome.met, Outcome.breached)]
