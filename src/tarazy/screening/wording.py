"""Sentences for an officer: places of storage and offsets of code stand under the evidence, not in findings."""

from __future__ import annotations

import re

KEY = r"\[(?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])*\]"
PLACE = rf"storage (?:\?|0x[0-9a-f]+)(?:{KEY})*(?:\+\d+)?(?: bits \d+\.\.\d+)?"
PATTERNS = (
    (re.compile(rf"\s*\({PLACE}(?:, (0x[0-9a-f]{{40}}))?\)"), lambda m: f" ({m[1]})" if m[1] else ""),
    (re.compile(r"\s*\(mapping 0x[0-9a-f]+(?:\[\])*(?:, (0x[0-9a-f]{40}))?\)"), lambda m: f" ({m[1]})" if m[1] else ""),
    (re.compile(r"\s*\(in the (?:code|simulation)(?:, (0x[0-9a-f]{40}))?\)"), lambda m: f" ({m[1]})" if m[1] else ""),
    (re.compile(rf"the code whose address stands in {PLACE}(?: \([^)]*\))?"), lambda m: "code whose address is stored"),
    (re.compile(rf", which stands in {PLACE}(?: \([^)]*\))?"), lambda m: ""),
    (re.compile(rf"{PLACE}, (?:on )?which"), lambda m: "what"),
    (re.compile(rf" (?:in|by) {PLACE}(?:, {PLACE})*"), lambda m: ""),
    (re.compile(PLACE), lambda m: "a stored value"),
    (re.compile(r"mapping 0x[0-9a-f]+(?:\[\])*(?: bits \d+\.\.\d+)?"), lambda m: "a list"),
    (re.compile(r"\b(passes|pass) 0x[0-9a-f]{1,6}\b"), lambda m: m[1]),
    (re.compile(r",? (?:asked )?at 0x[0-9a-f]{1,6}\b"), lambda m: ""),
    (re.compile(r"\barg0\b"), lambda m: "whoever is named"),
    (re.compile(r"\barg\d+\b"), lambda m: "what the caller names"),
)


def without_places(text: str) -> str:
    """Return a sentence without numbers of storage slots, bits of words and offsets of code."""
    for pattern, words in PATTERNS:
        text = pattern.sub(words, text)
    return text
