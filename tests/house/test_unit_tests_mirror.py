"""`tests/unit/` is the source tree once more, so that the tests of a package are found without a search."""

from __future__ import annotations

import pytest

from .repository import ROOT, SOURCE, tracked_files

UNIT = ROOT / "tests" / "unit"
WITHOUT_A_PACKAGE = {"venue", "screening/bench"}  # spec and core as one; what bench/screening_*.py measure
ARTIFACTS = "contracts"  # lie beside the tests that run them


def test_every_folder_of_unit_tests_is_a_package_of_the_source() -> None:
    folders = {path.parent.relative_to(UNIT) for path in tracked_files() if path.is_relative_to(UNIT)}
    found = {str(each) for each in folders if ARTIFACTS not in each.parts and not (SOURCE / each).is_dir()}
    assert found == WITHOUT_A_PACKAGE, "move the others below the package that they test"


def test_no_test_lies_beside_the_folders() -> None:
    assert [path.name for path in tracked_files() if path.parent == UNIT] == ["__init__.py"]


def test_every_folder_with_tests_is_run(pytestconfig: pytest.Config) -> None:
    tests = ROOT / "tests"
    found = {path.relative_to(tests).parts[0] for path in tests.rglob("test_*.py")}
    assert {f"tests/{folder}" for folder in found} == set(pytestconfig.getini("testpaths"))
