"""The patterns that lie beside the clone are read as `expected.csv` says; without them these tests are skipped.

Shape of a failure: the capabilities and the verdict that are not as expected, each in a few words.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus.patterns import Pattern, folder, names, patterns

WHERE = "the patterns are not here: put them at ../shared/data/tokens/patterns or set TARAZY_PATTERNS"


@pytest.mark.skipif(folder() is None, reason=WHERE)
@pytest.mark.parametrize("name", names() or ["none"])
def test_pattern_is_read_as_expected(name: str, node_tools: Path) -> None:
    pattern = next((each for each in patterns(node_tools) if each.name == name), None)
    if pattern is None:
        pytest.skip("no compiler for it is here: put a `vyper` of version 0.3.10 on the path, or set VYPER")
    assert isinstance(pattern, Pattern)
    assert pattern.faults(pattern.screened()) == []
