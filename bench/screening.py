"""screening: precision, recall and F1 per flag and set on labelled tokens, beside a selector baseline, and speed.

Real contracts are measured in two parts, split by the hash of their code: rules are tuned while looking at the tuning
part, and only counted on the reporting part. Sets are never pooled. Unknown is a column of its own.

    tarazy bench screening --json                    every set, both parts, speed
    tarazy bench screening --part tuning --disagreements --no-simulation --flag mint
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import common
import screening_baseline as baseline
import screening_corpus as corpus
import screening_sets as sets
import screening_slither as slither
import screening_speed as speed
import screening_tables as tables
from screening_run import Outcome, screen_all, unanswered_count
from screening_score import Counts, wilson

from tarazy.screening.request import ScreenRequest

Answerer = Callable[[sets.Row], str]


def parser() -> argparse.ArgumentParser:
    """Return the bench's arguments."""
    made = common.parser(__doc__ or "")
    made.add_argument(
        "--data", help="folder with labels.csv and runtime-bytecode.tar.xz (else TARAZY_TOKENS, else beside the clone)"
    )
    made.add_argument("--part", choices=(sets.TUNING, sets.REPORTING, "all"), default="all")
    made.add_argument("--set", action="append", dest="sets", metavar="NAME", help="only these sets (repeatable)")
    made.add_argument(
        "--flag", action="append", dest="flags", metavar="NAME", help="only these flags or powers (repeatable)"
    )
    made.add_argument("--no-simulation", action="store_true", help="the static part alone")
    made.add_argument("--no-speed", action="store_true", help="leave the speed part out")
    made.add_argument("--no-slither", action="store_true", help="leave Slither's ERC checks out even where it is found")
    made.add_argument("--jobs", type=int, help="worker processes (all processors)")
    made.add_argument("--disagreements", action="store_true", help="list wrong and unknown answers of the tuning part")
    made.add_argument("--write-docs", action="store_true", help="write docs/reference/screening-measured.md")
    return made


def load(chosen: argparse.Namespace) -> sets.Labelled:
    """Return the rows that were asked for."""
    folder = sets.data_folder(chosen.data)
    parts = []
    if not chosen.sets or set(corpus.NAMES) & set(chosen.sets):
        parts.append(corpus.read_corpus())
    if folder is not None:
        parts.append(sets.read_real(folder))
    else:
        common.say("real contracts left out: no labels.csv in --data, TARAZY_TOKENS or ../shared/data/tokens")
    found = sets.join(*parts)
    rows = [
        row
        for row in found.rows
        if row.part in (chosen.part, sets.WHOLE, *((sets.TUNING, sets.REPORTING) if chosen.part == "all" else ()))
        and (not chosen.sets or row.set in chosen.sets)
        and (not chosen.flags or {row.flag, *row.capabilities} & set(chosen.flags))
    ]
    return sets.Labelled(rows, found.codes, found.notes)


def score(rows: Iterable[sets.Row], answer: Answerer) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the rates by set, part and flag."""
    counts: dict[tuple[str, str, str], Counts] = {}
    for row in rows:
        if row.label is not None:
            counts.setdefault((row.set, row.part, row.flag), Counts()).add(row.label, answer(row))
    scored: dict[str, dict[str, dict[str, Any]]] = {}
    for (set_name, part, flag), count in sorted(counts.items()):
        scored.setdefault(set_name, {}).setdefault(part, {})[flag] = count.rates()
    return scored


def listed(rows: list[sets.Row], outcomes: dict[str, Outcome]) -> dict[str, dict[str, Any]]:
    """Return verdicts and named powers of the reputable tokens, by part."""
    told: dict[str, dict[str, Any]] = {}
    for part in sorted({row.part for row in rows}):
        found = [(row, outcomes[row.key]) for row in rows if row.part == part]
        malicious = [row.id for row, outcome in found if outcome.verdict == "malicious"]
        powers = {
            answer: Counter(
                name for _, outcome in found for name, (given, _) in outcome.answers.items() if given == answer
            )
            for answer in ("yes", "unknown")
        }
        told[part] = {
            "tokens": len(found),
            "verdicts": dict(sorted(Counter(outcome.verdict for _, outcome in found).items())),
            "malicious": len(malicious),
            "malicious_interval": wilson(len(malicious), len(found)),
            "with_a_named_power": sum(
                any(
                    outcome.answers.get(name, ("", ""))[0] == "yes"
                    for name in ("mint", "limit", "leak", "burn", "proxy")
                )
                for _, outcome in found
            ),
            "powers_yes": dict(sorted(powers["yes"].items())),
            "powers_unknown": dict(sorted(powers["unknown"].items())),
        }
    return told


def disagreements(rows: list[sets.Row], outcomes: dict[str, Outcome]) -> list[dict[str, Any]]:
    """Return the wrong and unknown answers, of the tuning part and our own corpus only."""
    found: list[dict[str, Any]] = []
    for row in rows:
        if row.part == sets.REPORTING:
            continue
        outcome = outcomes[row.key]
        if row.label is None:
            if outcome.verdict == "malicious":
                found.append({"set": row.set, "id": row.id, "verdict": outcome.verdict, "failed": outcome.failed})
            continue
        answer, reason = outcome.combined(row.capabilities)
        if answer != ("yes" if row.label else "no"):
            found.append(
                {"set": row.set, "flag": row.flag, "id": row.id, "label": row.label, "answer": answer, "reason": reason}
            )
    return found


def main() -> None:
    """Run the bench."""
    chosen = parser().parse_args()
    if chosen.disagreements and chosen.part == sets.REPORTING:
        sys.exit("screening: the reporting part is counted, not looked at; use --part tuning")
    found = load(chosen)
    keys = list(dict.fromkeys(row.key for row in found.rows))
    how: dict[str, Any] = {"simulate": not chosen.no_simulation, "hostile": not chosen.no_simulation}
    codes: dict[str, dict[str, Any]] = {key: {code.kind: code.code} for key, code in found.codes.items()}
    requests = (ScreenRequest(id=key, **codes[key], **how) for key in keys)
    outcomes = screen_all(requests, len(keys), chosen.jobs)
    facts: dict[str, Any] = {
        "codes": len(keys),
        "unanswered": unanswered_count(outcomes),
        "simulation": not chosen.no_simulation,
        "deduplicated": found.notes,
        "sets": score(found.rows, lambda row: outcomes[row.key].combined(row.capabilities)[0]),
        "selector_baseline": score(
            found.rows, lambda row: baseline.by_selectors(corpus.runtime_behind(found.codes, row.key), row.capabilities)
        ),
        "own_corpus_agreement": corpus.agreement(outcomes),
        "listed": listed([row for row in found.rows if row.set == sets.LISTED], outcomes),
    }
    if not chosen.no_slither and set(corpus.NAMES) <= {row.set for row in found.rows}:
        facts["slither_erc"] = slither.measure(outcomes)
    if not chosen.no_speed:
        facts["speed"] = speed.measure(
            [given.code for given in found.codes.values() if given.kind == "runtime"], outcomes, chosen.runs
        )
    if chosen.disagreements:
        facts["disagreements"] = disagreements(found.rows, outcomes)
    if chosen.write_docs:
        tables.write(facts)
    per_second = facts.get("speed", {}).get("static_per_second_per_core", 0.0)
    if not chosen.json:
        tables.show(facts)
        facts = {key: facts[key] for key in ("codes", "unanswered", "simulation")}
    common.finish(chosen, "screening", per_second, "contracts/s per core, static part", **facts)


if __name__ == "__main__":
    main()
