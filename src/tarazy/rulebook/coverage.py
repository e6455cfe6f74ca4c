"""How much of the provisions the rulebook answers for, counted from the tree.

Every provision is in exactly one of four: coded, partly, attested, or not seen. Not seen are those of which no binding
text was seen; a rule on one of them is a default of the design and counts as such, never as law.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tarazy.rulebook.catalogue import LoadedRule, all_rules
from tarazy.rulebook.provisions import Provision, provisions
from tarazy.rulebook.rule import RuleForm

# The provisions that the coverage speaks of: both notes on the framework of the AIFC and the onshore regime.
REGIMES = ("aifc", "kz_onshore")
FORMS = tuple(RuleForm)
CHECKED = (RuleForm.coded, RuleForm.partly)


class CoveredProvision(NamedTuple):
    """A provision with the rules that answer for it; `place` is coded, partly, attested, not_seen or missing."""

    provision: Provision
    rules: tuple[LoadedRule, ...]
    place: str


def covered(regime_names: tuple[str, ...] = REGIMES) -> list[CoveredProvision]:
    """Return every provision with its rules."""
    rules: dict[str, list[LoadedRule]] = {}
    for each in all_rules():
        for provision in each.rule.provisions:
            rules.setdefault(provision, []).append(each)
    rows = [row for row in provisions().values() if row.regime in regime_names]
    return [CoveredProvision(row, tuple(rules.get(row.id, ())), _place(row, rules.get(row.id, []))) for row in rows]


def _place(row: Provision, rules: list[LoadedRule]) -> str:
    if not rules:
        return "missing"
    if not row.is_seen:
        return "not_seen"
    return str(min((each.rule.form for each in rules), key=FORMS.index))


def _has_our_number(rule: LoadedRule) -> bool:
    """Return whether the newest row of some value is no number of the law: ours, or nobody's."""
    newest = {row.key: row.status for row in rule.values.rows}
    return not set(newest.values()) <= {"enacted"}


def coverage(regime_names: tuple[str, ...] = REGIMES) -> dict[str, Any]:
    """Return the counts, and in parts of a thousand what they are of all rows."""
    rows = covered(regime_names)
    counts = {place: sum(row.place == place for row in rows) for place in (*map(str, FORMS), "not_seen", "missing")}
    defaults = sum(
        row.place == "not_seen" and any(r.rule.form is not RuleForm.attested for r in row.rules) for row in rows
    )
    ours = sum(row.place in CHECKED and any(_has_our_number(rule) for rule in row.rules) for row in rows)
    total = max(len(rows), 1)
    return {
        "rows": len(rows),
        **counts,
        "not_seen_with_default_check": defaults,
        "checked_with_default_number": ours,
        "permille": {place: count * 1000 // total for place, count in counts.items()},
    }
