"""The public report on one point of a facility's record: what is owed, what lies against it, and what is not proved.

It is JSON; amounts are decimal digits in minor units. Its root is that of the liabilities trees
(`spec/liabilities.py`), its statement the one in the facility's journal that names this root; `null` where the
facility signed none at this command, and then only a replay confirms it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tarazy.journal.identity import Identity
from tarazy.journal.signatures import is_signed
from tarazy.oversight.solvency.errors import SolvencyError
from tarazy.oversight.solvency.signed_roots import HeadOverStatement, SignedRoot
from tarazy.oversight.solvency.verify_solvency_proof import (
    AssetTrees,
    Entry,
    NotProved,
    check,
    check_head,
    check_statement,
    field,
    hexadecimal,
    need,
    number,
    read_assets,
    read_proof,
    root_of_assets,
)

REPORT_FORMAT = "tarazy solvency report 1"
PROOF_FORMAT = "tarazy solvency proof 1"
NOT_PROVED = (
    "That nobody else can move what lies at an address: a signature shows that somebody could at that time, not that "
    "only the facility can.",
    "That assets are free of liens, pledges and set-off.",
    "That the facility owes nothing outside its ledger: loans, guarantees and disputes that it never recorded.",
    "That a bank statement is genuine: it is kept by its hash; the bank can be asked.",
    "That a custodian has what its statement says: the line is the custodian's word.",
    "The facility's solvency as a company: its own assets and debts are not in this report.",
    "Anything about a moment between two reports.",
)


def shown_entry(entry: Entry) -> dict[str, str]:
    """Return an entry of a tree as plain values."""
    return {"hash": entry[0].hex(), "amount_minor": str(entry[1])}


def shown_trees(assets: list[AssetTrees]) -> list[dict[str, Any]]:
    """Return the tops of the assets' trees as plain values."""
    rows = []
    for asset_id, accounts, receipts in assets:
        row: dict[str, Any] = {"asset_id": asset_id}
        for name, (positions, top) in (("accounts", accounts), ("receipts", receipts)):
            row[name] = {"positions": str(positions)} | shown_entry(top)
        rows.append(row)
    return rows


def where_signed(
    identity: Identity, seq: int, assets: list[AssetTrees], root: SignedRoot | None, head: HeadOverStatement | None
) -> dict[str, Any]:
    """Return what report and client's proof have in common: the point, its root, and who signed it."""
    values: dict[str, Any] = {
        "facility_id": identity.facility_id.hex(),
        "facility_key": (root.public_key if root else identity.public_key).hex(),
        "seq": str(seq),
        "root": root_of_assets(assets).hex(),
        "statement": root.statement.pack().hex() if root else None,
        "head": {"frame": head.frame.hex(), "proof": head.proof.decode()} if head else None,
    }
    return values


def check_report(values: Any) -> dict[str, Any]:
    """Return what a report shows: root, totals by asset, and whether the facility signed this root.

    Raises: NotProved.
    """
    need(field(values, "format", str) == REPORT_FORMAT, f"expected the format {REPORT_FORMAT!r}")
    assets = read_assets(values)
    root = root_of_assets(assets)
    need(hexadecimal(values, "root", 32) == root, "the assets' trees do not have the root that the report names")
    for row, (asset_id, accounts, receipts) in zip(values["assets"], assets, strict=True):
        owed = accounts[1][1] + receipts[1][1]
        need(number(row, "liabilities_minor") == owed, f"asset {asset_id}: the liabilities are not those of the trees")
    found: dict[str, Any] = {"root": root.hex(), "seq": number(values, "seq", (1 << 64) - 1), "signed": False}
    found["facility_id"] = hexadecimal(values, "facility_id", 16).hex()
    found["totals"] = {asset_id: accounts[1][1] + receipts[1][1] for asset_id, accounts, receipts in assets}
    if values.get("statement") is None:
        return found
    facts = check_statement(values, root, is_signed)
    where = (facts["seq"], facts["facility_id"])
    need(where == (found["seq"], found["facility_id"]), "the statement is about another point")
    found.update(facts, signed=True, head_size=None)
    if values.get("head") is not None:
        found["head_size"] = checked_head(values, facts)
    return found


def checked_head(values: Any, facts: dict[str, Any]) -> int:
    """Return the size of the head that holds the statement. Raises: NotProved."""
    statement, key = hexadecimal(values, "statement", 256), bytes.fromhex(facts["facility_key"])
    try:
        return check_head(values["head"], statement, facts["facility_id"], key, is_signed)
    except ValueError as error:
        raise NotProved(f"the head that holds the statement cannot be read: {error}") from error


def check_file(path: Path) -> tuple[Any, dict[str, Any]]:
    """Return a report or client's proof and what it shows. Raises: SolvencyError, OSError."""
    try:
        values = read_proof(str(path))
        if field(values, "format", str) == REPORT_FORMAT:
            return values, check_report(values)
        return values, check(values, is_signed)
    except NotProved as error:
        raise SolvencyError(
            expected=f"{path} to hold",
            found=f"that it does not: {error}",
            action="Keep the file and take it to the authority: it is evidence.",
        ) from error
