"""What a listing officer does next, and the findings that decide it."""

from __future__ import annotations

from collections.abc import Sequence

from tarazy.screening.model import Finding

DECIDING_MAX = 3
WEIGHT = {"malicious": 0, "caution": 1, "info": 2}


def deciding(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings on which a verdict rests, the gravest first; what is open only where nothing was shown."""
    weighing = [f for f in findings if f.outcome in ("fail", "unknown") and f.severity != "info"]
    shown = [finding for finding in weighing if finding.outcome == "fail"]
    return tuple(sorted(shown or weighing, key=lambda f: WEIGHT[f.severity])[:DECIDING_MAX])


def next_step(word: str, findings: Sequence[Finding]) -> str:
    """Return in one sentence what to do next: reject, ask the issuer, list with conditions, or list."""
    failed = {f.criterion for f in findings if f.outcome == "fail" and f.severity != "info"}
    if word == "malicious":
        return "Reject it. Harm was shown."
    if word == "unknown":
        return "Ask the issuer for what is open (address, source, the other contract), and screen again with it."
    if failed == {"market"}:
        return "Ask for pools, locks and holders, or screen the address on a node. The code alone gave no objection."
    if failed:
        return "List with conditions, or ask the issuer to give up or bound the powers below."
    return "List it. Every criterion that weighs was answered and passed."
