"""The report of one screening as `tarazy screen --json` prints it: short answers first, each with its evidence beside.

`capabilities` holds one word for each power, `evidence` the same powers with holder, guard, bound and what shows them;
`verdict` is one word, `verdict_detail` its criteria and findings.
"""

from __future__ import annotations

from typing import Any

from tarazy.screening.model import Report

FIRST = ("id", "capabilities", "verdict", "seconds")


def report_json(report: Report) -> dict[str, Any]:
    """Return a report as plain data, the short answers first."""
    plain = report.to_json()
    detail = plain.pop("capabilities")
    verdict = plain.pop("verdict")
    seconds = round(plain.pop("seconds"), 6)
    return {
        "id": plain.pop("id"),
        "capabilities": {name: found["answer"] for name, found in detail.items()},
        "verdict": verdict["word"] if verdict else "unknown",
        "seconds": seconds,
        "evidence": detail,
        "verdict_detail": verdict,
        **plain,
    }
