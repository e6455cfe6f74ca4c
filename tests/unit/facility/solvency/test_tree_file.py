"""Stored trees: every path leads to the top that `spec/liabilities.py` computes, whichever module hashed the levels."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tarazy.facility.solvency.tree_file import TreeFile, write_trees
from tarazy.oversight.solvency import levels
from tarazy.oversight.solvency.errors import SolvencyError
from tarazy.oversight.solvency.verify_solvency_proof import account_leaf, top_of
from tarazy.spec.liabilities import leaf, tree, width

CORE = import_module("tarazy_core") if find_spec("tarazy_core") else None
HASHERS: dict[str, Any] = {"spec": levels}
if hasattr(CORE, "liability_entries"):
    HASHERS["core"] = CORE
AMOUNTS = st.one_of(st.just(0), st.integers(1, 1 << 100))
COLUMNS = st.integers(0, 40).flatmap(
    lambda count: st.tuples(
        st.lists(st.integers(0, (1 << 128) - 1), min_size=count, max_size=count),
        st.lists(st.lists(AMOUNTS, min_size=count, max_size=count), min_size=1, max_size=3),
    )
)


def packed(numbers: list[int]) -> bytes:
    """Return a column; position 0 is 0."""
    return b"".join(each.to_bytes(16, "little") for each in [0, *numbers])


@pytest.fixture(params=HASHERS)
def hasher(request: pytest.FixtureRequest) -> Any:
    """Return each module that hashes levels in turn."""
    return HASHERS[request.param]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(columns=COLUMNS)
def test_every_path_leads_to_the_top_of_the_specification(
    columns: tuple[list[int], list[list[int]]], hasher: Any, tmp_path: Path
) -> None:
    salts, assets = columns
    write_trees(tmp_path / "trees", packed(salts), map(packed, assets), hasher)
    with TreeFile(tmp_path / "trees", hasher) as stored:
        assert stored.positions == width(len(salts) + 1)
        for asset_id, amounts in enumerate(assets, 1):
            placed = [(n, leaf(asset_id, n, salts[n - 1], amount)) for n, amount in enumerate(amounts, 1) if amount]
            assert stored.top(asset_id) == tree(placed, len(salts) + 1)
            for account_id, (salt, amount) in enumerate(zip(salts, amounts, strict=True), 1):
                found, path = stored.path(asset_id, account_id)
                assert (found, stored.salt(account_id)) == (amount, salt)
                assert top_of(account_leaf(asset_id, account_id, salt, amount), account_id, path) == stored.top(
                    asset_id
                )


def test_several_blocks_and_threads_give_one_tree(hasher: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tarazy.facility.solvency.tree_file.BLOCK", 64)
    count = 1_000
    salts, amounts = list(range(7, 7 + count)), [number * number % 97 for number in range(count)]
    write_trees(tmp_path / "trees", packed(salts), [packed(amounts)], hasher, threads=3)
    placed = [(n, leaf(1, n, salts[n - 1], amount)) for n, amount in enumerate(amounts, 1) if amount]
    with TreeFile(tmp_path / "trees") as stored:
        assert stored.top(1) == tree(placed, count + 1)


def test_sum_that_does_not_fit_128_bits_is_refused_not_wrapped(hasher: Any) -> None:
    largest = (1 << 128) - 1
    with pytest.raises(ValueError, match="128 bits"):
        hasher.liability_entries(1, 0, bytes(32), largest.to_bytes(16, "little") * 2, 1)


def test_column_of_another_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SolvencyError, match="3 amounts for 3 salts, found 2 in the column of asset 1"):
        write_trees(tmp_path / "trees", packed([1, 2]), [packed([5])])


def test_file_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "trees"
    write_trees(path, packed([1, 2, 3]), [packed([4, 5, 6])])
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SolvencyError, match="a file of liabilities trees"):
        TreeFile(path)


def test_account_that_nobody_opened_has_no_path(tmp_path: Path) -> None:
    write_trees(tmp_path / "trees", packed([1]), [packed([4])])
    with TreeFile(tmp_path / "trees") as stored, pytest.raises(SolvencyError, match="an account from 1 to 1"):
        stored.path(1, 2)
