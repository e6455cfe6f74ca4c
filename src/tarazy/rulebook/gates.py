"""Where a rule reaches the venue: the refusals that keep it, and the settings that its values become.

The engine refuses by itself what no setting changes: an asset that is not admitted, an order of the house, a balance
that does not cover. Its refusals cite a provision, and this module finds the rule behind the citation. Numbers that
the law sets go to the engine as rows of its limit table, each with the SHA-256 of the release that orders it.
"""

from __future__ import annotations

import re

from tarazy.domain.records import ClientClass, Flag, LimitKind, LimitPeriod, LimitScope, Residency, SetLimit
from tarazy.domain.reject_codes import REJECT_INFO, RejectCode
from tarazy.rulebook.catalogue import LoadedRule, all_rules, find_rule
from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.provisions import Provision, provisions
from tarazy.rulebook.publication import PublishedRelease

REMARK = re.compile(r" \(.*\)$")
# A value in the reference currency that becomes a monthly row of the limit table, and what the row counts.
LIMITS = (
    ("aifc/monthly_cap", "monthly_cap_usd", LimitKind.deposits),
    ("aifc/monthly_cap_purchases", "monthly_cap_usd", LimitKind.purchases),
)


def provisions_cited(citation: str) -> list[Provision]:
    """Return the provisions that a refusal's citation means (`aifc_daa/2.8.1(3)(a)`)."""
    corpus, _, segment = REMARK.sub("", citation).partition("/")
    return [row for row in provisions().values() if row.corpus == corpus and _is_in(segment, row.segment)]


def _is_in(segment: str, of: str) -> bool:
    """Return whether a segment is one of those that a provision names, or the first of a range."""
    return segment in [part.strip().split(" to ")[0] for part in re.split(r"[,;]", of)]


def rules_behind(code: RejectCode) -> list[LoadedRule]:
    """Return the rules that a refusal keeps, none where it is a rule of the venue itself."""
    citation = REJECT_INFO[code].citation
    wanted = {row.id for row in provisions_cited(citation)} if citation else set()
    return [rule for rule in all_rules() if wanted & set(rule.rule.provisions)]


def refusals_of(rule: LoadedRule) -> list[RejectCode]:
    """Return the refusals that keep a rule."""
    return [code for code in RejectCode if any(each.id == rule.id for each in rules_behind(code))]


def limit_commands(release: PublishedRelease) -> list[SetLimit]:
    """Return the rows of the limit table that a release orders, effective from its day on.

    Raises: RulebookError where a value is not set on that day.
    """
    commands = []
    for rule_id, key, kind in LIMITS:
        row = find_rule(rule_id).values.at(key, release.effective)
        if row.status == "unset":
            raise RulebookError(f"{rule_id}, {key}", expected=f"a value on {release.effective}", found="none")
        commands.append(
            SetLimit(
                limit_kind=kind,
                limit_scope=LimitScope.everybody,
                limit_period=LimitPeriod.month,
                limit_class=ClientClass.retail,
                limit_residency=Residency.resident,
                exemptible=Flag.set,
                limit_asset_id=0,
                limit_subject=0,
                effective_ns=release.effective_ns,
                replaces_seq=0,
                amount_max_minor=int(row.value) * 10**release.reference_scale,
                rulebook_hash=release.sha256,
            )
        )
    return commands
