"""What a new screening says against the one before: in short, and what of it is worse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tarazy.screening.model import Report

WORSE_WORDS = {"clear": 0, "caution": 1, "unknown": 2, "malicious": 3}  # a verdict may only fall behind in this order
WORSE_ANSWERS = {"no": 0, "unknown": 1, "yes": 2}


def summary(report: Report) -> dict[str, Any]:
    """Return what is kept of a report: enough to see later what got worse."""
    trades = report.simulation.trades if report.simulation else ()
    return {
        "report_id": report.id,
        "verdict": report.verdict.word if report.verdict else "unknown",
        "criteria": report.verdict.criteria if report.verdict else "",
        "capabilities": {name: each.answer.value for name, each in sorted(report.capabilities.items())},
        "trades": {
            f"{each.pool} {each.scenario}".strip(): {"succeeded": each.succeeded, "tax_ppm": each.tax_ppm}
            for each in trades
        },
        "block_number": report.block_number,
        "block_hash": report.block_hash,
    }


def failed(reason: str) -> dict[str, Any]:
    """Return the summary of a screening that did not happen: its verdict is unknown."""
    return {"report_id": None, "verdict": "unknown", "capabilities": {}, "trades": {}, "reason": reason}


def worse(before: Mapping[str, Any], after: Mapping[str, Any], tax_ppm: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what got worse, as (before, after) of the same names; both empty where nothing did."""
    was: dict[str, Any] = {}
    now: dict[str, Any] = {}
    if WORSE_WORDS.get(after["verdict"], 2) > WORSE_WORDS.get(before["verdict"], 2):
        was["verdict"], now["verdict"] = before["verdict"], after["verdict"]
    for name, answer in after["capabilities"].items():
        held = before["capabilities"].get(name)
        if held is not None and WORSE_ANSWERS[answer] > WORSE_ANSWERS[held]:
            was[name], now[name] = held, answer
    for name, trade in after["trades"].items():
        held = before["trades"].get(name)
        if held is None:
            continue
        if held["succeeded"] and not trade["succeeded"]:
            was[f"simulated {name}"], now[f"simulated {name}"] = "goes through", "refused"
        elif (trade["tax_ppm"] or 0) - (held["tax_ppm"] or 0) >= tax_ppm and held["tax_ppm"] is not None:
            was[f"simulated {name} tax_ppm"], now[f"simulated {name} tax_ppm"] = held["tax_ppm"], trade["tax_ppm"]
    return was, now
