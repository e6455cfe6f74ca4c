"""Every check answers yes for the token that it names, with evidence and a holder, and no for the benign one."""

from __future__ import annotations

import pytest

from tarazy.screening.checks import all_checks
from tarazy.screening.checks.base import Check
from tarazy.screening.model import Answer

from .examples import answer_for

CHECKS = all_checks()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_check_fires_on_its_example_with_evidence(check: Check) -> None:
    found = answer_for(check.name, example="fires")
    assert found.answer is Answer.YES, f"{check.fires}: {found.reason}"
    assert found.evidence
    assert found.reason


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_check_does_not_fire_on_the_twin(check: Check) -> None:
    found = answer_for(check.name, example="must_not_fire")
    assert found.answer is Answer.NO, f"{check.must_not_fire}: {found.answer}: {found.reason}"
