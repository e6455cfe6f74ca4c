"""An operator that cheats: it has the facility's key and signs whatever root it likes, over whatever it likes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tarazy.facility.solvency.produce import Point, Prover
from tarazy.journal.identity import Identity, load_identity
from tarazy.journal.keys import load_signing_key
from tarazy.journal.replay import state_at
from tarazy.oversight.solvency.report import PROOF_FORMAT, shown_entry, shown_trees, where_signed
from tarazy.oversight.solvency.signed_roots import SignedRoot, signed_roots
from tarazy.oversight.solvency.verify_solvency_proof import AssetTrees, root_of_assets
from tarazy.spec.liabilities import ZERO, Entry, leaf, width
from tarazy.spec.state import State
from tarazy.spec.venue import Venue

from .records import Record

Join = Callable[[Entry, Entry], Entry]


class Crook:
    """The operator of a record, with its key; `state` is a copy that it may change before it signs."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.identity: Identity = load_identity(record.directory)
        self.key = load_signing_key(record.directory, self.identity)
        self.honest = next(each for each in signed_roots(record.directory) if each.statement.seq == record.seq)
        venue = state_at(record.directory, Venue, record.seq)
        assert isinstance(venue, Venue)
        self.state: State = venue.state

    def signed(self, assets: list[AssetTrees]) -> SignedRoot:
        """Return a statement over a root of its own making, with the facility's true signature."""
        statement = self.honest.statement._replace(liabilities_root=root_of_assets(assets))
        return self.honest._replace(statement=statement.signed(self.key))

    def files(self, folder: Path, *account_ids: int) -> tuple[Any, dict[int, Any]]:
        """Return a report and proofs over the changed state, made by the product and signed."""
        folder.mkdir()
        point = Point(self.identity, self.record.seq, self.state, None, None)
        with Prover(point, folder / "trees") as prover:
            prover.point = point._replace(root=self.signed(prover.assets))
            return prover.report(), {each: prover.proof(each) for each in account_ids}

    def proof_from(self, asset_id: int, amounts: dict[int, int], join: Join, account_id: int) -> Any:
        """Return a proof over a tree of one asset whose parents it makes its own way; the other assets stay honest."""
        levels = [self.leaves(asset_id, amounts)]
        while len(levels[-1]) > 1:
            level = levels[-1]
            levels.append([join(level[at], level[at + 1]) for at in range(0, len(level), 2)])
        path = [level[account_id >> height ^ 1] for height, level in enumerate(levels[:-1])]
        rows = self.record.report["assets"]
        tops = [[top_of(row["accounts"]), top_of(row["receipts"])] for row in rows]
        tops[asset_id - 1][0] = len(levels[0]), levels[-1][0]
        assets: list[AssetTrees] = [(number, *both) for number, both in enumerate(tops, 1)]  # type: ignore[misc]
        values = where_signed(self.identity, self.record.seq, assets, self.signed(assets), None)
        balance = {"asset_id": asset_id, "amount_minor": str(amounts.get(account_id, 0))}
        balance["path"] = [shown_entry(each) for each in path]  # type: ignore[assignment]
        salt = self.state.accounts[account_id - 1].leaf_salt.to_bytes(16, "little").hex()
        values |= {"format": PROOF_FORMAT, "account_id": account_id, "salt": salt, "balances": [balance]}
        return values | {"assets": shown_trees(assets)}

    def leaves(self, asset_id: int, amounts: dict[int, int]) -> list[Entry]:
        """Return all leaves of an asset's tree."""
        found = [ZERO] * width(len(self.state.accounts) + 1)
        for account_id, amount in amounts.items():
            if amount:
                found[account_id] = leaf(asset_id, account_id, self.state.accounts[account_id - 1].leaf_salt, amount)
        return found

    def amounts(self, asset_id: int) -> dict[int, int]:
        """Return what every account is owed of an asset."""
        return {
            key >> 32: balance.available.minor + balance.held.minor
            for key, balance in self.state.ledger.balances.items()
            if key & 0xFFFFFFFF == asset_id
        }


def top_of(tree: Any) -> tuple[int, Entry]:
    """Return the top of a tree as a report shows it."""
    return int(tree["positions"]), (bytes.fromhex(tree["hash"]), int(tree["amount_minor"]))
