"""Outputs that arrived at our addresses, as the store keeps them.

States: `seen` (not journaled), `credited`, `waiting` (journaled unattributed), `own` (our own transaction: nothing to
journal), `house` (arrived at the house estate, or came from it: finance journals it under the output's evidence),
`undone`. `height` is None where no block of the
chain holds it now.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, NamedTuple

from tarazy.facility.accounts.acts_file import moment_of
from tarazy.facility.custody.store import CustodyStore

COLUMNS = (
    "evidence, chain, transaction_id, output, contract, asset_id, address, amount_minor, is_exact, senders, height,"
    " time_s, state, account_id, reason, receipt_id, spent_by"
)


class OutputRow(NamedTuple):
    """One output. Units: minor units of its asset; `time_s` of its block."""

    evidence: bytes
    chain: str
    transaction: str
    output: int
    contract: str
    asset_id: int
    address: str
    amount_minor: int
    is_exact: bool
    senders: tuple[str, ...]
    height: int | None
    time_s: int
    state: str
    account_id: int
    reason: str
    receipt_id: int
    spent_by: str

    def plain(self) -> dict[str, Any]:
        """Return it for programs; the amount as text, which no reader cuts."""
        return self._asdict() | {"evidence": self.evidence.hex(), "amount_minor": str(self.amount_minor)}


def output_of(row: tuple[Any, ...]) -> OutputRow:
    """Return an output from its row."""
    evidence, *middle, amount, is_exact, senders, height, time_s, state, account, reason, receipt, spent = row
    values = (
        int(amount),
        bool(is_exact),
        tuple(json.loads(senders)),
        height,
        time_s,
        state,
        account,
        reason,
        receipt,
        spent,
    )
    return OutputRow._make((bytes.fromhex(evidence), *middle, *values))


def outputs(store: CustodyStore, where: str = "", *values: Any) -> list[OutputRow]:
    """Return outputs, the oldest first."""
    clause = f" WHERE {where}" if where else ""
    query = f"SELECT {COLUMNS} FROM outputs{clause} ORDER BY coalesce(height, 1 << 40), transaction_id, output"
    return [output_of(row) for row in store.all(query, *values)]


def find_output(store: CustodyStore, evidence: bytes) -> OutputRow | None:
    """Return an output by its evidence, None where there is none."""
    found = outputs(store, "evidence = ?", evidence.hex())
    return found[0] if found else None


def overdue(store: CustodyStore) -> list[OutputRow]:
    """Return what has waited unattributed for longer than it may: it is to be attributed or returned."""
    days = store.parameters.number("unattributed.return_days", store.today)
    oldest = moment_of(store.now() - timedelta(days=days))
    return outputs(store, "state = 'waiting' AND arrived_at < ?", oldest)


def mark(
    store: CustodyStore, row: OutputRow, state: str, *, account_id: int = 0, reason: str = "", receipt: int = 0
) -> None:
    """Note what became of an output."""
    statement = "UPDATE outputs SET state = ?, account_id = ?, reason = ?, receipt_id = ? WHERE evidence = ?"
    with store.changing():
        store.do(statement, state, account_id, reason, receipt, row.evidence.hex())


def unspent(store: CustodyStore, wallet: str, contract: str) -> list[OutputRow]:
    """Return the outputs of a wallet that are in the chain and not spent, also not by a payment under way."""
    rows = outputs(
        store,
        "contract = ? AND height IS NOT NULL AND spent_height IS NULL"
        " AND (chain, address) IN (SELECT chain, address FROM addresses WHERE wallet = ?)",
        contract,
        wallet,
    )
    taken = reserved(store, wallet)
    return [row for row in rows if (row.transaction, row.output) not in taken]


def reserved(store: CustodyStore, wallet: str) -> set[tuple[str, int]]:
    """Return the outputs that payments of a wallet which are under way spend."""
    query = "SELECT spends FROM payments WHERE wallet = ? AND state NOT IN ('done', 'dropped')"
    return {(each[0], each[1]) for row in store.all(query, wallet) for each in json.loads(row[0])}
