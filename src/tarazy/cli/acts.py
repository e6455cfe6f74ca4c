"""A verb with several acts: each act is one module with `add_arguments(parser)` and `run(arguments, output) -> int`."""

from __future__ import annotations

import argparse
import importlib
from types import ModuleType

from tarazy.cli.arguments import add_json
from tarazy.cli.output import Output

Acts = dict[str, tuple[str, str]]


def add_acts(parser: argparse.ArgumentParser, acts: Acts, dest: str = "act") -> None:
    """Declare acts, each (module, summary) by its name, with their arguments; `dest` differs for acts within an act."""
    chosen = parser.add_subparsers(dest=dest, required=True, metavar="ACT")
    for name, (_, summary) in acts.items():
        act = chosen.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        module(acts, name).add_arguments(act)
        add_json(act)


def run_act(arguments: argparse.Namespace, output: Output, acts: Acts, dest: str = "act") -> int:
    """Do the chosen act."""
    return int(module(acts, getattr(arguments, dest)).run(arguments, output))


def module(acts: Acts, act: str) -> ModuleType:
    """Return the module of an act."""
    return importlib.import_module(f"tarazy.cli.{acts[act][0]}")
