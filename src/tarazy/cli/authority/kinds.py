"""`tarazy authority kinds [ACT]`: what officers can do, and which fields it needs."""

from __future__ import annotations

import argparse

from rich.table import Table

from tarazy.authority.desk import ACTS
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("act", nargs="?", metavar="ACT", help="one kind, with its fields")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List them."""
    if arguments.act is not None and arguments.act not in ACTS:
        raise CliError(f"expected an act of {', '.join(ACTS)}, found {arguments.act!r}")
    chosen = [ACTS[arguments.act]] if arguments.act else list(ACTS.values())
    table = (
        Table("act", "what it does", "role", "officers") if not arguments.act else Table("field", "what", "form", "")
    )
    for act in chosen:
        if not arguments.act:
            table.add_row(act.name, act.words, act.role, "two" if act.is_for_two else "one")
        else:
            for each in act.fields:
                table.add_row(each.name, each.words, each.form, "" if each.is_required else "may be left out")
    output.show(table)
    output.result({"acts": [plain(each.name) for each in chosen]})
    return 0


def plain(name: str) -> dict[str, object]:
    """Return an act for programs."""
    act = ACTS[name]
    fields = [{"name": f.name, "kind": f.kind, "form": f.form, "required": f.is_required} for f in act.fields]
    return {"act": name, "words": act.words, "role": act.role, "officers": 2 if act.is_for_two else 1, "fields": fields}
