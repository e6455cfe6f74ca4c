"""Every criterion by name, in the order in which findings are shown: harms, privileges, measures."""

from __future__ import annotations

from collections.abc import Mapping

from tarazy.screening.criteria import harms, measures, privileges
from tarazy.screening.criteria.case import Criterion

CATALOGUE: Mapping[str, Criterion] = {
    criterion.name: criterion for criterion in (*harms.CRITERIA, *privileges.CRITERIA, *measures.CRITERIA)
}
# Criteria whose weight a file may choose. Harms are not among them.
WEIGHABLE = tuple(criterion.name for criterion in CATALOGUE.values() if criterion.group != "harm")
