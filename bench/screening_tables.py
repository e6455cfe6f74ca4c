"""The bench's tables: for people on the terminal, and as a page of the documentation."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import common

PAGE = common.ROOT / "docs" / "reference" / "screening-measured.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
HEAD = ("flag", "TP", "FP", "FN", "TN", "unknown (label yes)", "unknown (label no)")
RATES = ("precision", "recall (unknown = miss)", "recall (unknown dropped)", "F1 (unknown = miss)")
PUBLISHED = (
    "| flag | CRPWarner precision | recall | counts |\n| --- | --- | --- | --- |\n"
    "| mint | .947 | .900 | TP 18, FP 1, FN 2 |\n"
    "| limit | .931 | .900 | TP 27, FP 2, FN 3 |\n"
    "| leak | .875 | .778 | TP 7, FP 1, FN 2 |\n"
)


def rate(value: float | None, interval: Iterable[float] | None) -> str:
    """Return a rate with its interval: `.947 (.82-.99)`."""
    if value is None:
        return "-"
    text = f"{value:.3f}".lstrip("0") if value < 1 else "1.00"
    if interval is None:
        return text
    low, high = interval
    return f"{text} ({low:.2f}-{high:.2f})"


def cells(flag: str, scored: Mapping[str, Any]) -> list[str]:
    """Return one flag's line."""
    counts = [str(scored[key]) for key in ("tp", "fp", "fn", "tn", "unknown_positive", "unknown_negative")]
    rates = [
        rate(scored[key], scored.get(f"{key}_interval"))
        for key in ("precision", "recall_unknown_is_miss", "recall_unknown_dropped", "f1_unknown_is_miss")
    ]
    return [flag, *counts, *rates]


def table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    """Return a table that both a terminal and a page can show."""
    head = list(head)
    rows = [head, ["---"] * len(head), *lines]
    return "".join("| " + " | ".join(str(cell) for cell in row) + " |\n" for row in rows)


def scores(facts: Mapping[str, Any]) -> str:
    """Return one table for each set and part, with the selector baseline's rates on the same rows beside ours."""
    told = []
    for set_name, parts in facts["sets"].items():
        for part, flags in parts.items():
            floor = facts["selector_baseline"].get(set_name, {}).get(part, {})
            told.append(f"### {set_name}, {part}\n")
            lines = [[*cells(flag, scored), beside(floor.get(flag))] for flag, scored in flags.items()]
            told.append(table((*HEAD, *RATES, "names: precision / recall"), lines))
    return "\n".join(told)


def beside(scored: Mapping[str, Any] | None) -> str:
    """Return the baseline's precision and recall in short; a dash where it knows no name for the flag."""
    if scored is None or not (scored["tp"] or scored["fp"]):
        return "-"
    return f"{rate(scored['precision'], None)} / {rate(scored['recall_unknown_is_miss'], None)}"


def listed(facts: Mapping[str, Any]) -> str:
    """Return the reputable tokens' verdicts and powers."""
    lines = []
    for part, told in facts["listed"].items():
        verdicts = ", ".join(f"{word} {count}" for word, count in told["verdicts"].items())
        powers = ", ".join(f"{name} {count}" for name, count in told["powers_yes"].items())
        lines.append([part, told["tokens"], told["malicious"], verdicts, told["with_a_named_power"], powers or "none"])
    head = ("part", "tokens", "malicious", "verdicts", "with a named power", "powers answered yes")
    return table(head, lines) if lines else ""


def agreement(facts: Mapping[str, Any]) -> str:
    """Return how often holders and verdicts are as the corpus says."""
    keys = ("holders_right", "holders_wrong", "verdicts_right", "verdicts_wrong", "wrong_no")
    head = ("set", "holders right", "wrong", "verdicts right", "wrong", "no where anything may happen")
    lines = [[name, *(str(told[key]) for key in keys)] for name, told in facts["own_corpus_agreement"].items()]
    return table(head, lines) if lines else ""


def notes(facts: Mapping[str, Any]) -> str:
    """Return what de-duplication did."""
    lines = [
        [name, *(str(note.get(key, 0)) for key in ("rows", "same_code", "two_labels_for_one_code"))]
        for name, note in facts["deduplicated"].items()
        if "rows" in note
    ]
    return table(("set", "rows", "left out: same code", "left out: one code with two labels"), lines)


def slither(facts: Mapping[str, Any]) -> str:
    """Return what Slither's ERC checks said of our own corpus."""
    told = facts.get("slither_erc")
    if not told or "skipped" in told:
        return f"Slither's ERC checks: {told['skipped'] if told else 'left out'}.\n"
    lines = [cells(name, scored) for name, scored in told["scores"].items()]
    return f"The question: {told['question']}.\n\n" + table(("detector", *HEAD[1:], *RATES), lines)


def speed(facts: Mapping[str, Any]) -> str:
    """Return the speed table."""
    told = facts.get("speed")
    if not told:
        return ""
    lines: list[tuple[str, str]] = [("static part, one core", f"{told['static_per_second_per_core']} contracts/s")]
    lines += [
        (f"one purchase and sale: {name}", f"{value} ms") for name, value in told.get("buy_and_sell_ms", {}).items()
    ]
    lines += [(f"hostile owner: {name}", str(value)) for name, value in told["exploration"].items()]
    return table(("what", "measured"), lines)


def body(facts: Mapping[str, Any]) -> str:
    """Return all tables."""
    return "\n".join(
        (
            "## What was counted\n",
            notes(facts),
            "## Flags, per set and part\n",
            scores(facts),
            "## Holders and verdicts on our own corpus\n",
            agreement(facts),
            "## Reputable tokens\n",
            listed(facts),
            "## Slither's ERC checks on our own corpus\n",
            slither(facts),
            "## Speed\n",
            speed(facts),
        )
    )


def show(facts: Mapping[str, Any]) -> None:
    """Print the tables."""
    print(body(facts))
    for told in facts["own_corpus_agreement"].values():
        print("\n".join(told["differences"]))
    for item in facts.get("disagreements", []):
        print("\t".join(f"{key}={value}" for key, value in item.items()))


def write(facts: Mapping[str, Any]) -> None:
    """Put the tables between the marks of the page; what is around them is written by hand."""
    text = PAGE.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"screening: expected the marks {BEGIN} and {END} in {PAGE}")
    day = datetime.now(UTC).date().isoformat()
    load = os.getloadavg()[1]
    stamp = f"Measured on {day} on {common.machine()}, load {load:.1f}, commit `{common.commit()}`.\n"
    page = f"{before}{BEGIN}\n\n{stamp}\n{body(facts)}\n{END}{after}"
    PAGE.write_text(page)
    common.say(f"wrote {PAGE}")
