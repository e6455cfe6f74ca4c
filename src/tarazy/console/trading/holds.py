"""What holds an account's assets: every held amount says what holds it, why, what to do, and by when.

The rows add up to what the ledger says is held; where they do not, the difference is a row of its own and says so.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tarazy.console.trading.account_view import NS_PER_S
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.messages import Translate
from tarazy.console.trading.refusal_words import trimmed
from tarazy.facility.gateway.account_reads import stored
from tarazy.facility.gateway.native.history_reads import WithdrawalRow
from tarazy.facility.projections.venue import ASSET_CODE, ASSET_SCALE
from tarazy.facility.projections.withdrawals import WithdrawalStep
from tarazy.oversight.requests.decimals import text_of

WITHDRAWALS_LOOKED_AT = 1_000
WAITING = {
    WithdrawalStep.requested: (
        "A withdrawal that you asked for waits for an officer.",
        "Nothing. If it was not you: lock your login and write to the facility at once.",
    ),
    WithdrawalStep.approved: ("A withdrawal was approved and waits to be sent.", "Nothing."),
    WithdrawalStep.dispatched: (
        "A withdrawal was sent; it is held until the other end has it.",
        "Nothing. When it has not come in a day, ask with its number.",
    ),
}


def hold_rows(desk: TradingDesk, account_id: int, words: Translate) -> list[dict[str, Any]]:
    """Return what holds an account's assets, open orders first."""
    reads, models = desk.gateway.reads, desk.gateway.models
    table, _ = stored(models.balances, models.balances.holds)
    with models.reading.reading() as connection:
        found = connection.execute(sa.select(table).where(table.c.account_id == account_id)).all()
    held = {row.order_id: (row.asset_id, int(row.held_minor)) for row in found if int(row.held_minor)}
    views = {view.order_id: view for view in reads.open_orders(account_id)}
    sums: dict[int, int] = {}
    rows = []
    for order_id, (asset_id, minor) in sorted(held.items()):
        view = views.get(order_id)
        sums[asset_id] = sums.get(asset_id, 0) + minor
        what = words("An open order holds what it could cost.")
        to_do = words("Cancel it, and all of it is available again at once.")
        market = view.symbol.name if view is not None else ""
        row = {"what": what, "to_do": to_do, "by": words("until it is filled or canceled"), "market": market}
        since_s = view.accepted_ns // NS_PER_S if view is not None else 0
        rows.append({**row, **amount_of(desk, asset_id, minor), "number": str(order_id), "since_s": since_s})
    for withdrawal in desk.gateway.history.newest_withdrawals(account_id, WITHDRAWALS_LOOKED_AT):
        step = WithdrawalStep(withdrawal.withdrawal_state)
        if step in WAITING:
            sums[withdrawal.asset_id] = sums.get(withdrawal.asset_id, 0) + withdrawal.amount_minor
            rows.append(withdrawal_row(desk, withdrawal, step, words))
    rows += rests(desk, account_id, sums, words)
    return rows


def withdrawal_row(
    desk: TradingDesk, withdrawal: WithdrawalRow, step: WithdrawalStep, words: Translate
) -> dict[str, Any]:
    """Return the row of a withdrawal that is not over."""
    what, to_do = WAITING[step]
    return {
        "what": words(what),
        "to_do": words(to_do),
        "by": words("no day is promised: it ends when it is settled or rejected"),
        "market": "",
        **amount_of(desk, withdrawal.asset_id, withdrawal.amount_minor),
        "number": str(withdrawal.withdrawal_id),
        "since_s": withdrawal.requested_ns // NS_PER_S,
    }


def rests(desk: TradingDesk, account_id: int, sums: dict[int, int], words: Translate) -> list[dict[str, Any]]:
    """Return what is held beyond the rows above."""
    rows = []
    for asset_id, (_, held) in sorted(desk.gateway.reads.balances(account_id).items()):
        minor = held - sums.get(asset_id, 0)
        if minor:
            what = words("Held for another reason, which this page does not know.")
            to_do = words("Ask the facility with the time of this page.")
            row = {"what": what, "to_do": to_do, "by": words("not known"), "market": "", "number": "", "since_s": 0}
            rows.append({**row, **amount_of(desk, asset_id, minor)})
    return rows


def amount_of(desk: TradingDesk, asset_id: int, minor: int) -> dict[str, str]:
    """Return an amount with its asset."""
    asset = desk.gateway.models.venue.assets.rows[asset_id]
    return {"amount": trimmed(text_of(minor, asset[ASSET_SCALE])), "asset": asset[ASSET_CODE]}
