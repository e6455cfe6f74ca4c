"""`tarazy facility admission kinds [ACT]`: what officers can do at the admission desk, and which fields it needs."""

from __future__ import annotations

import argparse

from rich.table import Table

from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.facility.admission.desk import DESK_ACTS
from tarazy.facility.officers.roles import roles_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("kind", nargs="?", metavar="ACT", help="one kind, with its fields")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List them."""
    if arguments.kind is not None and arguments.kind not in DESK_ACTS:
        raise CliError(f"expected an act of {', '.join(DESK_ACTS)}, found {arguments.kind!r}")
    chosen = [DESK_ACTS[arguments.kind]] if arguments.kind else list(DESK_ACTS.values())
    table = Table("field", "what", "form", "") if arguments.kind else Table("act", "what it does", "roles")
    for act in chosen:
        if not arguments.kind:
            table.add_row(act.name, act.words, roles_text(act.roles))
            continue
        for each in act.fields:
            table.add_row(each.name, each.words, each.form, "" if each.is_required else "may be left out")
    output.show(table)
    output.result({"acts": [plain(each.name) for each in chosen]})
    return 0


def plain(name: str) -> dict[str, object]:
    """Return an act for programs."""
    act = DESK_ACTS[name]
    fields = [{"name": f.name, "kind": f.kind, "form": f.form, "required": f.is_required} for f in act.fields]
    return {"act": name, "words": act.words, "roles": roles_text(act.roles), "fields": fields}
