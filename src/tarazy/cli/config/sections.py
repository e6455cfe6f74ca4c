"""The one file of a house: every room's sections together."""

from __future__ import annotations

from tarazy.facility.configuration import FacilitySection, ProjectionsSection
from tarazy.platform.config.declaring import Section
from tarazy.platform.documents.configuration import DocumentsSection
from tarazy.screening.configuration import ScreeningSection, WatchSection


class Configuration(Section):
    """Every section. Each has defaults, so that an empty file is a configuration."""

    facility: FacilitySection = FacilitySection()
    projections: ProjectionsSection = ProjectionsSection()
    documents: DocumentsSection = DocumentsSection()
    screening: ScreeningSection = ScreeningSection()
    watch: WatchSection = WatchSection()
