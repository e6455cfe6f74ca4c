"""Every check is documented, its page is as it says, its examples are there, and it answers them as it says."""

from __future__ import annotations

import json

import pytest

from tarazy.screening.checks import all_checks
from tarazy.screening.checks.base import CAPABILITY_NAMES, Check

from ..unit.screening.checks.examples import artifact_of

CHECKS = all_checks()


def name(check: Check) -> str:
    return check.name


def test_every_capability_has_its_check() -> None:
    assert sorted(check.name for check in CHECKS) == sorted(CAPABILITY_NAMES)


@pytest.mark.parametrize("check", CHECKS, ids=name)
def test_examples_of_a_check_are_tokens_of_the_corpus(check: Check) -> None:
    for token in (check.fires, check.must_not_fire):
        artifact = artifact_of(token)
        assert artifact.is_file(), f"{check.name}: expected the compiled token {artifact}"
        assert json.loads(artifact.read_text())["contracts"]


@pytest.mark.parametrize("check", CHECKS, ids=name)
def test_documentation_of_a_check_is_in_sentences(check: Check) -> None:
    for field in ("sees", "cannot_see"):
        text = getattr(check, field)
        assert text.rstrip().endswith("."), f"{check.name}: {field}: expected sentences"
        assert len(text) >= 40, f"{check.name}: {field}: expected what it sees in words, found {text!r}"
    assert not check.title.endswith("."), f"{check.name}: expected a title without a full stop"
