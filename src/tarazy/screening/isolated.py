"""Screenings in worker processes: a hostile contract that eats time or memory costs its own screening alone."""

from __future__ import annotations

from functools import cache

from tarazy.platform.jobs.pool import DEFAULT_LIMITS, WorkerPool
from tarazy.platform.jobs.process import Task, WorkerLimits
from tarazy.screening.model import Report
from tarazy.screening.request import ScreenRequest
from tarazy.screening.unanswered import unanswered

DATA = ("tarazy.screening", "tarazy.chains")  # whose dataclasses an answer may hold
SCREEN = Task("tarazy.screening.screen:screen", unanswered, DATA)


@cache
def _shared_pool(limits: WorkerLimits) -> WorkerPool:
    return WorkerPool(SCREEN, 1, limits)


def run_isolated(request: ScreenRequest, limits: WorkerLimits = DEFAULT_LIMITS) -> Report:
    """Return the report of one request, screened in a worker that later calls use again."""
    report: Report = _shared_pool(limits).submit(request).result()
    return report
