"""Our own corpus as two sets of the bench: tokens as their constructors leave them, and their runtime code alone.

Labels are exact for each flag. `not_no` labels have their own count: there only a no is wrong. Holders and verdicts are
compared where the corpus states them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import common
import screening_sets as sets
from screening_run import Outcome

if str(common.ROOT) not in sys.path:
    sys.path.insert(0, str(common.ROOT))

from tests.corpus.loader import CorpusToken, load

DEPLOYED, RUNTIME = "own_corpus", "own_corpus_runtime"
NAMES = (DEPLOYED, RUNTIME)


def read_corpus() -> sets.Labelled:
    """Return the rows of our own corpus; it is not split, and reported apart from the real contracts."""
    rows: list[sets.Row] = []
    codes: dict[str, sets.Given] = {}
    tokens = load()
    for token in tokens:
        for set_name in NAMES:
            key = key_of(set_name, token)
            codes[key] = sets.Given("creation", token.creation) if set_name == DEPLOYED else runtime_of(token)
            left_out = token.by_state if set_name == RUNTIME else frozenset()
            for flag, label in token.labels.items():
                if flag not in left_out:
                    rows.append(sets.Row(set_name, sets.WHOLE, token.name, key, flag, (flag,), label == "yes"))
    return sets.Labelled(rows, codes, {name: {"tokens": len(tokens)} for name in NAMES})


def key_of(set_name: str, token: CorpusToken) -> str:
    """Return the name under which a token's code is screened."""
    return f"{set_name}:{token.name}"


def runtime_of(token: CorpusToken) -> sets.Given:
    """Return a token's runtime code as somebody without a chain would have it."""
    return sets.Given("runtime", token.runtime)


def runtime_behind(codes: Mapping[str, sets.Given], key: str) -> bytes:
    """Return the runtime code of what is screened under a key: what looks for selectors looks there."""
    name = key.removeprefix(f"{DEPLOYED}:")
    return codes[key if name == key else f"{RUNTIME}:{name}"].code


def verdict_of_code(outcome: Outcome) -> str:
    """Return the verdict as the corpus labels it: of the code. Code alone is never clear, for want of market facts."""
    lacks_the_market_alone = (outcome.verdict, outcome.failed) == ("caution", ("market",))
    return "clear" if lacks_the_market_alone else outcome.verdict


def agreement(outcomes: Mapping[str, Outcome]) -> dict[str, dict[str, Any]]:
    """Return how often holders and verdicts are as the corpus says, and how often a `not_no` was answered no."""
    told: dict[str, dict[str, Any]] = {}
    for set_name in NAMES:
        if not any(key.startswith(f"{set_name}:") for key in outcomes):
            continue
        found = [(token, outcomes[key]) for token in load() if (key := key_of(set_name, token)) in outcomes]
        counts = {"holders_right": 0, "holders_wrong": 0, "verdicts_right": 0, "verdicts_wrong": 0, "wrong_no": 0}
        wrong: list[str] = []
        for token, outcome in found:
            for flag, holder in token.holders.items():
                if outcome.answers[flag][0] == "yes" and (set_name == DEPLOYED or flag not in token.by_state):
                    right = holder in outcome.holders[flag]
                    counts["holders_right" if right else "holders_wrong"] += 1
                    if not right:
                        wrong.append(f"{token.name}: {flag}: holder {holder}, found {', '.join(outcome.holders[flag])}")
            if token.verdict is not None and set_name == DEPLOYED:
                right = verdict_of_code(outcome) == token.verdict
                counts["verdicts_right" if right else "verdicts_wrong"] += 1
                if not right:
                    wrong.append(f"{token.name}: verdict {token.verdict}, found {outcome.verdict}")
            for flag in token.not_no:
                counts["wrong_no"] += outcome.answers[flag][0] == "no"
        told[set_name] = {**counts, "differences": wrong}
    return told
