"""Criteria: from capabilities to a verdict, under dated figures that a file states and anyone may exchange."""

from tarazy.screening.criteria.edition import Criteria, Threshold
from tarazy.screening.criteria.errors import CriteriaError
from tarazy.screening.criteria.file import in_force, load_criteria, load_editions
from tarazy.screening.criteria.judge import judge, judge_all
from tarazy.screening.criteria.waivers import Waiver, load_waivers

__all__ = [
    "Criteria",
    "CriteriaError",
    "Threshold",
    "Waiver",
    "in_force",
    "judge",
    "judge_all",
    "load_criteria",
    "load_editions",
    "load_waivers",
]
