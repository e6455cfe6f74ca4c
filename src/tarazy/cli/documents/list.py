"""`tarazy documents list DIR`: documents and tombstones; with --check every document is read and its hash compared."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import head
from tarazy.cli.documents.arguments import add_store, line
from tarazy.cli.output import Output
from tarazy.cli.words import counted
from tarazy.platform.documents.entry import Kind
from tarazy.platform.documents.store import Documents


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_store(parser)
    parser.add_argument("--kind", choices=[each.value for each in Kind], help="only these")
    parser.add_argument(
        "--known-head", type=head, metavar="LINE:HASH", help="a head of the index noted earlier, which must be there"
    )
    parser.add_argument("--check", action="store_true", help="read every document; exit with 1 where one is not whole")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List the documents."""
    store = Documents(arguments.directory)
    if arguments.known_head is not None:
        store.require_line(arguments.known_head[0], arguments.known_head[1].hex())
    entries = [each for each in store.entries() if arguments.kind in (None, each.kind.value)]
    states = store.states(each.sha256 for each in entries) if arguments.check else {}
    lost = [digest for digest, state in states.items() if state not in ("present", "deleted")]
    for each in entries:
        output.say(line(each) + (f"  {states[each.sha256].upper()}" if each.sha256 in lost else ""))
    output.say(f"{counted(len(entries), 'document')}{f', {len(lost)} not whole' if arguments.check else ''}")
    checked = {"states": states} if arguments.check else {}
    output.result({"documents": [each.plain() for each in entries]} | checked)
    return 1 if lost else 0
