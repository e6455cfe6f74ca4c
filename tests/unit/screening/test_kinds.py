"""Kinds of contracts that were, or could be, read wrongly are read as `tests/corpus/kinds/expected.csv` says.

Shape of a failure: the capabilities and the verdict that are not as expected, each in a few words.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus.kinds import kinds, rows


@pytest.mark.parametrize("name", [row["id"] for row in rows()])
def test_kind_is_read_as_expected(name: str, node_tools: Path) -> None:
    kind = kinds(node_tools)[name]
    assert kind.faults(kind.screened()) == []
