"""`tarazy screening ACT`: the screening as a service. One act, one module."""

from __future__ import annotations

import argparse
import importlib
from types import ModuleType

from tarazy.cli.output import Output

ACTS = {
    "serve": ("screening.serve", "serve the GoPlus-compatible API, the native API and the pages"),
    "keys": ("screening.keys", "list, make and revoke keys of callers"),
    "usage": ("screening.usage", "show what each key used of each product, by day"),
    "watch": ("screening.watch", "follow listed tokens on a node and alert"),
    "token": ("screening.token", "create safe tokens and locks on a development chain"),
    "wallet": ("screening.wallet", "show a wallet's approvals, what a transaction would do, and how to revoke"),
    "dossier": ("screening.dossier", "make the signed record that a listing committee needs"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    for name, (_, summary) in ACTS.items():
        act = acts.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        module(name).add_arguments(act)
        act.add_argument("--json", action="store_true", help="print one JSON object as the last line of stdout")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return int(module(arguments.act).run(arguments, output))


def module(act: str) -> ModuleType:
    """Return the module of an act."""
    return importlib.import_module(f"tarazy.cli.{ACTS[act][0]}")
