"""By the guidance, purchases of digital assets within the centre are what counts toward the monthly cap."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Purchases count toward the cap",
    kind=RuleKind.limit,
    form=RuleForm.coded,
    subject="monthly_cap_purchases",
    provisions=("R39",),
    why=(
        "The venue refuses above the row of its limit table; the row is compared with the value. The rule says "
        "deposit, the guidance purchase, so both are asked for."
    ),
)

TERMS = {
    "kind": "purchases",
    "scope": "everybody",
    "period": "month",
    "client_class": "retail",
    "residency": "resident",
}


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    cents = case.value("monthly_cap_usd") * 10 ** case.number("reference_scale")
    rows = [
        row.number("amount_minor")
        for row in case.rows("limits_in_force")
        if all(row.text(field) == word for field, word in TERMS.items())
    ]
    return case.holds(bool(rows) and max(rows) <= cents, f"{len(rows)} limits on purchases, none above {cents}")
