"""A check without its documentation cannot be defined; a check that fails leaves its capability unknown."""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.screening import checks
from tarazy.screening.bytecode.facts import analyse
from tarazy.screening.checks.base import CAPABILITY_NAMES, Check, Subject
from tarazy.screening.model import Answer, Capability, Evidence

from ..simulation.assembler import assemble

DOCUMENTED: dict[str, Any] = {
    "name": "mint",
    "title": "New tokens can be made",
    "sees": "Writes that raise the supply.",
    "cannot_see": "Code behind a proxy.",
    "impact": "high",
    "confidence": "medium",
    "goplus": ("is_mintable",),
    "fires": "mint_by_owner",
    "must_not_fire": "mint_once",
}
TOKEN = assemble(
    "PUSH0 CALLDATALOAD PUSH1 0xe0 SHR DUP1 PUSH4 0x70a08231 EQ @held JUMPI PUSH4 0xa9059cbb EQ @moved JUMPI"
    " PUSH0 PUSH0 REVERT held: PUSH1 4 CALLDATALOAD PUSH0 MSTORE PUSH1 32 PUSH0 RETURN"
    " moved: PUSH1 1 PUSH0 MSTORE PUSH1 32 PUSH0 RETURN"
)
SUBJECT = Subject(code=TOKEN, facts=analyse(TOKEN))


def define(run: Any = lambda self, subject: self.no("never"), **changes: Any) -> type[Check]:
    """Define a check whose fields differ in `changes`; None leaves a field out."""
    fields = {**DOCUMENTED, **changes}
    return type("Sample", (Check,), {**{k: v for k, v in fields.items() if v is not None}, "run": run})


def test_documented_check_can_be_defined() -> None:
    assert define()().run(SUBJECT).answer is Answer.NO


@pytest.mark.parametrize("field", DOCUMENTED)
def test_check_without_a_field_is_refused_by_name_of_the_field(field: str) -> None:
    with pytest.raises(TypeError, match=f"'{field}'"):
        define(**{field: None})


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "minting", "CAPABILITY_NAMES"),
        ("title", "  ", "'title'"),
        ("impact", "severe", "high, medium or low"),
        ("confidence", "sure", "high, medium or low"),
        ("goplus", "is_mintable", "tuple"),
        ("must_not_fire", "mint_by_owner", "expected two tokens"),
    ],
)
def test_check_with_a_wrong_field_is_refused_with_what_was_expected(field: str, value: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        define(**{field: value})


def test_documentation_is_not_inherited() -> None:
    with pytest.raises(TypeError, match="'name'"):
        type("Heir", (define(),), {})


def fails(self: Check, subject: Subject) -> Capability:
    raise ZeroDivisionError("by nought")


def answers_another(self: Check, subject: Subject) -> Capability:
    return Capability("burn", Answer.NO, "reason")


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (fails, "ZeroDivisionError: by nought"),
        (answers_another, "expected the capability mint, found burn"),
        (lambda self, subject: None, "expected a Capability, found NoneType"),
        (lambda self, subject: self.no(" "), "expected a reason"),
        (lambda self, subject: self.yes("it mints"), "expected evidence of a yes"),
    ],
)
def test_check_that_does_not_answer_properly_leaves_its_capability_unknown(run: Any, said: str) -> None:
    capability = checks.run_check(define(run)(), SUBJECT)
    assert (capability.name, capability.answer) == ("mint", Answer.UNKNOWN)
    assert said in capability.reason


def test_yes_with_evidence_is_passed_on() -> None:
    evidence = Evidence("code", "adds to the supply", offset=7)
    capability = checks.run_check(define(lambda self, subject: self.yes("it mints", evidence))(), SUBJECT)
    assert (capability.answer, capability.evidence) == (Answer.YES, (evidence,))


def test_checks_are_found_in_the_order_of_names() -> None:
    names = [check.name for check in checks.all_checks()]
    assert names == sorted(set(names))
    assert set(names) <= set(CAPABILITY_NAMES)


def test_every_capability_is_answered_even_where_no_check_is_built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "all_checks", lambda: (define()(),))
    answers = checks.run_checks(SUBJECT)
    assert tuple(answers) == CAPABILITY_NAMES
    assert answers["mint"].answer is Answer.NO
    assert answers["burn"].answer is Answer.UNKNOWN
    assert "no check" in answers["burn"].reason


def test_no_about_the_balances_of_code_that_is_no_token_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "all_checks", lambda: (define()(), define(name="selfdestruct")()))
    code = assemble("PUSH0 PUSH0 REVERT")
    answers = checks.run_checks(Subject(code=code, facts=analyse(code)))
    assert answers["mint"].answer is Answer.UNKNOWN
    assert "does not answer as a token" in answers["mint"].reason
    assert answers["selfdestruct"].answer is Answer.NO


def test_yes_about_code_that_is_no_token_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = Evidence("code", "adds to the supply", offset=7)
    check = define(lambda self, subject: self.yes("it mints", evidence))()
    monkeypatch.setattr(checks, "all_checks", lambda: (check,))
    code = assemble("PUSH0 PUSH0 REVERT")
    assert checks.run_checks(Subject(code=code, facts=analyse(code)))["mint"].answer is Answer.YES
