"""The argument --config, and what a verb takes from the file. An argument comes first, the file next."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tarazy.cli.errors import CliError

if TYPE_CHECKING:
    from tarazy.cli.config.sections import Configuration

VARIABLE = "TARAZY_CONFIG"


def add_config(parser: argparse.ArgumentParser) -> None:
    """Declare --config."""
    parser.add_argument("--config", type=Path, metavar="FILE", help=f"configuration file (what {VARIABLE} names)")


def config_path(given: Path | None) -> Path | None:
    """Return the file: what was given, else what the environment names, else none."""
    named = os.environ.get(VARIABLE, "")
    return given or (Path(named) if named else None)


def configuration(arguments: argparse.Namespace) -> Configuration:
    """Return the configuration that is in force for a verb with --config.

    Raises: ConfigError.
    """
    from tarazy.cli.config.sections import Configuration
    from tarazy.platform.config.loading import load

    return load(config_path(arguments.config), Configuration)


def given(**values: Any) -> dict[str, Any]:
    """Return the arguments that were given, to put over those of a section."""
    return {name: value for name, value in values.items() if value is not None}


def neither(argument: str, key: str) -> CliError:
    """Return the error for a value that neither an argument nor the file gives."""
    return CliError(f"expected {argument}, or {key} in the configuration file, found neither")


def add_facility(parser: argparse.ArgumentParser) -> None:
    """Declare the folder of a facility's record, which the file may give, and --config."""
    parser.add_argument("directory", type=Path, nargs="?", metavar="DIR", help="folder of the journal")
    add_config(parser)


def facility_folder(arguments: argparse.Namespace, configuration: Configuration) -> Path:
    """Return the folder of the record.

    Raises: CliError.
    """
    folder: Path | None = arguments.directory or configuration.facility.directory
    if folder is None:
        raise neither("DIR", "facility.directory")
    return folder
