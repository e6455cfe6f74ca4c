"""`tarazy facility client screen DIR`: take lists in, compare everybody with what is new, end hits.

Without a choice everybody is compared with what they were not compared with yet, and open hits are shown.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.client_desk import actor_of, add_actor, add_desk, documents_of, open_register
from tarazy.cli.output import Output
from tarazy.facility.accounts.register import Register
from tarazy.facility.accounts.screening.clearing import HitRow, confirm_hit, end_hit, hits_of
from tarazy.facility.accounts.screening.imports import import_list
from tarazy.facility.accounts.screening.screening import screen, screen_address


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument(
        "--import", nargs=2, dest="source", metavar=("LIST", "FILE"), help="take in un, ofac, kz or another"
    )
    chosen.add_argument("--end", type=positive, metavar="HIT", help="decide on a hit")
    chosen.add_argument("--confirm", type=positive, metavar="HIT", help="confirm a true match as the second officer")
    chosen.add_argument("--address", metavar="TEXT", help="tell which lists name an address; needs no officer")
    parser.add_argument("--published", default="", metavar="DAY", help="day of a list whose file does not say it")
    parser.add_argument("--layout", type=Path, metavar="TOML", help="declared layout of a list")
    parser.add_argument("--shrinks", action="store_true", help="let a list in that lost half of its entries")
    parser.add_argument("--verdict", choices=("true", "false"), help="what a hit is")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why")
    add_actor(parser, needed=False)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one step; exit code 1 where an address is named by a list, or hits are open after a comparison."""
    if arguments.end is not None and arguments.verdict is None:
        raise CliError("expected --verdict true or false with --end, found none")
    with open_register(arguments) as register:
        if arguments.address is not None:
            return tell_address(register, arguments.address, output)
        if arguments.source is not None:
            return take_in(register, arguments, output)
        if arguments.end is not None or arguments.confirm is not None:
            return decide_hit(register, arguments, output)
        run = screen(register, actor_of(arguments))
        opened = hits_of(register, standing="open") + hits_of(register, standing="proposed")
    output.say(f"{run.parties} parties compared, {len(run.hits)} new hits, {len(opened)} open")
    for hit in opened:
        tell_hit(output, hit)
    output.result(run._asdict() | {"open": [hit.plain() for hit in opened]})
    return 1 if opened else 0


def take_in(register: Register, arguments: argparse.Namespace, output: Output) -> int:
    """Take one list in."""
    source, file = arguments.source
    terms = {"published": arguments.published, "layout": arguments.layout, "shrinks": arguments.shrinks}
    row = import_list(register, documents_of(arguments), actor_of(arguments), source, Path(file), **terms)
    output.say(f"import {row.import_}: list {source} of {row.published}, {row.entries:,} entries, SHA-256 {row.sha256}")
    output.say(f"  {row.added:,} added, {row.changed:,} changed, {row.removed:,} removed")
    output.result({"import": row.plain()})
    return 0


def decide_hit(register: Register, arguments: argparse.Namespace, output: Output) -> int:
    """Decide on one hit."""
    actor = actor_of(arguments)
    if arguments.confirm is not None:
        hit = confirm_hit(register, actor, arguments.confirm)
    else:
        is_true = arguments.verdict == "true"
        hit = end_hit(register, actor, arguments.end, is_true=is_true, reason=arguments.reason)
    tell_hit(output, hit)
    output.result({"hit": hit.plain()})
    return 0


def tell_address(register: Register, address: str, output: Output) -> int:
    """Tell which lists name an address."""
    found = screen_address(register, address)
    for source, entry in found:
        output.say(f"list {source}, {entry.reference}: {entry.names[0]}")
    output.say(f"{len(found)} entries name {address}")
    output.result({"address": address, "entries": [{"list": source, **entry._asdict()} for source, entry in found]})
    return 1 if found else 0


def tell_hit(output: Output, hit: HitRow) -> None:
    """Print a hit with the parts of its score."""
    parts = hit.plain()["parts"]
    output.say(
        f"hit {hit.hit}: party {hit.party} on the list {hit.source}, {hit.reference}, {hit.standing} {hit.verdict}"
    )
    output.say(f"  {parts['own_name']} | {parts['listed_name']}")
    output.say(
        f"  score {hit.score}: name {parts['name']}, patronymic {parts['patronymic']}, weak {parts['weak']}, "
        f"birth {parts['birth']}, country {parts['country']}, same number or address: {parts['identifier'] or 'none'}"
    )
