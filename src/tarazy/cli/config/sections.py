"""The one file of a house: every room's sections together."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tarazy.facility.configuration import FacilitySection, ProjectionsSection
from tarazy.platform.config.declaring import Section
from tarazy.platform.config.loading import load
from tarazy.platform.documents.configuration import DocumentsSection
from tarazy.screening.configuration import ScreeningSection, WatchSection

VARIABLE = "TARAZY_CONFIG"


class Configuration(Section):
    """Every section. Each has defaults, so that an empty file is a configuration."""

    facility: FacilitySection = FacilitySection()
    projections: ProjectionsSection = ProjectionsSection()
    documents: DocumentsSection = DocumentsSection()
    screening: ScreeningSection = ScreeningSection()
    watch: WatchSection = WatchSection()


def add_config(parser: argparse.ArgumentParser) -> None:
    """Declare --config."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help=f"configuration file ({VARIABLE}); what is given here comes first"
    )


def config_path(given: Path | None) -> Path | None:
    """Return the file: what was given, else what the environment names, else none."""
    named = os.environ.get(VARIABLE, "")
    return given or (Path(named) if named else None)


def configuration(given: Path | None) -> Configuration:
    """Return the configuration that is in force.

    Raises: ConfigError.
    """
    return load(config_path(given), Configuration)
