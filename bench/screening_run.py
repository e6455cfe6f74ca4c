"""Screen many codes in worker processes and keep of each report what the bench counts."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import common

from tarazy.platform.jobs.pool import WorkerPool
from tarazy.screening.isolated import SCREEN
from tarazy.screening.model import Answer, Report
from tarazy.screening.request import ScreenRequest

SAY_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one code's report said.

    Units: seconds.
    """

    answers: Mapping[str, tuple[str, str]]  # capability -> (answer, reason)
    holders: Mapping[str, tuple[str, ...]]  # capability -> kinds of who may
    verdict: str
    failed: tuple[str, ...]  # criteria that failed, of what was malicious or cautioned
    seconds: float
    simulated: bool
    state: str
    simulation_seconds: float
    explored_calls: int
    complete: bool

    def combined(self, capabilities: tuple[str, ...]) -> tuple[str, str]:
        """Return one answer of several capabilities: yes where any is yes, no where all are no."""
        given = [self.answers.get(name, ("unknown", "not answered")) for name in capabilities]
        for wanted in ("yes", "unknown"):
            for answer, reason in given:
                if answer == wanted:
                    return answer, reason
        return given[0]


def outcome(report: Report) -> Outcome:
    """Return what counts of a report."""
    simulation, verdict = report.simulation, report.verdict
    return Outcome(
        answers={name: (found.answer.value, found.reason) for name, found in report.capabilities.items()},
        holders={
            name: tuple(holder.kind.value for holder in found.holders) for name, found in report.capabilities.items()
        },
        verdict=verdict.word if verdict else "unknown",
        failed=tuple(item.criterion for item in verdict.findings if item.outcome == "fail") if verdict else (),
        seconds=report.seconds,
        simulated=simulation is not None and simulation.ran,
        state=simulation.state if simulation else "",
        simulation_seconds=simulation.seconds if simulation else 0.0,
        explored_calls=simulation.explored_calls if simulation else 0,
        complete=simulation.complete if simulation else False,
    )


def screen_all(requests: Iterable[ScreenRequest], count: int, jobs: int | None) -> dict[str, Outcome]:
    """Return the outcome of each request by its id; says on stderr how far it is."""
    outcomes: dict[str, Outcome] = {}
    said = time.monotonic()
    with WorkerPool(SCREEN, jobs or os.cpu_count() or 1) as pool:
        for report in pool.map(requests):
            outcomes[report.id] = outcome(report)
            if time.monotonic() - said > SAY_EVERY_S:
                said = time.monotonic()
                common.say(f"screened {len(outcomes)} of {count}")
    return outcomes


def unanswered_count(outcomes: Mapping[str, Outcome]) -> int:
    """Return how many codes got no answer at all."""
    return sum(
        all(answer == Answer.UNKNOWN.value for answer, _ in found.answers.values()) for found in outcomes.values()
    )
