"""The criteria under which verdicts are given: every edition with its date, figures and where they come from."""

from __future__ import annotations

from typing import Any

from tarazy.console.layout.page_layout import Page, PageRequest
from tarazy.console.screening.services import ScreeningServices
from tarazy.console.screening.words import CRITERIA_GROUPS
from tarazy.screening.criteria.case import Criterion
from tarazy.screening.criteria.catalogue import CATALOGUE
from tarazy.screening.criteria.edition import Criteria
from tarazy.screening.criteria.file import load_editions
from tarazy.screening.criteria.privileges import NOTED


def show(services: ScreeningServices, asked: PageRequest) -> Page:
    """Show the editions side by side, and every criterion with its weight in each."""
    editions = load_editions()
    data = {
        "editions": [plain(edition) for edition in editions],
        "criteria": [
            {
                "name": criterion.name,
                "group": criterion.group,
                "asks": criterion.asks,
                "rests_on": list(criterion.rests_on),
                "weights": {key_of(edition): weight(criterion, edition) for edition in editions},
            }
            for criterion in CATALOGUE.values()
        ],
    }
    return Page("criteria.html", "Criteria", data, {"GROUP_WORDS": CRITERIA_GROUPS}, is_translated=True)


def plain(edition: Criteria) -> dict[str, Any]:
    """Return an edition as plain data."""
    return {
        "key": key_of(edition),
        "name": edition.name,
        "title": edition.title,
        "applies_from": edition.applies_from.isoformat(),
        "status": edition.status,
        "without_chain": edition.without_chain,
        "thresholds": {
            name: {"value": item.value, "unit": item.unit, "source": item.source}
            for name, item in edition.thresholds.items()
        },
    }


def key_of(edition: Criteria) -> str:
    """Return the name and date of an edition."""
    return f"{edition.name} of {edition.applies_from.isoformat()}"


def weight(criterion: Criterion, edition: Criteria) -> str:
    """Return how much a criterion weighs in an edition."""
    if criterion.group == "harm":
        return criterion.severity
    return edition.weights.get(criterion.name, "info" if criterion.name in NOTED else criterion.severity)
