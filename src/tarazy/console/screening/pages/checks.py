"""The catalogue of checks: what each sees, what it cannot see, what a yes would cost a holder."""

from __future__ import annotations

from functools import cache
from typing import Any

from tarazy.console.layout.page_layout import Page, PageError, PageRequest
from tarazy.console.screening import words
from tarazy.console.screening.services import ScreeningServices
from tarazy.screening.checks import all_checks
from tarazy.screening.checks.base import CAPABILITY_NAMES, Check


def show(services: ScreeningServices, asked: PageRequest) -> Page:
    """Show every check, and the capabilities that have none yet."""
    found = {check.name: plain(check) for check in all_checks()}
    missing = [name for name in CAPABILITY_NAMES if name not in found]
    return Page("checks.html", "Checks", {"checks": list(found.values()), "missing": missing}, {"groups": groups()})


def show_one(services: ScreeningServices, asked: PageRequest) -> Page:
    """Show one check."""
    name = asked.path["name"]
    check = next((check for check in all_checks() if check.name == name), None)
    if check is None:
        known = ", ".join(check.name for check in all_checks()) or "none"
        raise PageError(404, "No such check", f"expected the name of a check, found {name[:60]!r}. There are: {known}")
    return Page("check.html", check.title, plain(check))


@cache
def groups() -> list[dict[str, Any]]:
    """Return the checks in the groups in which reports show their capabilities."""
    return words.grouped({check.name: plain(check) for check in all_checks()})


def plain(check: Check) -> dict[str, Any]:
    """Return a check's documentation as plain data."""
    return {
        "name": check.name,
        "title": check.title,
        "sees": check.sees,
        "cannot_see": check.cannot_see,
        "impact": check.impact,
        "confidence": check.confidence,
        "goplus": list(check.goplus),
        "fires": check.fires,
        "must_not_fire": check.must_not_fire,
    }
