"""One report in memory, and how long it is in force.

A report is in force for a span of time. Past two thirds of it, the next question has the contract screened again ahead
of need, while the report is still shown. A contract that is found the same again gets twice the span, up to the
longest; one that changed begins with the shortest. Events end any span at once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tarazy.screening.model import Answer, Report
from tarazy.screening.service.options import ServiceConfig
from tarazy.screening.service.reading import read_report, slim
from tarazy.screening.service.store import Stored

Place = tuple[int, str]  # chain id, address
UNANSWERED_S = 30.0  # span of a report in which nothing could be answered
AHEAD_FROM, AHEAD_SPREAD = 0.55, 0.25  # part of the span from which screening ahead begins, spread by address


@dataclass(slots=True)
class ReportEntry:
    """One report. Units: `until_s` and `ahead_s` on the monotonic clock, `span_s` in seconds."""

    report_id: str
    report: Report
    code_hash: str
    block_number: int
    block_hash: str
    span_s: float
    until_s: float
    ahead_s: float
    stale: bool = False

    @property
    def state(self) -> tuple[str, int, str]:
        """Return code and block that were screened."""
        return self.code_hash, self.block_number, self.block_hash

    def is_fresh(self) -> bool:
        """Say whether it may be shown as in force."""
        return not self.stale and self.until_s > time.monotonic()

    def is_due(self) -> bool:
        """Say whether it should be screened again ahead of need."""
        return self.ahead_s <= time.monotonic()

    def begin(self, span_s: float, age_s: float = 0.0) -> None:
        """Begin a span; `age_s` of it is over already."""
        began_s = time.monotonic() - age_s
        spread = int(self.code_hash[-4:] or "0", 16) / 0xFFFF if self.code_hash else 0.0
        self.span_s = span_s
        self.until_s = began_s + span_s
        self.ahead_s = began_s + span_s * (AHEAD_FROM + AHEAD_SPREAD * spread)


def entry_of(stored: Stored, report: Report | None, before: ReportEntry | None, config: ServiceConfig) -> ReportEntry:
    """Return the entry of a stored report; `before` is what was known of the contract until now."""
    report = slim(report or read_report(stored.plain()))
    entry = ReportEntry(
        report_id=stored.id,
        report=report,
        code_hash=stored.code_hash,
        block_number=stored.block_number,
        block_hash=stored.block_hash,
        span_s=0.0,
        until_s=0.0,
        ahead_s=0.0,
        stale=stored.stale,
    )
    entry.begin(span_after(before, entry, config), max(0.0, time.time() - stored.stored_s))
    return entry


def span_after(before: ReportEntry | None, entry: ReportEntry, config: ServiceConfig) -> float:
    """Return the span of a report by whether the contract is as it was."""
    if is_unanswered(entry.report):
        return UNANSWERED_S
    if before is None or before.code_hash != entry.code_hash or told(before.report) != told(entry.report):
        return config.fresh_s
    return longer(before, config)


def longer(before: ReportEntry, config: ServiceConfig) -> float:
    """Return twice the span, at most the longest."""
    return min(2 * before.span_s, config.fresh_s_max)


def told(report: Report) -> Mapping[str, Any]:
    """Return what must be the same for a contract to be as it was: every answer with its holders, and the verdict."""
    answers: dict[str, Any] = {name: (each.answer, each.holders) for name, each in report.capabilities.items()}
    answers["verdict"] = report.verdict.word if report.verdict is not None else None
    answers["proxy_implementation"] = report.proxy_implementation
    return answers


def is_unanswered(report: Report) -> bool:
    """Say whether nothing could be answered, as for code that ran into a limit."""
    return all(each.answer is Answer.UNKNOWN for each in report.capabilities.values())
