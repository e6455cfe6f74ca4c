"""`tarazy custody status DIR`: wallets, what is hot and cold of each asset, and what is due."""

from __future__ import annotations

import argparse

from tarazy.cli.custody.desk import add_desk, open_store, view_of
from tarazy.cli.output import Output
from tarazy.facility.custody.inventory import addresses, proofs_due, wallets
from tarazy.facility.custody.key_register import audit_due, open_questions
from tarazy.facility.custody.outputs import overdue
from tarazy.facility.custody.record_view import RecordView
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.sweeps import SweepPlan, plan_sweep
from tarazy.facility.custody.withdrawal_rows import withdrawals
from tarazy.facility.projections.effects import Pool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Say how custody stands; exit code 1 where a floor is not kept or something is overdue."""
    view = view_of(arguments.directory)
    with open_store(arguments) as store:
        plans = [plan_sweep(view, store, row[0]) for row in store.all("SELECT asset_id FROM assets ORDER BY asset_id")]
        tell_wallets(store, output)
        proofs = [row.address for row in proofs_due(store)]
        rekey = [each.key_id for each in open_questions(store)]
        late = [row.receipt_id for row in overdue(store)]
        short = [row.request for row in withdrawals(store, "hot_short")]
        audit, today = audit_due(store), store.today.isoformat()
        rows = [wallet._asdict() for wallet in wallets(store)]
    assets = [tell_asset(view, plan, output) for plan in plans]
    output.say(f"proofs of control due: {len(proofs)}; keys to decide on: {len(rekey)}; audit by {audit}")
    due = {"proofs": proofs, "rekey": rekey, "audit": audit, "hot_short": short, "unattributed": late}
    output.result({"wallets": rows, "assets": assets, "due": due})
    return 1 if audit < today or any(plan.move_minor for plan in plans) or short or late else 0


def tell_wallets(store: CustodyStore, output: Output) -> None:
    """Say each wallet in a line."""
    for wallet in wallets(store):
        count = len(addresses(store, wallet=wallet.wallet))
        quorum = f"{wallet.threshold} of {wallet.key_count}" if wallet.descriptor else "one key each"
        output.say(f"{wallet.wallet}: {wallet.estate}, {wallet.tier}, {wallet.chain}, {count} addresses, {quorum}")


def tell_asset(view: RecordView, plan: SweepPlan, output: Output) -> dict[str, object]:
    """Say what lies where of an asset, and return it for programs."""
    code, _ = view.scales.get(plan.asset_id, (str(plan.asset_id), 0))
    shortfall = view.pool_minor(plan.asset_id, Pool.shortfall)
    where = f"hot {plan.hot_minor:,}, warm {plan.warm_minor:,}, cold {plan.cold_minor:,}"
    output.say(f"{code}: {where}; cold {plan.cold_ppm // 10_000} %, shortfall {shortfall:,}")
    if plan.move_minor:
        direction = "hot to cold" if plan.move_minor > 0 else "cold to hot"
        output.say(f"  policy: move {abs(plan.move_minor):,} from {direction}")
    return {
        "asset_id": plan.asset_id,
        "code": code,
        **{name: str(value) for name, value in plan._asdict().items() if name != "asset_id"},
        "cold_ppm": plan.cold_ppm,
        "shortfall_minor": str(shortfall),
    }
