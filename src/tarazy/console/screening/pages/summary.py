"""A report in one line, as lists show it."""

from __future__ import annotations

from typing import Any

from tarazy.console.screening.services import Plain


def summary(report: Plain) -> dict[str, Any]:
    """Return what a list shows of a report."""
    answers = {name: capability["answer"] for name, capability in report["capabilities"].items()}
    verdict = report["verdict"]
    return {
        "id": report["id"],
        "chain_id": report["chain_id"],
        "address": report["address"],
        "name": report["token"]["name"],
        "symbol": report["token"]["symbol"],
        "code_hash": report["code_hash"],
        "input": report["input"],
        "screened_at": report["screened_at"],
        "block_number": report["block_number"],
        "verdict": verdict["word"] if verdict else "unknown",
        "criteria": verdict["criteria"] if verdict else "",
        "criteria_date": verdict["criteria_date"] if verdict else "",
        "yes": [name for name, answer in answers.items() if answer == "yes"],
        "unknown": [name for name, answer in answers.items() if answer == "unknown"],
    }
