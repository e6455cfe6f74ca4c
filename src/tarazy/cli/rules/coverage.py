"""`tarazy rules coverage`: every provision is coded, partly coded, attested by people, or was not seen."""

from __future__ import annotations

import argparse

from rich.table import Table

from tarazy.cli.output import Output
from tarazy.rulebook.catalogue import regimes
from tarazy.rulebook.coverage import REGIMES, coverage, covered


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("--regime", action="append", metavar="NAME", help="a regime; repeat it (aifc and kz_onshore)")
    parser.add_argument("--rows", action="store_true", help="print every provision with its rules")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Count, and print."""
    names = tuple(arguments.regime or REGIMES)
    found = coverage(names)
    table = Table(box=None, pad_edge=False)
    for column in ("", "provisions", "of a thousand"):
        table.add_column(column, justify="left" if not column else "right")
    for place, share in found["permille"].items():
        table.add_row(place.replace("_", " "), str(found[place]), str(share))
    output.show(table)
    output.say(f"{found['rows']} provisions of {', '.join(names)}; of those not seen, "
               f"{found['not_seen_with_default_check']} have a check that is a default, not law; "
        f"{found['checked_with_default_number']} of those checked rest on a number that is ours")  # fmt: skip
    rows = [
        {
            "id": row.provision.id,
            "cites": row.provision.key,
            "seen": row.provision.seen,
            "place": row.place,
            "rules": [each.id for each in row.rules],
        }
        for row in covered(names)
    ]
    if arguments.rows:
        for each in rows:
            output.say(
                f"{each['id']:5} {each['place']:9} {each['seen']:10} {each['cites']}: {', '.join(each['rules'])}"
            )
    output.result({**found, "regimes": [name for name in regimes() if name in names], "provisions": rows})
    return 1 if found["missing"] else 0
