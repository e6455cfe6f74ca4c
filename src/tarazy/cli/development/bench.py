"""`tarazy bench NAME`: run one of the scripts of bench/; each prints one JSON object as its last line with --json."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from tarazy.cli.errors import CliError
from tarazy.cli.output import Output

NAMES = (
    "engine",
    "markets",
    "durable",
    "ack",
    "spec",
    "replay",
    "memory",
    "excerpt",
    "checkpoint",
    "pauses",
    "signatures",
    "events",
    "projections",
    "subscribers",
    "gateway",
    "liabilities",
    "reconcile",
    "hsm",
    "rules",
    "authority",
    "screening",
    "screening-service",
    "bank",
)
FOLDER = Path(__file__).resolve().parents[4] / "bench"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments; what it does not know goes to the script."""
    parser.add_argument("name", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="arguments of the script, for example --workload FILE")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Run the script in a process of its own, so that nothing before it weighs on the figures."""
    script = FOLDER / f"{arguments.name.replace('-', '_')}.py"
    if not script.exists():
        raise CliError(f"expected {script}, found no such file; run from a clone of the repository, after `make setup`")
    return subprocess.run([sys.executable, str(script), *arguments.rest], check=False).returncode
