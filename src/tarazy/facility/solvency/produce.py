"""Make reports and clients' proofs at one point of the record, from the state there and what the facility signed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from tarazy.domain.records import CustodyLocation, Estate
from tarazy.facility.solvency.columns import amount_columns, salt_column
from tarazy.facility.solvency.tree_file import TreeFile, write_trees
from tarazy.journal.identity import Identity
from tarazy.oversight.solvency import levels
from tarazy.oversight.solvency.errors import SolvencyError
from tarazy.oversight.solvency.levels import LevelHasher
from tarazy.oversight.solvency.recompute import receipt_tops
from tarazy.oversight.solvency.report import (
    NOT_PROVED,
    PROOF_FORMAT,
    REPORT_FORMAT,
    shown_entry,
    shown_trees,
    where_signed,
)
from tarazy.oversight.solvency.signed_roots import HeadOverStatement, SignedRoot
from tarazy.oversight.solvency.verify_solvency_proof import AssetTrees, root_of_assets
from tarazy.spec.state import State


class Point(NamedTuple):
    """One point of the record: the state after a command, and what the facility signed about it, if anything."""

    identity: Identity
    seq: int
    state: State
    root: SignedRoot | None
    head: HeadOverStatement | None


class Prover:
    """Reports and proofs of one point, from stored trees. Close it, or use it in a `with`."""

    def __init__(self, point: Point, path: Path, hasher: LevelHasher = levels) -> None:
        """Write the trees to a file and open it.

        Raises: SolvencyError where the facility signed another root than the state gives; OSError.
        """
        self.point = point
        write_trees(path, salt_column(point.state), amount_columns(point.state), hasher)
        self._trees = TreeFile(path, hasher)
        self.assets = self._tops()
        root = root_of_assets(self.assets)
        if point.root is not None and point.root.statement.liabilities_root != root:
            self.close()
            raise SolvencyError(
                expected=f"the root {point.root.statement.liabilities_root.hex()} that was signed at {point.seq}",
                found=root.hex(),
                action="Run `tarazy replay`: the record and the engine disagree.",
            )

    def __enter__(self) -> Prover:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file of the trees."""
        self._trees.close()

    def _tops(self) -> list[AssetTrees]:
        """Return the tops of the trees of all assets."""
        receipts = receipt_tops(self.point.state)
        width = self._trees.positions
        return [(number, (width, self._trees.top(number)), receipts[number - 1]) for number in self._numbers()]

    def _numbers(self) -> range:
        return range(1, len(self.point.state.assets) + 1)

    def report(self, reserves: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """Return the public report; `reserves` are lines as `oversight/solvency/reserves.py` reads them."""
        point = self.point
        rows = [row | asset_facts(point.state, row["asset_id"]) for row in shown_trees(self.assets)]
        values: dict[str, Any] = {"format": REPORT_FORMAT, "facility_name": point.identity.name}
        values |= where_signed(point.identity, point.seq, self.assets, point.root, point.head)
        values |= {"ts_ns": str(point.state.last_ts_ns), "assets": rows, "reserves": reserves or []}
        return values | {"not_proved": list(NOT_PROVED)}

    def proof(self, account_id: int) -> dict[str, Any]:
        """Return an account's proof: its salt, its balances and their paths. Raises: SolvencyError."""
        balances = []
        for asset_id in self._numbers():
            amount_minor, path = self._trees.path(asset_id, account_id)
            if amount_minor:
                shown = [shown_entry(each) for each in path]
                balances.append({"asset_id": asset_id, "amount_minor": str(amount_minor), "path": shown})
        if not 0 < account_id <= len(self.point.state.accounts):
            raise SolvencyError(
                expected=f"an account from 1 to {len(self.point.state.accounts)}",
                found=str(account_id),
                action="Give the number that the account was opened with.",
            )
        point = self.point
        values: dict[str, Any] = {"format": PROOF_FORMAT, "account_id": account_id}
        values["salt"] = self._trees.salt(account_id).to_bytes(16, "little").hex()
        values |= where_signed(point.identity, point.seq, self.assets, point.root, point.head)
        names = [asset_name(point.state, asset_id) for asset_id in self._numbers()]
        rows = [row | name for row, name in zip(shown_trees(self.assets), names, strict=True)]
        return values | {"assets": rows, "balances": balances}


def asset_name(state: State, asset_id: int) -> dict[str, Any]:
    """Return what people call an asset, and how many decimal places it has; no root binds that."""
    asset = state.assets[asset_id - 1]
    return {"asset_code": asset.asset_code.rstrip(b"\0").decode("ascii", "replace"), "scale": asset.scale}


def asset_facts(state: State, asset_id: int) -> dict[str, Any]:
    """Return what a report says of one asset: its name, what is owed, and where the ledger says that it lies."""
    ledger = state.ledger.asset(asset_id)
    owed = sum(receipt_minor(each) for each in state.receipts.values() if each.asset_id == asset_id)
    owed += ledger.totals[3] + ledger.totals[4]
    custody = {
        location.name: str(ledger.custody[Estate.client][location - 1].minor)
        for location in CustodyLocation
        if ledger.custody[Estate.client][location - 1].minor
    }
    return asset_name(state, asset_id) | {
        "liabilities_minor": str(owed),
        "ledger": {
            "client_custody_minor": custody,
            "shortfall_minor": str(ledger.shortfall.minor),
            "fees_earned_minor": str(ledger.fees_earned.minor),
            "network_float_minor": str(ledger.network_float.minor),
        },
    }


def receipt_minor(receipt: Any) -> int:
    """Return what waits in a receipt, what is asked to be returned included."""
    return int(receipt.amount_minor + receipt.returning_minor)
