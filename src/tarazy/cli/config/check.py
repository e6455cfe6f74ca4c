"""`tarazy config check [FILE]`: exit code 0 where every key, value and secret of the file can be used, else 1."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.config.arguments import VARIABLE, config_path
from tarazy.cli.config.sections import Configuration
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.platform.config.errors import ConfigError, Problem
from tarazy.platform.config.listing import missing_secrets
from tarazy.platform.config.loading import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help=f"the file; else what {VARIABLE} names")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Check one file and name all that is wrong with it."""
    path = config_path(arguments.file)
    if path is None:
        raise CliError(f"expected a FILE, or its name in {VARIABLE}, found neither")
    problems = problems_of(path)
    for problem in problems:
        output.say(str(problem))
    output.say(f"{path}: {'every key, value and secret can be used' if not problems else f'{len(problems)} to mend'}")
    output.result({"file": str(path), "ok": not problems, "problems": [each._asdict() for each in problems]})
    return 1 if problems else 0


def problems_of(path: Path) -> list[Problem]:
    """Return everything that is wrong with a file."""
    try:
        return list(missing_secrets(load(path, Configuration)))
    except ConfigError as error:
        return list(error.problems)
