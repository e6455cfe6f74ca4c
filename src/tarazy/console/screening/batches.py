"""Batches of the console: many screenings fed to the service's bounded queue, and a row for each.

Lives on the event loop's thread. A batch keeps a summary of each report, not the report.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tarazy.console.screening.services import BatchRow, Input, RefusedLine, ScreeningBatch
from tarazy.platform.jobs.queue import Job
from tarazy.platform.refusals import RATE_LIMIT, RefusedError
from tarazy.screening.model import Answer, Report
from tarazy.screening.service.entries import ReportEntry

KEPT_MAX = 20
FULL_QUEUE_PAUSE_S = 0.2
Submit = Callable[[Input], Job]


@dataclass(slots=True)
class Running:
    """One batch under way or ended."""

    id: str
    submitted_at: str
    started_s: float
    rows: list[BatchRow]
    jobs: dict[int, Job] = field(default_factory=dict)  # of rows that have not ended, by place
    ended_s: float | None = None

    def note(self, place: int, job: Job) -> None:
        """Put a job's end into its row."""
        self.jobs.pop(place, None)
        row = replace(self.rows[place], seconds=round(job.seconds, 4), report_id=job.report_id)
        if job.refusal is not None:
            self.rows[place] = replace(row, state="failed", reason=str(job.refusal))
        else:
            self.rows[place] = summed(replace(row, state="done"), job.future.result())
        if not any(row.state in ("waiting", "running") for row in self.rows):
            self.ended_s = time.monotonic()

    def as_batch(self) -> ScreeningBatch:
        """Return the batch as it is now."""
        rows = list(self.rows)
        for place, job in self.jobs.items():
            rows[place] = replace(rows[place], state=job.state, seconds=round(job.seconds, 4))
        return ScreeningBatch(
            self.id, self.submitted_at, rows, round((self.ended_s or time.monotonic()) - self.started_s, 1)
        )


def summed(row: BatchRow, entry: ReportEntry) -> BatchRow:
    """Return a row with what a report says in short."""
    report: Report = entry.report
    answers = {
        answer: [name for name, found in report.capabilities.items() if found.answer is answer] for answer in Answer
    }
    return replace(
        row,
        verdict=report.verdict.word if report.verdict else "unknown",
        name=report.token.name or "",
        symbol=report.token.symbol or "",
        yes=tuple(answers[Answer.YES]),
        unknown=len(answers[Answer.UNKNOWN]),
    )


class Batches:
    """The batches of one service; the newest are kept."""

    def __init__(self, submit: Submit) -> None:
        self._submit = submit
        self._batches: OrderedDict[str, Running] = OrderedDict()
        self._feeders: set[asyncio.Task[None]] = set()

    def begin(self, given: Sequence[Input | RefusedLine]) -> str:
        """Begin a batch and return its id."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        rows = [
            BatchRow(number, item.label, "refused", reason=item.reason)
            if isinstance(item, RefusedLine)
            else BatchRow(number, item.label, "waiting")
            for number, item in enumerate(given, 1)
        ]
        batch = Running(secrets.token_hex(10), now, time.monotonic(), rows)
        self._batches[batch.id] = batch
        while len(self._batches) > KEPT_MAX:
            self._batches.popitem(last=False)
        feeder = asyncio.get_running_loop().create_task(self._feed(batch, given))
        self._feeders.add(feeder)
        feeder.add_done_callback(self._feeders.discard)
        return batch.id

    def find(self, batch_id: str) -> ScreeningBatch | None:
        """Return a batch as it is now, None where it is no longer kept."""
        found = self._batches.get(batch_id)
        return found.as_batch() if found is not None else None

    async def _feed(self, batch: Running, given: Sequence[Input | RefusedLine]) -> None:
        """Submit one after the other, as the queue has room; stop where the batch is no longer kept."""
        for place, item in enumerate(given):
            if isinstance(item, RefusedLine):
                continue
            while batch.id in self._batches:
                try:
                    self._follow(batch, place, self._submit(item))
                except RefusedError as refusal:
                    if refusal.reason is RATE_LIMIT:
                        await asyncio.sleep(FULL_QUEUE_PAUSE_S)
                        continue
                    batch.rows[place] = replace(batch.rows[place], state="failed", reason=str(refusal))
                break

    def _follow(self, batch: Running, place: int, job: Job) -> None:
        batch.jobs[place] = job
        job.future.add_done_callback(lambda _: batch.note(place, job))
