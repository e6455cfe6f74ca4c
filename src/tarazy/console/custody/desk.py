"""What the custodian's pages ask: custody's file and what the record says, as they are when somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tarazy.facility.custody.inventory import addresses, proofs_due, wallets
from tarazy.facility.custody.key_register import audit_due, holders, keys, open_questions
from tarazy.facility.custody.offline_files import decimal_text
from tarazy.facility.custody.outputs import outputs, overdue
from tarazy.facility.custody.record_view import RecordView
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.sweeps import plan_sweep
from tarazy.facility.custody.withdrawal_rows import OPEN, payments, withdrawals
from tarazy.facility.projections.effects import Pool

ROWS_MAX = 200


class CustodyPages(NamedTuple):
    """The pages of one facility. `view` gives what the record says now."""

    facility: str
    store: CustodyStore
    view: Callable[[], RecordView]

    def wallet_data(self) -> dict[str, Any]:
        """Return wallets, what lies where of each asset, and what is due."""
        view, store = self.view(), self.store
        assets = [asset_row(view, store, row[0]) for row in store.all("SELECT asset_id FROM assets ORDER BY asset_id")]
        rows = [
            wallet._asdict() | {"addresses": len(addresses(store, wallet=wallet.wallet))} for wallet in wallets(store)
        ]
        due = {"proofs": len(proofs_due(store)), "audit": audit_due(store), "unattributed": len(overdue(store))}
        return {"facility": self.facility, "assets": assets, "wallets": rows, "due": due}

    def transfer_data(self) -> dict[str, Any]:
        """Return what is on its way out, and the newest arrivals."""
        view, store = self.view(), self.store
        leaving = [
            row.plain()
            | {"amount": amount_text(view, row.asset_id, row.amount_minor), "sent": sent_as(store, row.request)}
            for row in withdrawals(store, *OPEN)[:ROWS_MAX]
        ]
        arrived = outputs(store, "state IN ('seen', 'credited', 'waiting', 'undone')")[-ROWS_MAX:]
        arrivals = [
            row.plain() | {"amount": amount_text(view, row.asset_id, row.amount_minor)} for row in reversed(arrived)
        ]
        return {"facility": self.facility, "withdrawals": leaving, "arrivals": arrivals}

    def key_data(self) -> dict[str, Any]:
        """Return the register of keys with its holders, and what waits for a decision."""
        rows = [row._asdict() | {"holders": holders(self.store, row.key_id)} for row in keys(self.store)]
        questions = [each._asdict() for each in open_questions(self.store)]
        return {"facility": self.facility, "keys": rows, "questions": questions, "audit_due": audit_due(self.store)}


def asset_row(view: RecordView, store: CustodyStore, asset_id: int) -> dict[str, Any]:
    """Return what lies where of an asset, in its own unit."""
    plan = plan_sweep(view, store, asset_id)
    code, _ = view.scales.get(asset_id, (f"asset {asset_id}", 0))

    def text(minor: int) -> str:
        return amount_text(view, asset_id, minor)

    shortfall = view.pool_minor(asset_id, Pool.shortfall)
    return {
        "asset_id": asset_id,
        "code": code,
        "hot": text(plan.hot_minor),
        "warm": text(plan.warm_minor),
        "cold": text(plan.cold_minor),
        "cold_percent": f"{plan.cold_ppm // 10_000}.{plan.cold_ppm % 10_000 // 1_000}",
        "move": text(abs(plan.move_minor)) if plan.move_minor else "",
        "to_cold": plan.move_minor > 0,
        "shortfall": text(shortfall) if shortfall else "",
        "unattributed": text(view.pool_minor(asset_id, Pool.unattributed)),
    }


def amount_text(view: RecordView, asset_id: int, minor: int) -> str:
    """Return an amount with its decimal places and the asset's code."""
    code, scale = view.scales.get(asset_id, (f"of asset {asset_id}", 0))
    return f"{decimal_text(minor, scale)} {code}"


def sent_as(store: CustodyStore, request: int) -> str:
    """Return the newest transaction of a withdrawal, "" before there is one."""
    found = [each.transaction_id for each in payments(store, "request = ?", request) if each.transaction_id]
    return found[-1] if found else ""
