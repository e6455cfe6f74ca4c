"""Reconciliation beside a running custody: every so often both sides are compared and what was seen is journaled.

The ledger is worked out from the journal's files, never asked of the engine that runs. A break is journaled at once; a
balance that agrees once a day for each place, so that the record shows that somebody looked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tarazy.chains.adapter import ChainAdapter
from tarazy.domain.records import ROLE_MACHINE, ReportBalance
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.banking.book import BankBook
from tarazy.facility.custody.record import CustodyRecord
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.reconciliation.joined import joined_sides
from tarazy.facility.reconciliation.matching import MatchingTerms
from tarazy.facility.reconciliation.report import RunFacts, run_bytes
from tarazy.facility.reconciliation.reporting import machine_reports
from tarazy.facility.reconciliation.requirement import DAY_NS
from tarazy.facility.reconciliation.run_signatures import PREPARED, sign_run
from tarazy.facility.reconciliation.running import RunInputs, make_run, open_breaks
from tarazy.facility.reconciliation.store import ReconciliationStore
from tarazy.journal.identity import load_identity
from tarazy.platform.storage.files import write_whole
from tarazy.spec.state import State

PRIVATE = 0o600
PREPARED_BY = "machine officer {number}"


class ContinuousRun(NamedTuple):
    """One run beside custody: its number, its breaks in words, how many reports were journaled."""

    run_id: int
    breaks: tuple[str, ...]
    journaled: int


class ContinuousReconciliation:
    """Runs every `every_s` seconds. `state_after(seq)` works the ledger out from the journal's files.

    Reports lie in `folder`, runs in its file `runs.sqlite3`.
    """

    def __init__(
        self,
        directory: Path,
        record: CustodyRecord,
        store: CustodyStore,
        adapters: Collection[ChainAdapter],
        bank_book: BankBook | None,
        state_after: Callable[[int], State],
        every_s: float,
        folder: Path,
    ) -> None:
        self.identity = load_identity(directory)
        self.record, self.store, self.adapters, self.bank_book = record, store, adapters, bank_book
        self.state_after, self.every_s, self.folder = state_after, every_s, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.runs = ReconciliationStore(folder / "runs.sqlite3")
        self._next_s = 0.0
        self._told_day: dict[tuple[int, int], int] = {}

    def close(self) -> None:
        """Close the file of runs."""
        self.runs.close()

    def step(self) -> ContinuousRun | None:
        """Run where it is due. Raises: NodeError, ReconciliationError, RecordRefusedError."""
        if time.monotonic() < self._next_s:
            return None
        self._next_s = time.monotonic() + self.every_s
        return self.run()

    def run(self) -> ContinuousRun:
        """Compare now, keep the run, journal what was seen."""
        self.record.sync()
        seq = self.record.view.cursor.next_seq - 1
        state, now_ns = self.state_after(seq), time.time_ns()
        sides = joined_sides(state, now_ns, self.store, self.adapters, self.bank_book)
        name = PREPARED_BY.format(number=self.record.officers[0].officer_id)
        terms = MatchingTerms(now_ns, expected=sides.expected)
        facts = make_run(self.identity, state, seq, RunInputs(sides.book, sides.outside, terms, {}, name))
        report = run_bytes(facts)
        digest = sha256(report)
        machine = self.record.officers[0]
        actor = Actor(machine.officer_id, ROLE_MACHINE, machine.signer)
        prepared = sign_run(actor, self.identity.facility_id, PREPARED, seq, digest.hexdigest())
        number = self.runs.add(facts.found, now_ns, seq, prepared, digest.hexdigest())
        write_whole(self.folder / f"reconciliation-{number}.json", report, PRIVATE)
        commands = machine_reports(facts.found, open_breaks(state), digest.digest(), state.last_ts_ns)
        return ContinuousRun(number, breaks_in_words(facts), self._journal(commands, facts, now_ns))

    def _journal(self, commands: list[ReportBalance], facts: RunFacts, now_ns: int) -> int:
        broken = {(each.asset_id, each.location) for each in facts.found.breaks}
        due = []
        for command in commands:
            where = command.asset_id, command.location
            if where in broken or self._told_day.get(where) != now_ns // DAY_NS:
                due.append(command)
                self._told_day[where] = now_ns // DAY_NS
        return sum(outcome.is_done for outcome in self.record.instruct(due)) if due else 0


def breaks_in_words(facts: RunFacts) -> tuple[str, ...]:
    """Return each break in a short line."""
    return tuple(
        f"asset {each.asset_id} at location {each.location}: {each.difference_minor} minor units without explanation"
        for each in facts.found.breaks
    )
