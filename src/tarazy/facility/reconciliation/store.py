"""Runs of the reconciliation, kept: their items, who prepared and who reviewed them, and how old each open item is.

One SQLite file of the facility. An item is the same in two runs where account, reference and its place among equal
ones are; its age counts from the first run that saw it open, whatever its state was since. Runs are never changed but
for their review.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.records import CustodyLocation
from tarazy.facility.reconciliation.comparing import ThreeWay
from tarazy.facility.reconciliation.errors import ReconciliationError
from tarazy.facility.reconciliation.matching import DAY_NS, ItemState, ReconciledItem
from tarazy.facility.reconciliation.run_signatures import PREPARED, REVIEWED, RunSignature, check_two_officers
from tarazy.platform.storage.sql import open_database, transaction

MIGRATIONS = (
    """
CREATE TABLE runs (
    run_id INTEGER PRIMARY KEY, made_ns INTEGER NOT NULL, seq INTEGER NOT NULL, prepared_by TEXT NOT NULL,
    reviewed_by TEXT NOT NULL DEFAULT '', reviewed_ns INTEGER NOT NULL DEFAULT 0, remark TEXT NOT NULL DEFAULT '',
    report_sha256 TEXT NOT NULL
) STRICT;
CREATE TABLE open_items (
    asset_id INTEGER NOT NULL, location INTEGER NOT NULL, account TEXT NOT NULL, reference TEXT NOT NULL,
    place INTEGER NOT NULL, state TEXT NOT NULL, difference_minor TEXT NOT NULL, expires_ns INTEGER NOT NULL,
    first_run_ns INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (asset_id, location, account, reference, place)
) STRICT;
""",
    """
CREATE TABLE run_signatures (
    run_id INTEGER NOT NULL REFERENCES runs, part TEXT NOT NULL CHECK (part IN ('prepared', 'reviewed')),
    officer_id INTEGER NOT NULL, public_key TEXT NOT NULL, signature TEXT NOT NULL, PRIMARY KEY (run_id, part)
) STRICT;
""",
)

SIGNED = "INSERT INTO run_signatures VALUES (?, ?, ?, ?, ?)"


class OpenItem(NamedTuple):
    """An item that is not matched, and since when. `age_days` counts whole days from the first run that saw it."""

    asset_id: int
    location: str
    account: str
    reference: str
    state: str
    difference_minor: int
    expires_ns: int
    age_days: int
    text: str


class RunReview(NamedTuple):
    """A run as it is known: who prepared it, and who reviewed it, if anybody has."""

    run_id: int
    made_ns: int
    seq: int
    prepared_by: str
    reviewed_by: str
    remark: str
    report_sha256: str


class ReconciliationStore:
    """The file of runs. Close it, or use it in a `with`."""

    def __init__(self, path: Path) -> None:
        self._connection: sqlite3.Connection = open_database(path, MIGRATIONS)

    def __enter__(self) -> ReconciliationStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def add(self, found: ThreeWay, made_ns: int, seq: int, prepared: RunSignature, report_sha256: str) -> int:
        """Keep a run and what is open after it, in one transaction; return its number."""
        rows = numbered([item for item in found.items if item.state is not ItemState.matched])
        with transaction(self._connection):
            known = {
                (*row[:4], row[4]): row[5]
                for row in self._connection.execute(
                    "SELECT asset_id, location, account, reference, place, first_run_ns FROM open_items"
                )
            }
            self._connection.execute("DELETE FROM open_items")
            self._connection.executemany(
                "INSERT INTO open_items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        *key,
                        item.state.value,
                        str(item.difference_minor),
                        item.expires_ns,
                        known.get(key, made_ns),
                        item.text,
                    )
                    for key, item in rows
                ),
            )
            cursor = self._connection.execute(
                "INSERT INTO runs (made_ns, seq, prepared_by, report_sha256) VALUES (?, ?, ?, ?)",
                (made_ns, seq, prepared.text, report_sha256),
            )
            run_id = int(cursor.lastrowid or 0)
            self._connection.execute(SIGNED, (run_id, PREPARED, *prepared))
            return run_id

    def signature(self, run_id: int, part: str) -> RunSignature | None:
        """Return the signature of who prepared or reviewed a run, None where there is none."""
        query = "SELECT officer_id, public_key, signature FROM run_signatures WHERE run_id = ? AND part = ?"
        row = self._connection.execute(query, (run_id, part)).fetchone()
        return None if row is None else RunSignature(*row)

    def review(self, run_id: int, reviewed: RunSignature, remark: str, now_ns: int) -> None:
        """Note who reviewed a run. Raises: ReconciliationError where it is the one who prepared it, or it was
        reviewed, or nobody's signature is under it.
        """
        with transaction(self._connection):
            run, prepared = self.run(run_id), self.signature(run_id, PREPARED)
            if prepared is None:
                action = "It was made before officers signed runs; make a new one."
                raise ReconciliationError(expected=f"run {run_id} with a signature", found="none", action=action)
            check_two_officers(prepared, reviewed)
            if run.reviewed_by:
                raise ReconciliationError(
                    expected=f"run {run_id} without a review",
                    found=f"one by {run.reviewed_by}",
                    action="Make a new run where something changed.",
                )
            self._connection.execute(
                "UPDATE runs SET reviewed_by = ?, reviewed_ns = ?, remark = ? WHERE run_id = ?",
                (reviewed.text, now_ns, remark, run_id),
            )
            self._connection.execute(SIGNED, (run_id, REVIEWED, *reviewed))

    def run(self, run_id: int) -> RunReview:
        """Return a run. Raises: ReconciliationError where there is none."""
        row = self._connection.execute(
            "SELECT run_id, made_ns, seq, prepared_by, reviewed_by, remark, report_sha256 FROM runs WHERE run_id = ?",
            (run_id,),
        ).fetchone()
        if row is None:
            raise ReconciliationError(expected="the number of a run", found=str(run_id), action="List the runs.")
        return RunReview(*row)

    def runs(self, limit: int = 100) -> list[RunReview]:
        """Return the newest runs, the newest first."""
        found = self._connection.execute(
            "SELECT run_id, made_ns, seq, prepared_by, reviewed_by, remark, report_sha256 FROM runs"
            " ORDER BY run_id DESC LIMIT ?",
            (limit,),
        )
        return [RunReview(*row) for row in found]

    def open_items(self, now_ns: int) -> list[OpenItem]:
        """Return what is open after the last run, the oldest first."""
        found = self._connection.execute(
            "SELECT asset_id, location, account, reference, state, difference_minor, expires_ns, first_run_ns, text"
            " FROM open_items ORDER BY first_run_ns, asset_id, account, reference"
        )
        return [
            OpenItem(
                asset_id,
                CustodyLocation(location).name,
                account,
                reference,
                state,
                int(difference),
                expires_ns,
                age,
                text,
            )
            for asset_id, location, account, reference, state, difference, expires_ns, first_ns, text in found
            for age in (max(now_ns - first_ns, 0) // DAY_NS,)
        ]


def numbered(items: list[ReconciledItem]) -> list[tuple[tuple[int, int, str, str, int], ReconciledItem]]:
    """Return items with what identifies them: account, reference, and the place among equal ones."""
    seen: Counter[tuple[int, int, str, str]] = Counter()
    rows = []
    for item in items:
        key = (*item.key, item.reference)
        rows.append(((*key, seen[key]), item))
        seen[key] += 1
    return rows
