"""`tarazy config show [FILE]`: every setting that is in force. Of a secret it shows where it is, never what it is."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.config.arguments import VARIABLE, config_path
from tarazy.cli.config.sections import Configuration
from tarazy.cli.output import Output
from tarazy.platform.config.listing import Setting, settings
from tarazy.platform.config.loading import check, read_toml


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help=f"the file; else what {VARIABLE} names, else the defaults"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show one configuration."""
    path = config_path(arguments.file)
    values = read_toml(path) if path is not None else {}
    found = list(settings(check(path, values, Configuration), values))
    for each in found:
        output.say(line(each))
    output.result({"file": None if path is None else str(path), "settings": [each._asdict() for each in found]})
    return 0


def line(each: Setting) -> str:
    """Return one setting in words."""
    value = each.value
    if value is None or isinstance(value, bool):
        value = {None: "none", True: "true", False: "false"}[value]
    elif isinstance(value, int) and each.unit:
        value = f"{value:,}"
    return f"{each.key} = {value}{f' {each.unit}' if each.unit else ''}   ({each.source})"
