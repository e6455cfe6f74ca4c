"""What a supervisor computes itself from a replayed state: the trees of all assets, and whether a report agrees.

This is the readable path, through `spec/liabilities.py`; it stores nothing and does not look at what the facility
stored.
"""

from __future__ import annotations

from typing import Any

from tarazy.oversight.solvency.errors import SolvencyError
from tarazy.oversight.solvency.verify_solvency_proof import AssetTrees, root_of_assets
from tarazy.spec.liabilities import account_leaves, receipt_leaves, tree, width
from tarazy.spec.state import State


def asset_trees(state: State) -> list[AssetTrees]:
    """Return the tops of the trees of all assets."""
    count, found = len(state.accounts) + 1, []
    pairs = zip(account_leaves(state), receipt_leaves(state), strict=True)
    for asset_id, (accounts, receipts) in enumerate(pairs, 1):
        owed = width(count), tree(accounts, count)
        waiting = width(len(receipts)), tree(receipts, len(receipts))
        found.append((asset_id, owed, waiting))
    return found


def receipt_tops(state: State) -> list[tuple[int, tuple[bytes, int]]]:
    """Return (positions, top) of the receipts' tree of every asset."""
    return [(width(len(leaves)), tree(leaves, len(leaves))) for leaves in receipt_leaves(state)]


def compare_with_replay(shown: dict[str, Any], state: State) -> None:
    """Compare what a checked file shows with the state that a replay gives at its command.

    Raises: SolvencyError at the first asset whose total differs, else where the root does.
    """
    trees = asset_trees(state)
    for asset_id, accounts, receipts in trees:
        owed, said = accounts[1][1] + receipts[1][1], shown["totals"].get(asset_id)
        if said != owed:
            raise SolvencyError(
                expected=f"liabilities of {owed} in asset {asset_id}, as the journal gives them",
                found=str(said),
                action="The file and the journal are evidence: one of them was made up.",
            )
    root = root_of_assets(trees).hex()
    if root != shown["root"]:
        raise SolvencyError(
            expected=f"the root {root}, as the journal gives it",
            found=shown["root"],
            action="The file and the journal are evidence: somebody's balance stands under another root.",
        )
