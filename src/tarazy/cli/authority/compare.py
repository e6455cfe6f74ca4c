"""`tarazy authority compare DIR [NAME]`: compare licensees' public pages with the register, and sign what was found.

While the desk is served it does so by itself, each licensee once a day.
"""

from __future__ import annotations

import argparse

from rich.table import Table

from tarazy.authority.desk import DESK
from tarazy.authority.licensing.statements import COMPARED, compare_site, fetch_json
from tarazy.cli.authority.arguments import DESK_KEY, add_folder, open_desk
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.facility.officers.key_files import load_key_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_folder(parser)
    parser.add_argument("name", nargs="?", metavar="NAME", help="one licensee; all with a noted site without it")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Compare; 1 where something grave was found."""
    key, found = load_key_file(arguments.directory / DESK_KEY), {}
    with open_desk(arguments) as desk:
        sites = [case.name for case in desk.state.licences.values() if case.facts.get("site")]
        if arguments.name is not None and arguments.name not in sites:
            expected = f"a licensee with a noted site: {', '.join(sites) or 'none'}"
            raise CliError(f"expected {expected}, found {arguments.name!r}; note it with licence.site")
        for name in [arguments.name] if arguments.name else sites:
            body = compare_site(desk.state.licences[name], desk.now()[:10], fetch_json)
            desk.act(DESK, key, COMPARED, name, body)
            found[name] = body["findings"]
    table = Table("licensee", "finding", "grade", "expected", "found")
    for name, rows in found.items():
        for row in rows:
            table.add_row(name, row["code"], row["grade"], row["expected"], row["found"])
    output.show(table)
    grave = sum(row["grade"] == "high" for rows in found.values() for row in rows)
    output.say(f"{len(found)} compared, {grave} grave findings")
    output.result({"compared": found, "grave": grave})
    return 1 if grave else 0
