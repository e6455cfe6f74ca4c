"""The other side from files of banks: closing balance and booked entries of each statement, whatever its format.

A statement with faults is not taken: what does not add up in itself proves nothing. Its account is then one that
nobody looked at. An entry is known to our book by the reference that both sides have: the end-to-end id of its
transaction, else the bank's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from hashlib import file_digest
from pathlib import Path

from tarazy.domain.records import CustodyLocation
from tarazy.facility.banking.reading import WholeStatement, turned_statements, whole_statements
from tarazy.facility.banking.statements import BankEntry
from tarazy.facility.reconciliation.errors import ReconciliationError
from tarazy.facility.reconciliation.inputs import BalanceEntry, KnownBalance, LocatedAccount, ReconciledSide

NS_PER_S = 1_000_000_000
NOT_GIVEN = ("", "NOTPROVIDED")


def add_statements(side: ReconciledSide, paths: Iterable[Path], asset_of: Callable[[str], int | None]) -> None:
    """Add the statements of files to a side; `asset_of` gives the asset of a currency.

    Of several statements of one account the last day's closing balance counts. Raises: ReconciliationError,
    BankFileError, OSError.
    """
    for path in paths:
        with path.open("rb") as file:
            evidence = file_digest(file, "sha256").digest()
        for statement in whole_statements(path, turned_statements(path)):
            _add(side, statement, evidence, path, asset_of)


def _add(
    side: ReconciledSide,
    statement: WholeStatement,
    evidence: bytes,
    path: Path,
    asset_of: Callable[[str], int | None],
) -> None:
    """Add one statement."""
    head, end = statement.head, statement.end
    asset_id = asset_of(head.currency)
    where = f"statement {head.statement_id} of {path}"
    if asset_id is None:
        raise _error(f"a currency that is an asset of the record in {where}", head.currency, "Name the right file.")
    if end.faults or end.closing is None or end.closing.day is None:
        found = end.faults[0].text() if end.faults else "no closing balance with a day"
        raise _error(f"{where} to be whole", found, "Ask the bank for it again.")
    key = LocatedAccount(asset_id, int(CustodyLocation.bank), head.account)
    at_ns = day_ns(end.closing.day)
    known = side.balances.get(key)
    if known is None or known.at_ns <= at_ns:
        side.balances[key] = KnownBalance(end.closing.amount_minor, at_ns, evidence)
    booked = (entry for entry in statement.entries if entry.is_booked)
    side.entries.extend(
        BalanceEntry(key, reference_of(entry), entry.amount_minor, day_ns(entry.booked_on) or at_ns, entry.information)
        for entry in booked
    )


def reference_of(entry: BankEntry) -> str:
    """Return the reference that our book knows: the only end-to-end id of its transactions, else the bank's."""
    ids = {detail.end_to_end_id for detail in entry.details if detail.end_to_end_id not in NOT_GIVEN}
    return ids.pop() if len(ids) == 1 else entry.servicer_reference or entry.reference


def day_ns(day: date | None) -> int:
    """Return the last second of a day, UTC, in nanoseconds: balances are those at its close; 0 for no day."""
    if day is None:
        return 0
    return (int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + 86_399) * NS_PER_S


def _error(expected: str, found: str, action: str) -> ReconciliationError:
    return ReconciliationError(expected=expected, found=found, action=action)
